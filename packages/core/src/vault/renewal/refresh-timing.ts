import type { Grant } from '../../auth/grant.ts'
import type { ConnectionRecord } from '../connection-record.ts'
import { MAX_CLOCK_SKEW_MS } from './waits.ts'

/** A token is renewed this long before its end at the earliest. */
const LONGEST_MARGIN_MS = 5 * 60_000
/** Short-lived tokens are renewed in the last tenth of their life. */
const MARGIN_OF_LIFE = 0.1
/** Refused when younger than this, a token is not what is wrong: another one would be refused as well. */
const TOO_YOUNG_MS = 10_000

/**
 * When a grant should be renewed: milliseconds since the epoch, Infinity if its end is not known.
 * @param place spreads the connections of an app over the margin, each always at the same point of it
 */
export function renewAt({ issuedAt, expiresAt, learntLifeMs }: Grant, place: string): number {
  const end = expiresAt ?? issuedAt + (learntLifeMs ?? Infinity)
  if (end === Infinity) return Infinity
  const margin = Math.min(LONGEST_MARGIN_MS, Math.max(0, end - issuedAt) * MARGIN_OF_LIFE)
  return end - margin * (0.5 + spread(place) / 2)
}

/** Whether the token has not reached its end. */
export const isValid = ({ expiresAt }: Grant, now: number): boolean => expiresAt === undefined || now < expiresAt

/** Whether the token has not reached its end, as far as that is known or was learnt. */
export const isWithinLife = ({ issuedAt, expiresAt, learntLifeMs = Infinity }: Grant, now: number): boolean =>
  now < (expiresAt ?? issuedAt + learntLifeMs)

/** Whether a refusal may be the token's fault, so that renewing it can help. */
export const mayBeStale = ({ issuedAt, expiresAt }: Grant, now: number): boolean =>
  now - issuedAt >= Math.min(TOO_YOUNG_MS, ((expiresAt ?? Infinity) - issuedAt) / 2) || now < issuedAt

/**
 * How long a token is not refreshed again because of a 401, once another fresh one was refused for the same reason: until
 * it expires, and at most a day. A token whose end is not known is tried again after an hour.
 */
const REFUSED_REST_MS = { known: 24 * 3_600_000, unknown: 3_600_000 }

/** Whether a 401 says nothing about the token of this record, because a token that was just issued was refused as well. */
export function isRefusedFresh(
  { grant, refusedFresh, generation = 0 }: Pick<ConnectionRecord, 'grant' | 'refusedFresh' | 'generation'>,
  now: number,
): boolean {
  if (grant === undefined || refusedFresh?.generation !== generation) return false
  const rest = grant.expiresAt === undefined ? REFUSED_REST_MS.unknown : REFUSED_REST_MS.known
  const restedMs = now - refusedFresh.at
  // Another host noted it, and a clock that is wrong must not make it longer.
  return restedMs >= -MAX_CLOCK_SKEW_MS && restedMs < rest && isValid(grant, now)
}

/** 0 to below 1, always the same for the same text (FNV-1a). */
function spread(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return (hash >>> 0) / 2 ** 32
}
