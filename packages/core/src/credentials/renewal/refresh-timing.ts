import type { Grant } from '../../auth/grant.ts'

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

/** Whether a refusal may be the token's fault, so that renewing it can help. */
export const mayBeStale = ({ issuedAt, expiresAt }: Grant, now: number): boolean =>
  now - issuedAt >= Math.min(TOO_YOUNG_MS, ((expiresAt ?? Infinity) - issuedAt) / 2) || now < issuedAt

/** 0 to below 1, always the same for the same text (FNV-1a). */
function spread(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return (hash >>> 0) / 2 ** 32
}
