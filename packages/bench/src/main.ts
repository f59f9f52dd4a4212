import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Goal } from './report/goal.ts'
import type { Run, Section } from './report/section.ts'
import { goalTable, toJson } from './report/summary.ts'
import { machine, measuredCommit, versions } from './report/surroundings.ts'
import { renderTable } from './report/table.ts'
import { behaviour } from './sections/behaviour.ts'
import { calls } from './sections/calls.ts'
import { coldStart } from './sections/cold-start.ts'
import { growth } from './sections/growth.ts'
import { idleConnections } from './sections/idle-connections.ts'
import { mcpCalls } from './sections/mcp-calls.ts'
import { pipeline } from './sections/pipeline.ts'
import { providers } from './sections/providers.ts'
import { scale } from './sections/scale.ts'
import { syncing } from './sections/sync.ts'
import { buildPackages } from './set-up/build-packages.ts'
import { installPeers } from './set-up/install-peers.ts'

const sections: readonly Section[] = [
  calls,
  mcpCalls,
  pipeline,
  idleConnections,
  coldStart,
  behaviour,
  syncing,
  providers,
  scale,
  growth,
]

/** The time limit of a section: one that hangs is ended with its processes. */
const MAX_MS = 600_000
/** An interquartile range over fewer processes is not worth much. */
const TRIALS = 5
const QUICK_TRIALS = 2

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false }, only: { type: 'string' } } })
const wanted = values.only?.split(',')
const chosen = sections.filter(({ name }) => wanted === undefined || wanted.includes(name.replaceAll(' ', '-')))
if (chosen.length === 0) {
  console.error(`--only takes ${sections.map(({ name }) => name.replaceAll(' ', '-')).join(', ')}, joined by commas.`)
  process.exit(2)
}

const progress = (what: string): void => console.error(`  ${what} ...`)
progress('building what has changed')
await buildPackages()
progress('looking for the peers; their first installation takes a while, and half a gigabyte')
await installPeers()

const run: Run = { quick: values.quick, trials: values.quick ? QUICK_TRIALS : TRIALS, random: Math.random, progress }
const surroundings = machine()
if (surroundings.loadAtStart > surroundings.cores / 2) {
  console.error(`This machine is busy (load ${surroundings.loadAtStart.toFixed(1)}): trust the ratios, not the times.`)
}

const began = performance.now()
const goals: Goal[] = []
const figures: Record<string, unknown> = {}
for (const section of chosen) {
  const limit = setTimeout(() => {
    console.error(`Ended: the section "${section.name}" took more than ${MAX_MS / 60_000} minutes.`)
    process.exit(1)
  }, MAX_MS)
  const result = await section.measure(run)
  clearTimeout(limit)
  for (const table of result.tables) console.log(renderTable(table))
  goals.push(...result.goals)
  figures[section.name] = result.figures
}
console.log(renderTable(goalTable(goals)))
console.log(`\n${Math.round((performance.now() - began) / 1000)} s`)

// A partial run must not replace a whole one.
if (wanted === undefined) {
  const results = {
    mode: run.quick ? 'quick' : 'full',
    commit: measuredCommit(),
    machine: surroundings,
    versions: versions(),
    goals,
    figures,
  }
  writeFileSync(join(import.meta.dirname, '../results.json'), toJson(results))
}
