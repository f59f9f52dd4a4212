import type { RefreshOptions } from '../../auth/grant-flow.ts'
import type { Grant } from '../../auth/grant.ts'
import type { RenewalCause } from './renewal-context.ts'

/** The shortest lifetime that is learned from a refusal. Anything sooner has other reasons. */
const MIN_LEARNED_MS = 60_000

/** Adds the expiry that the connector assumes if the server does not state one. The age of an entered token is unknown. */
export function withAssumedLifetime(grant: Grant, { assumedLifeMs }: RefreshOptions): Grant {
  if (assumedLifeMs === undefined || grant.expiresAt !== undefined || grant.issuedAt === 0) return grant
  return { ...grant, expiresAt: grant.issuedAt + assumedLifeMs }
}

/** Returns the token that identifies a grant: the one that is exchanged for the next grant. */
export const lineageOf = (grant: Grant | undefined): string | undefined => grant?.refreshToken ?? grant?.accessToken

/** Returns whether the stored grant is still the one that was exchanged, so that its successor may replace it. */
export const isSameLineage = (stored: Grant | undefined, exchanged: Grant | undefined): boolean =>
  lineageOf(stored) === lineageOf(exchanged)

/** Returns the grant that follows `parent`: what the server omits stays as it was (RFC 6749, section 6). */
export function descendant(parent: Grant | undefined, fresh: Grant, cause: RenewalCause, now: number): Grant {
  if (parent === undefined) return fresh
  const observed = cause.kind === 'refused' && parent.expiresAt === undefined ? now - parent.issuedAt : Infinity
  const learnt = Math.min(parent.learntLifeMs ?? Infinity, observed >= MIN_LEARNED_MS ? observed : Infinity)
  const { refreshExpiresAt, ...given } = withoutUndefined(fresh) as unknown as Grant
  const { expiresAt: _ended, refreshExpiresAt: _refreshEnds, ...kept } = parent
  const ends = fresh.refreshToken === undefined ? (refreshExpiresAt ?? parent.refreshExpiresAt) : refreshExpiresAt
  return {
    ...kept,
    ...given,
    // A response names the instance again, and not the site that was chosen after consent.
    ...(fresh.settings !== undefined && { settings: { ...parent.settings, ...withoutUndefined(fresh.settings) } }),
    ...(ends !== undefined && { refreshExpiresAt: ends }),
    ...(learnt !== Infinity && { learntLifeMs: learnt }),
  }
}

const withoutUndefined = (members: object): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
