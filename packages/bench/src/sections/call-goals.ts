import { cpu, wall } from '../processes/burst.ts'
import type { BurstCost } from '../processes/burst.ts'
import { judge } from '../report/goal.ts'
import type { Goal } from '../report/goal.ts'
import { compare } from '../statistics/compare.ts'
import type { Rounds } from '../statistics/rounds.ts'

/** The contestants of the goals. They run more rounds, separately. */
export const concerned = ['fetch', 'fetch_with_signal', 'undici_pool', 'ky', 'ours_undici', 'ours_fetch', 'ours_ky']

/** G1, G2 and G3 of the field's notes. */
export function callGoals(closeUp: Rounds<BurstCost>, at64: Rounds<BurstCost>): Goal[] {
  const ratio = (client: string, baseline: string) => compare(closeUp, client, baseline, wall).ratio
  const above = (client: string, baseline: string) => compare(closeUp, client, baseline, cpu).above
  const perSecond = (client: string) => 1e6 / compare(at64, client, 'fetch', cpu).median
  const overSignal = above('ours_fetch', 'fetch_with_signal')
  return [
    judge('G1', 'CPU over undici Pool.request, c=16', 'us', above('ours_undici', 'undici_pool'), { atMost: 8 }),
    judge('G1', 'CPU over bare fetch, c=16', 'us', above('ours_fetch', 'fetch'), { atMost: 8 }),
    judge('G1', 'CPU over fetch with a signal and headers, c=16', 'us', overSignal, { atMost: 8 }),
    judge('G1', 'CPU over bare ky, c=16', 'us', above('ours_ky', 'ky'), { atMost: 8 }),
    judge('G2', 'on ky, wall, c=16', 'x bare ky', ratio('ours_ky', 'ky'), { atMost: 1.15 }),
    judge('G2', 'on fetch, wall, c=16', 'x bare fetch', ratio('ours_fetch', 'fetch'), { atMost: 1.3 }),
    judge('G2', 'on undici, wall, c=16', 'x bare fetch', ratio('ours_undici', 'fetch'), { atMost: 0.55 }),
    judge('G3', 'calls for a second of CPU on undici, c=64', 'calls', perSecond('ours_undici'), { atLeast: 24_000 }),
    judge('G3', 'calls for a second of CPU on fetch, c=64', 'calls', perSecond('ours_fetch'), { atLeast: 9000 }),
  ]
}
