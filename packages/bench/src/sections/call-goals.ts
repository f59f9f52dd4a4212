import { cpu, wall } from '../processes/burst.ts'
import type { BurstCost } from '../processes/burst.ts'
import { judge } from '../report/goal.ts'
import type { Goal } from '../report/goal.ts'
import { compare, compareTrials } from '../statistics/compare.ts'
import type { Rounds } from '../statistics/rounds.ts'
import { spreadOf } from '../statistics/spread.ts'

/** The contestants of the goals. They run more rounds, separately. */
export const goalContestants = [
  'fetch',
  'fetch_with_signal',
  'undici_pool',
  'ky',
  'transport_undici',
  'transport_fetch',
  'transport_ky',
  'ours_undici',
  'ours_fetch',
  'ours_ky',
]

type Trials = readonly Rounds<BurstCost>[]

/**
 * G1, G2 and G3 of the field's notes.
 * @param closeUp the rounds with 16 concurrent calls
 * @param at64 the rounds with 64 concurrent calls
 */
export function callGoals(closeUp: Trials, at64: Trials): Goal[] {
  const overTransport = (transport: string) =>
    compareTrials(closeUp, `ours_${transport}`, `transport_${transport}`, cpu).above
  const wallRatio = (client: string, baseline: string) => compareTrials(closeUp, client, baseline, wall).ratio
  return [
    ...['undici', 'fetch', 'ky'].map((transport) =>
      judge('G1', `pipeline, CPU over our ${transport} transport, c=16`, 'us', overTransport(transport), {
        costAtMost: 12,
      }),
    ),
    judge('G2', 'on ky, wall, c=16', 'x bare ky', wallRatio('ours_ky', 'ky'), { atMost: 1.15 }),
    judge('G2', 'on fetch, wall, c=16', 'x bare fetch', wallRatio('ours_fetch', 'fetch'), { atMost: 1.3 }),
    judge('G2', 'on undici, wall, c=16', 'x bare fetch', wallRatio('ours_undici', 'fetch'), { atMost: 0.55 }),
    ...(
      [
        ['ours_undici', 'undici_pool', 'Pool.request'],
        ['ours_fetch', 'fetch', 'bare fetch'],
      ] as const
    ).map(([client, bare, name]) =>
      judge('G3', `calls for a second of CPU, c=64, of those of ${name}`, '%', shareOf(at64, client, bare), {
        atLeast: 75,
      }),
    ),
  ]
}

/** Returns the calls for a second of CPU as a percentage of those of the baseline. */
const shareOf = (trials: Trials, client: string, baseline: string) =>
  spreadOf(trials.map((rounds) => 100 * compare(rounds, baseline, client, cpu).ratio))
