import type { StoreBucket } from '@mcpclient/core'

/** The state of a bucket: the amount that is taken and not refilled yet, and the time of that amount. */
export interface Level {
  readonly taken: number
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** A tolerance for rounding: a thousandth of a token, which never adds up to one. */
const ROUNDING = 1e-3

/**
 * Takes `cost` if it fits. The state is an amount, not a time, so counting is exact however far the epoch is.
 */
export function takeFrom(
  level: Level | undefined,
  { capacity, perMs, cost }: StoreBucket,
  nowMs: number,
): { readonly level: Level; readonly waitMs: number } {
  // A wall clock that was set back neither refills nor drains the bucket.
  const elapsedMs = Math.max(0, nowMs - (level?.at ?? nowMs))
  const left = Math.max(0, (level?.taken ?? 0) - (elapsedMs * capacity) / perMs)
  // Its capacity may have been larger before.
  const taken = Math.min(left, capacity + ROUNDING)
  const excess = taken + cost - capacity
  if (excess <= ROUNDING) return { level: { taken: taken + cost, at: nowMs }, waitMs: 0 }
  return { level: { taken, at: nowMs }, waitMs: Math.ceil((excess * perMs) / capacity) }
}

/** Returns the time at which the bucket is full again and can be deleted. */
export const fullAt = ({ taken, at }: Level, { capacity, perMs }: StoreBucket): number =>
  at + (taken * perMs) / capacity
