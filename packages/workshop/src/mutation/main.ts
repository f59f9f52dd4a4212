import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { seededRandom } from '@mcpclient/testing'
import pLimit from 'p-limit'
import { readTree, root } from '../tree.ts'
import { chooseMutants } from './choose.ts'
import { typeChecker } from './compiles.ts'
import { mutate, withProbes } from './mutations.ts'
import type { Mutation } from './mutations.ts'
import { readReach, runTests } from './run-tests.ts'

/** Files that are mutated: what is published and runs in a host's process. */
const MUTATED = /^packages\/(?:core|mcp|webhooks|(?:connectors|secrets|stores)\/[^/]+)\/src\/.*\.ts$/
/** A mutant is first tried with the test files that are closest to it, because one of those usually fails. */
const FIRST_FILES = 8
const MIN_LIMIT_MS = 10 * 60_000
/** A mutant's tests run in one worker, and other work may slow the machine down: neither must count as a kill. */
const BASELINES_PER_LIMIT = 6
const MAX_BASELINE_MS = 60 * 60_000

const say = (text: string): void => void process.stdout.write(`${text}\n`)

const { values } = parseArgs({
  options: {
    mutants: { type: 'string', default: '60' },
    seed: { type: 'string' },
    only: { type: 'string', default: '' },
    tests: { type: 'string', default: '' },
    parallel: { type: 'string', default: '2' },
    // Continues a run that was stopped: the mutants before this one are not judged.
    from: { type: 'string', default: '1' },
  },
})
const count = Number(values.mutants)
const parallel = Number(values.parallel)
const from = Number(values.from)
const seed = values.seed ?? String(Math.floor(Math.random() * 2 ** 31))
if (![count, parallel, from].every((number) => Number.isSafeInteger(number) && number >= 1) || from > count) {
  say('Usage: npm run mutate -- [--mutants N] [--seed S] [--from N] [--only PATH] [--tests PATH] [--parallel N]')
  process.exit(2)
}

const sources = new Map([...readTree(root)].filter(([path]) => MUTATED.test(path) && path.startsWith(values.only)))
say(`Seed ${seed}: choosing ${count} mutants in ${sources.size} files.`)
const mutants = chooseMutants(sources, count, seededRandom(seed), typeChecker()).slice(from - 1)

say('Running the tests once to record which mutants each file reaches.')
const reachFolder = mkdtempSync(join(tmpdir(), 'mutation-reach-'))
const texts: Record<string, string> = {}
for (const path of new Set(mutants.map((mutant) => mutant.path))) {
  const inFile = mutants.filter((mutant) => mutant.path === path)
  texts[join(root, path)] = withProbes(sources.get(path) ?? '', inFile, (mutant) => mutants.indexOf(mutant))
}
const startedAt = performance.now()
const baseline = await runTests({ texts, reachFolder }, values.tests === '' ? [] : [values.tests], MAX_BASELINE_MS)
const reach = readReach(reachFolder)
rmSync(reachFolder, { recursive: true, force: true })
if (baseline !== 'passed') {
  say(`The tests ${baseline} without any mutant: mend them first.`)
  process.exit(1)
}

const limitMs = Math.max(MIN_LIMIT_MS, BASELINES_PER_LIMIT * (performance.now() - startedAt))
say(`The tests of a mutant may take ${Math.round(limitMs / 60_000)} minutes.`)

type Verdict = 'killed' | 'timed out' | 'survived' | 'not reached'
const judge = async (mutant: Mutation, id: number): Promise<Verdict> => {
  const files = (reach.get(id) ?? []).map((file) => relative(root, file))
  if (files.length === 0) return 'not reached'
  const plan = { texts: { [join(root, mutant.path)]: mutate(sources.get(mutant.path) ?? '', mutant) } }
  const nearest = files.toSorted((a, b) => closeness(mutant.path, b) - closeness(mutant.path, a))
  for (const some of [nearest.slice(0, FIRST_FILES), nearest.slice(FIRST_FILES)]) {
    if (some.length === 0) continue
    const outcome = await runTests(plan, some, limitMs)
    if (outcome !== 'passed') return outcome === 'failed' ? 'killed' : outcome
  }
  return 'survived'
}

/** Counts the words that two paths share. */
function closeness(one: string, other: string): number {
  const words = new Set(one.split(/[^a-z0-9]+/))
  return other.split(/[^a-z0-9]+/).filter((word) => words.has(word)).length
}

const describe = ({ operator, path, line, start, end, replacement }: Mutation): string => {
  const original = sources.get(path)?.slice(start, end) ?? ''
  const short = (text: string): string =>
    (text.length > 160 ? `${text.slice(0, 160)} ...` : text).replaceAll(/\s+/g, ' ')
  return `${path}:${line} ${operator}\n    - ${short(original)}\n    + ${short(replacement)}`
}

let done = from - 1
const verdicts = await pLimit(parallel).map(mutants, async (mutant, id) => {
  const verdict = await judge(mutant, id)
  const which = verdict === 'killed' ? `${mutant.path}:${mutant.line} ${mutant.operator}` : describe(mutant)
  say(`${++done}/${from - 1 + mutants.length} ${verdict}: ${which}`)
  return verdict
})
const counted = (verdict: Verdict): number => verdicts.filter((each) => each === verdict).length
say(`\nSeed ${seed}: ${counted('killed')} of ${mutants.length} mutants were killed.`)
say(`${counted('timed out')} timed out, ${counted('survived')} survived, ${counted('not reached')} were not reached.`)
const left = mutants.flatMap((mutant, id) => (verdicts[id] === 'killed' ? [] : `${verdicts[id]}: ${describe(mutant)}`))
if (left.length > 0) say(`\nNot killed:\n${left.join('\n')}`)
