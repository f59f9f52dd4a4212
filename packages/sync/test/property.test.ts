import { describe, expect, it } from 'vitest'
import { runSync } from '../src/engine.ts'
import { kindNames } from './simulation/kinds.ts'
import type { KindName } from './simulation/kinds.ts'
import { simulate } from './simulation/simulate.ts'
import type { Outcome } from './simulation/simulate.ts'

const SEEDS = 80

/** Losses that the table of guarantees allows, and that the result of a run reports. */
const admitted: Readonly<Record<KindName, readonly Outcome['admitted'][number][]>> = {
  full: ['respelled'],
  'no etags': ['respelled', 'lost', 'lost in the lag'],
  'no etags of removals': ['respelled', 'lost', 'lost in the lag'],
  'no tombstones': ['respelled'],
  hinted: ['respelled'],
  keys: ['respelled', 'repeated', 'twice for a while', 'duplicate'],
  markers: ['respelled'],
  neither: ['respelled', 'duplicate'],
}

/** Events that a batch must contain, or its predicates have proved nothing. */
const exercised = ['conflicts', 'crashes', 'failures', 'superseded', 'finished', 'gets'] as const

describe.each(kindNames)('a provider of the kind "%s"', (kind) => {
  it(`holds the guarantees in ${SEEDS} hostile histories`, { timeout: 120_000 }, async () => {
    const totals = new Map<string, number>()
    for (let seed = 1; seed <= SEEDS; seed++) {
      const outcome = await simulate(seed, kind, runSync)
      expect(outcome.violations, `seed ${seed}`).toEqual([])
      expect(outcome.admitted.filter((each) => !admitted[kind].includes(each))).toEqual([])
      for (const [name, count] of Object.entries(outcome.counts)) totals.set(name, (totals.get(name) ?? 0) + count)
    }
    expect(exercised.filter((name) => (totals.get(name) ?? 0) === 0)).toEqual([])
  })
})

it('runs the same history for the same seed', async () => {
  const traces = await Promise.all(
    [1, 1].map(async (seed) => {
      const trace: string[] = []
      await simulate(seed, 'full', runSync, (line) => trace.push(line))
      return trace
    }),
  )
  expect(traces[0]?.length).toBeGreaterThan(200)
  expect(traces[1]).toEqual(traces[0])
})
