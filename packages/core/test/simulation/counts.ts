/**
 * Why the end of a grant could not be helped.
 *
 * `crash`: a process ended between the server's answer and its writing. `no_reply`: the answer never came. `held_up`: a
 * process had the answer, and was paused or cut off from the store for longer than its lease. `window_passed`: any of
 * these where a spent token is answered for a while, and nobody came, or got through, before the while was over.
 */
export type LossKind = (typeof lossKinds)[number]
export const lossKinds = ['crash', 'no_reply', 'held_up', 'window_passed'] as const

export const countNames = [
  'schedules',
  'events',
  'calls',
  'refreshes',
  'token requests',
  '401s',
  'crashes',
  'lost replies',
  'lost acknowledgements',
  'leases taken over',
  'grants held back',
  'people acted',
  'ended by people',
  'recovered',
  'tellings cut off',
  'id_tokens judged',
  'id_tokens that could not be judged',
  'stray clocks',
  'clock jumps of hours',
  'leases taken by wrong clocks',
  'operations without a response',
  'calls that timed out',
  'refusals of fresh tokens',
  'checks',
] as const

export type CountName = (typeof countNames)[number] | `lost: ${LossKind}`
export type Counts = Map<CountName, number>

export function count(counts: Counts, name: CountName, by = 1): void {
  counts.set(name, (counts.get(name) ?? 0) + by)
}

export function addCounts(sum: Counts, more: Counts): void {
  for (const [name, by] of more) count(sum, name, by)
}
