import { performance } from 'node:perf_hooks'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { runSync } from '../../src/engine.ts'
import { firstViolation } from './kill.ts'
import { kindNames } from './kinds.ts'
import type { KindName } from './kinds.ts'
import { mutants } from './mutants.ts'
import { simulate } from './simulate.ts'

const say = (text: string): void => void process.stdout.write(`${text}\n`)

const { values } = parseArgs({
  options: {
    sync: { type: 'boolean' },
    seeds: { type: 'string', default: '1000' },
    seed: { type: 'string' },
    kind: { type: 'string' },
    trace: { type: 'boolean', default: false },
    mutants: { type: 'boolean', default: false },
  },
})
const seeds = Number(values.seeds)
const first = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed)
const kinds = kindNames.filter((name) => values.kind === undefined || name === values.kind)
if (!Number.isSafeInteger(seeds) || seeds < 1 || !Number.isSafeInteger(first) || first < 0 || kinds.length === 0) {
  say('Usage: npm run simulate -- --sync [--seeds N] [--seed S] [--kind K] [--trace] [--mutants]')
  say(`N and S are whole numbers. K is one of: ${kindNames.join(', ')}.`)
  process.exit(2)
}

// An error takes most of its time to look at the stack, which no reader needs here.
Error.stackTraceLimit = 0
process.exitCode = values.mutants ? await runMutants() : await runKinds()

async function runMutants(): Promise<number> {
  const { mutantEngine } = await import('./mutant-hooks.ts')
  let survivors = 0
  for (const mutant of mutants) {
    const killed = await firstViolation(mutant.kind, await mutantEngine(mutant), seeds)
    if (killed === undefined) survivors++
    say(`${mutant.name}: ${killed === undefined ? 'survives' : `seed ${killed.seed} by ${killed.by}`}`)
  }
  return survivors === 0 ? 0 : 1
}

async function runKinds(): Promise<number> {
  say(`Histories ${first} to ${first + seeds - 1} at each kind of provider`)
  let violated = 0
  for (const kind of kinds) violated += await runKind(kind)
  return violated === 0 ? 0 : 1
}

/** Runs the histories of a kind. Returns how many broke a predicate. */
async function runKind(kind: KindName): Promise<number> {
  const began = performance.now()
  const found = new Map<string, { readonly count: number; readonly first: string }>()
  const totals = new Map<string, number>()
  let violated = 0
  const note = (name: string, text: string): void => {
    const known = found.get(name)
    found.set(name, { count: (known?.count ?? 0) + 1, first: known?.first ?? text })
  }
  for (let seed = first; seed < first + seeds; seed++) {
    const { violations, admitted, counts } = await simulate(seed, kind, runSync, values.trace ? say : undefined)
    if (violations.length > 0) violated++
    for (const { predicate, text } of violations) note(predicate, `seed ${seed}: ${text}`)
    for (const name of admitted) note(`admitted: ${name}`, `seed ${seed}`)
    for (const [name, count] of Object.entries(counts)) totals.set(name, (totals.get(name) ?? 0) + count)
  }
  const perSecond = Math.round((seeds * 1000) / (performance.now() - began))
  say(`\n${kind}: ${violated} of ${seeds.toLocaleString('en')} broke a predicate, ${perSecond} a second`)
  say(`  ${[...totals].map(([name, count]) => `${name} ${count.toLocaleString('en')}`).join(' · ')}`)
  for (const [name, { count, first: text }] of found) say(`  ${name}: ${count}, first ${text}`)
  return violated
}
