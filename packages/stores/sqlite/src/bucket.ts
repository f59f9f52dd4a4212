import type { StoreBucket } from '@mcpclient/core'

/** What a bucket remembers: how much has been taken and has not come back yet, and when that was so. */
export interface Level {
  readonly taken: number
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** A thousandth of a token forgives rounding, and can never add up to one. */
const ROUNDING = 1e-3

/**
 * Takes `cost` if it fits. What was taken is kept as it is, not as a time: counting stays exact however far the epoch is.
 */
export function takeFrom(
  level: Level | undefined,
  { capacity, perMs, cost }: StoreBucket,
  nowMs: number,
): { readonly level: Level; readonly waitMs: number } {
  // A wall clock that was set back gives nothing back, and takes nothing away.
  const elapsedMs = Math.max(0, nowMs - (level?.at ?? nowMs))
  const left = Math.max(0, (level?.taken ?? 0) - (elapsedMs * capacity) / perMs)
  // It may have had a larger capacity before.
  const taken = Math.min(left, capacity + ROUNDING)
  const excess = taken + cost - capacity
  if (excess <= ROUNDING) return { level: { taken: taken + cost, at: nowMs }, waitMs: 0 }
  return { level: { taken, at: nowMs }, waitMs: Math.ceil((excess * perMs) / capacity) }
}

/** When the bucket is full again, and need not be remembered. */
export const fullAt = ({ taken, at }: Level, { capacity, perMs }: StoreBucket): number =>
  at + (taken * perMs) / capacity
