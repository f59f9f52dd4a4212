import type { Grant } from '../../auth/grant.ts'
import type { ConnectionRecord, Trouble } from '../connection-record.ts'

/** Durations are milliseconds. */
export interface RenewalTiming {
  /** The time for which no other process uses the token that the holder of the lease is using. */
  readonly leaseMs: number
  /** The interval at which a lease that another process holds is read again. */
  readonly pollMs: number
  /** The largest clock skew before one process treats a lease of another as expired. */
  readonly clockSkewMs: number
}

export const renewalTiming: RenewalTiming = { leaseMs: 30_000, pollMs: 100, clockSkewMs: 5 * 60_000 }

/** The longest time before its expiry at which a token is refreshed. */
const MAX_MARGIN_MS = 5 * 60_000
/** Short-lived tokens are refreshed in the last tenth of their lifetime. */
const MARGIN_OF_LIFE = 0.1
/** A younger token that is refused is not the reason: another one would be refused as well. */
const TOO_YOUNG_MS = 10_000

/** The longest wait between two renewals, whatever a provider asks for: 15 minutes. */
export const MAX_RENEWAL_WAIT_MS = 15 * 60_000
/** Refusals without a reason may come from an outage, so the grant is tried again after an hour. */
export const UNEXPLAINED_AGAIN_MS = 60 * 60_000
/** The largest difference between the clocks of two hosts. A time in a row that is further off is wrong. */
export const MAX_CLOCK_SKEW_MS = 5 * 60_000

/**
 * Returns when to refresh a grant, in milliseconds since the epoch; Infinity if its expiry is unknown.
 * @param storeKey spreads the connections of an app over the margin, each always at the same point of it
 */
export function renewAt({ issuedAt, expiresAt, learntLifeMs }: Grant, storeKey: string): number {
  const end = expiresAt ?? issuedAt + (learntLifeMs ?? Infinity)
  if (end === Infinity) return Infinity
  const margin = Math.min(MAX_MARGIN_MS, Math.max(0, end - issuedAt) * MARGIN_OF_LIFE)
  return end - margin * (0.5 + spread(storeKey) / 2)
}

/** Returns whether the token has not expired. */
export const isValid = ({ expiresAt }: Grant, now: number): boolean => expiresAt === undefined || now < expiresAt

/** Returns whether the token has not expired, by the expiry that is known or was learned. */
export const isWithinLife = ({ issuedAt, expiresAt, learntLifeMs = Infinity }: Grant, now: number): boolean =>
  now < (expiresAt ?? issuedAt + learntLifeMs)

/** Returns whether the token may be the reason of a refusal, so that refreshing it can help. */
export const mayBeStale = ({ issuedAt, expiresAt }: Grant, now: number): boolean =>
  now - issuedAt >= Math.min(TOO_YOUNG_MS, ((expiresAt ?? Infinity) - issuedAt) / 2) || now < issuedAt

/**
 * The longest time for which a token is not refreshed after a 401, once a fresh one was refused as well. It ends when the
 * token expires. A token whose expiry is unknown is tried again after an hour.
 */
const REFUSED_REST_MS = { known: 24 * 3_600_000, unknown: 3_600_000 }

/** Returns whether a 401 says nothing about this token, because one that was just issued was refused as well. */
export function isRefusedFresh(
  { grant, refusedFresh, generation = 0 }: Pick<ConnectionRecord, 'grant' | 'refusedFresh' | 'generation'>,
  now: number,
): boolean {
  if (grant === undefined || refusedFresh?.generation !== generation) return false
  const rest = grant.expiresAt === undefined ? REFUSED_REST_MS.unknown : REFUSED_REST_MS.known
  const restedMs = now - refusedFresh.at
  // Another host noted it, and a wrong clock must not prolong it.
  return restedMs >= -MAX_CLOCK_SKEW_MS && restedMs < rest && isValid(grant, now)
}

/**
 * Returns when the next attempt is allowed, on this host's clock. Another host's clock wrote the time in the row: one that
 * lies further ahead than the longest wait is wrong, and means that there is no wait.
 * @param maxMs the longest wait that a writer notes
 */
export const waitsUntil = (
  retryAt: number | undefined,
  now: number,
  maxMs = UNEXPLAINED_AGAIN_MS,
): number | undefined => (retryAt === undefined || retryAt - now > maxMs + MAX_CLOCK_SKEW_MS ? undefined : retryAt)

/** Returns whether the next attempt is not allowed yet. */
export const isWaiting = (trouble: Trouble | undefined, now: number, maxMs?: number): boolean =>
  now < (waitsUntil(trouble?.retryAt, now, maxMs) ?? -Infinity)

/** Returns when something in a row began. A wrong clock wrote a time in the future: then it begins now. */
export const sinceIn = (since: number, now: number): number => (since - now > MAX_CLOCK_SKEW_MS ? now : since)

/** Returns a number from 0 to below 1, always the same for the same string (FNV-1a). */
function spread(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return (hash >>> 0) / 2 ** 32
}
