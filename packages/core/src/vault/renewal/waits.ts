import type { Trouble } from '../connection-record.ts'

/** No wait between two renewals is longer than this, whatever a provider asks for: 15 minutes. */
export const MAX_RENEWAL_WAIT_MS = 15 * 60_000

/** Refusals without a reason may come from an outage, so the grant is tried again after this time: an hour. */
export const UNEXPLAINED_AGAIN_MS = 60 * 60_000

/** By how much the clocks of two hosts may differ before a time in a row is not believed. */
export const MAX_CLOCK_SKEW_MS = 5 * 60_000

/**
 * When the next attempt is allowed, on this host's clock. The time in a row was written by another host's clock: one that
 * lies further ahead than any wait can is wrong, and means that there is no wait.
 * @param maxMs the longest wait that a writer notes
 */
export const waitsUntil = (
  retryAt: number | undefined,
  now: number,
  maxMs = UNEXPLAINED_AGAIN_MS,
): number | undefined => (retryAt === undefined || retryAt - now > maxMs + MAX_CLOCK_SKEW_MS ? undefined : retryAt)

/** Whether a renewal of this connection has to wait. */
export const isWaiting = (trouble: Trouble | undefined, now: number, maxMs?: number): boolean =>
  now < (waitsUntil(trouble?.retryAt, now, maxMs) ?? -Infinity)

/** How long ago a row says that something began. What lies in the future was written by a wrong clock: it begins now. */
export const sinceIn = (since: number, now: number): number => (since - now > MAX_CLOCK_SKEW_MS ? now : since)
