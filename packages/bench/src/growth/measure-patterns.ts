import { startProcess } from '../processes/asked-process.ts'
import { wall } from '../processes/burst.ts'
import type { BurstCost } from '../processes/burst.ts'
import { runTrials } from '../processes/trials.ts'
import { judge } from '../report/goal.ts'
import type { Run, SectionResult } from '../report/section.ts'
import { spreadCells } from '../report/table.ts'
import { compareTrials } from '../statistics/compare.ts'
import { playRounds } from '../statistics/rounds.ts'
import type { PatternsOptions } from './patterns-process.ts'

const FEW_PATTERNS = 1
const MANY_PATTERNS = 5000

const policies = {
  one: { name: 'list, 1 pattern', patterns: FEW_PATTERNS, isFunction: false },
  many: { name: `list, ${MANY_PATTERNS} patterns`, patterns: MANY_PATTERNS, isFunction: false },
  function_one: { name: 'function, 1 pattern', patterns: FEW_PATTERNS, isFunction: true },
  function_many: { name: `function, ${MANY_PATTERNS} patterns`, patterns: MANY_PATTERNS, isFunction: true },
} as const satisfies Readonly<Record<string, PatternsOptions & { readonly name: string }>>
type PolicyKey = keyof typeof policies
const policyKeys = Object.keys(policies) as PolicyKey[]

/** Compares calls under policies of one pattern and of many. */
export async function measurePatterns(run: Run): Promise<SectionResult> {
  const trials = await runTrials(run, {
    what: 'policy patterns',
    contestants: policyKeys,
    async start(key) {
      const process = startProcess('growth/patterns-process.ts')
      await process.ask('open', policies[key as PolicyKey])
      await process.ask('burst', { calls: 5000, concurrency: 1 })
      return process
    },
    measure: (ask) =>
      playRounds({ contestants: policyKeys, rounds: run.quick ? 6 : 20, random: run.random, mostMs: 4000 }, (key) =>
        ask<BurstCost>(key, 'burst', { calls: 1000, concurrency: 1 }),
      ),
  })
  const figures = policyKeys.map((key) => {
    const { median: us, ratio } = compareTrials(trials, key, policies[key].isFunction ? 'function_one' : 'one', wall)
    return { key, us, ratio }
  })
  return {
    tables: [
      {
        title: 'A call by the number of patterns in the policy, no wire',
        columns: ['policy', 'us', 'middle half', 'x 1 pattern', 'middle half'],
        rows: figures.map(({ key, us, ratio }) => [policies[key].name, ...spreadCells(us), ...spreadCells(ratio)]),
      },
    ],
    goals: figures
      .filter(({ key }) => policies[key].patterns === MANY_PATTERNS)
      .map(({ key, ratio }) => judge('growth', `a call, ${policies[key].name}`, 'x 1 pattern', ratio, { atMost: 1.5 })),
    figures: { patterns: figures },
  }
}
