/**
 * The reasons for an unavoidable loss of a grant.
 *
 * `crash`: a process crashed between the server's response and its write. `no_reply`: no response arrived. `held_up`: a
 * process had the response, and was paused or disconnected from the store for longer than its lease. `window_passed`:
 * any of these with a reuse window, in which no other process succeeded.
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
  'user actions',
  'revoked by users',
  'recovered',
  'events cut off',
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
