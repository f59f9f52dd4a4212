import { startProcess } from '../processes/asked-process.ts'
import type { AskedProcess } from '../processes/asked-process.ts'
import { judge } from '../report/goal.ts'
import type { Section } from '../report/section.ts'
import { compare } from '../statistics/compare.ts'
import { median } from '../statistics/median.ts'
import { playRounds } from '../statistics/rounds.ts'

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

/** No garbage is collected while it is counted: the nursery holds all of it. */
const countingMemory = ['--expose-gc', '--min-semi-space-size=256', '--max-semi-space-size=256']
/** The values of those options are megabytes; the bursts stay well below. */
const ALLOCATING_OPERATIONS = 4000

/** Measures the cost of the pipeline itself, with a transport that responds immediately. */
export const pipeline: Section = {
  name: 'pipeline',
  async measure(run) {
    const variants = Object.keys(names) as Variant[]
    const times = 4000
    const processes = new Map<string, AskedProcess>()
    try {
      for (const variant of variants) {
        const process = startProcess('pipeline/repeating-process.ts')
        processes.set(variant, process)
        await process.ask('open', { variant })
        await process.ask('repeat', { times: times * 3 })
      }
      run.progress('the pipeline on a transport that responds immediately')
      const rounds = await playRounds(
        { contestants: variants, rounds: run.quick ? 15 : 60, random: run.random, mostMs: run.quick ? 5000 : 25_000 },
        async (variant) => (await processes.get(variant)?.ask<number>('time', { times })) ?? Number.NaN,
      )
      const bytes = new Map<Variant, number>()
      for (const variant of variants) bytes.set(variant, await bytesOf(variant))
      const ns = (variant: Variant) => compare(rounds, variant, 'await', (each) => each).median
      const overError = (variant: Variant) => compare(rounds, variant, 'error', (each) => each).above / 1000
      return {
        tables: [
          {
            title: 'The pipeline on a transport that responds immediately',
            columns: ['operation', 'ns', 'bytes'],
            rows: variants.map((variant) => [
              names[variant],
              Math.round(ns(variant)),
              Math.round(bytes.get(variant) ?? 0),
            ]),
          },
        ],
        goals: [
          judge('G4', 'a read through every stage, no wire', 'us', ns('read') / 1000, { atMost: 1.2 }),
          judge('G4', 'garbage of that read', 'bytes', bytes.get('read') ?? Number.NaN, { atMost: 4096 }),
          judge('G4', 'refusal by an open breaker, over its error', 'us', overError('breaker_open'), { atMost: 1 }),
          judge('G4', 'refusal by a spent limit, over its error', 'us', overError('limit_spent'), { atMost: 1 }),
          judge('G5', 'calls a second that the rate limit lets in', 'calls/s', 1e9 / ns('rate_limit'), {
            atLeast: 500_000,
          }),
        ],
        figures: Object.fromEntries(
          variants.map((variant) => [variant, { ns: ns(variant), bytes: bytes.get(variant) }]),
        ),
      }
    } finally {
      await Promise.all([...processes.values()].map((each) => each.close()))
    }
  },
}

async function bytesOf(variant: Variant): Promise<number> {
  const process = startProcess('pipeline/repeating-process.ts', { nodeOptions: countingMemory })
  try {
    await process.ask('open', { variant })
    await process.ask('repeat', { times: ALLOCATING_OPERATIONS * 3 })
    const counts: number[] = []
    for (let count = 0; count < 5; count++) {
      counts.push(await process.ask<number>('allocate', { times: ALLOCATING_OPERATIONS }))
    }
    return median(counts)
  } finally {
    await process.close()
  }
}
