import { startProcess } from '../processes/asked-process.ts'
import { runTrials } from '../processes/trials.ts'
import { judge } from '../report/goal.ts'
import type { Section } from '../report/section.ts'
import { spreadText } from '../report/table.ts'
import { compareTrials } from '../statistics/compare.ts'
import { median } from '../statistics/median.ts'
import { playRounds } from '../statistics/rounds.ts'
import type { Rounds } from '../statistics/rounds.ts'
import { spreadOf } from '../statistics/spread.ts'
import type { Spread } from '../statistics/spread.ts'

const names = {
  await: 'await of nothing',
  read: 'a read through every stage',
  write: 'a write through every stage, approved',
  no_stages: 'the same call with no stage at all',
  breaker_open: 'refused by the open breaker',
  limit_spent: 'refused by a spent limit',
  error: 'making and throwing the error alone',
  approve: 'stage: approve (read)',
  retry: 'stage: retry',
  breaker: 'stage: breaker',
  rate_limit: 'stage: rate limit (rate and concurrency)',
  timeout: 'stage: timeout',
  authorize: 'stage: authorize',
} as const
type Variant = keyof typeof names
const variants = Object.keys(names) as Variant[]

/** Operations of one measurement, and before it, so that they are compiled. */
const TIMES = 4000
const WARM_UP_TIMES = 3 * TIMES

/** No garbage is collected while it is counted: the nursery, in megabytes, holds all of it. */
const countingMemory = ['--expose-gc', '--min-semi-space-size=256', '--max-semi-space-size=256']
const COUNTS = 3

const start = async (variant: string, nodeOptions: readonly string[] = []) => {
  const process = startProcess('pipeline/repeating-process.ts', { nodeOptions })
  await process.ask('open', { variant })
  await process.ask('repeat', { times: WARM_UP_TIMES })
  return process
}

/** Measures the cost of the pipeline itself, with a transport that responds immediately. */
export const pipeline: Section = {
  name: 'pipeline',
  async measure(run) {
    const times = await runTrials<Rounds<number>>(run, {
      what: 'the pipeline on a transport that responds immediately',
      contestants: variants,
      start: (variant) => start(variant),
      measure: (ask) =>
        playRounds(
          {
            contestants: variants,
            rounds: run.quick ? 8 : 15,
            random: run.random,
            mostMs: run.quick ? 2500 : 5000,
          },
          (variant) => ask<number>(variant, 'time', { times: TIMES }),
        ),
    })
    run.progress('the bytes that it allocates')
    const bytes = new Map<Variant, Spread>()
    for (const variant of variants) bytes.set(variant, await bytesOf(variant, run.trials))

    const ns = (variant: Variant) => compareTrials(times, variant, 'await', (each) => each).median
    const us = (variant: Variant) => inMicroseconds(ns(variant))
    const overError = (variant: Variant) => inMicroseconds(compareTrials(times, variant, 'error', (each) => each).above)
    const perSecond = spreadOf(times.map((rounds) => 1e9 / median(rounds.get('rate_limit') ?? [])))
    return {
      tables: [
        {
          title: 'The pipeline on a transport that responds immediately',
          columns: ['operation', 'ns', 'middle half', 'bytes', 'middle half'],
          rows: variants.map((variant) => [
            names[variant],
            ...[ns(variant), bytes.get(variant)].flatMap((each) =>
              each === undefined ? [] : [Math.round(each.figure), spreadText(each)],
            ),
          ]),
        },
      ],
      goals: [
        judge('G4', 'a read through every stage, no wire', 'us', us('read'), { atMost: 3 }),
        judge('G4', 'garbage of that read', 'bytes', bytes.get('read') ?? Number.NaN, { atMost: 6144 }),
        ...(['breaker_open', 'limit_spent'] as const).flatMap((refusal) => [
          judge('G4', `${names[refusal]}, over its error`, 'us', overError(refusal), { costAtMost: 1.5 }),
          judge('G4', `${names[refusal]}, in all`, 'us', us(refusal), { atMost: 5 }),
        ]),
        judge('G5', 'calls a second that the rate limit lets in', 'calls/s', perSecond, { atLeast: 500_000 }),
      ],
      figures: Object.fromEntries(variants.map((variant) => [variant, { ns: ns(variant), bytes: bytes.get(variant) }])),
    }
  },
}

const inMicroseconds = ({ figure, from, to }: Spread): Spread => ({
  figure: figure / 1000,
  from: from / 1000,
  to: to / 1000,
})

/** Counts the bytes that one operation allocates, in several fresh processes. */
async function bytesOf(variant: Variant, trials: number): Promise<Spread> {
  const ofTrials: number[] = []
  while (ofTrials.length < trials) {
    const process = await start(variant, countingMemory)
    try {
      const counts: number[] = []
      while (counts.length < COUNTS) counts.push(await process.ask<number>('allocate', { times: TIMES }))
      ofTrials.push(median(counts))
    } finally {
      await process.close()
    }
  }
  return spreadOf(ofTrials)
}
