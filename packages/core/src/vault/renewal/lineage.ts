import type { Grant } from '../../auth/grant.ts'
import type { RenewalCause } from './renewal-world.ts'

/** What a grant descends by: what has to be spent for the next one. */
export const lineageOf = (grant: Grant | undefined): string | undefined => grant?.refreshToken ?? grant?.accessToken

/** Whether nothing has taken the place of the grant, so that what was got for it may. */
export const isSameLineage = (stored: Grant | undefined, spent: Grant | undefined): boolean =>
  lineageOf(stored) === lineageOf(spent)

/** The shortest life that a refusal teaches; anything sooner has other reasons. */
const SHORTEST_LEARNT_MS = 60_000

/** The grant that follows `parent`: what the server left out stays as it was (RFC 6749, section 6). */
export function descendant(parent: Grant | undefined, fresh: Grant, cause: RenewalCause, now: number): Grant {
  if (parent === undefined) return fresh
  const observed = cause.kind === 'refused' && parent.expiresAt === undefined ? now - parent.issuedAt : Infinity
  const learnt = Math.min(parent.learntLifeMs ?? Infinity, observed >= SHORTEST_LEARNT_MS ? observed : Infinity)
  const { refreshExpiresAt, ...given } = Object.fromEntries(
    Object.entries(fresh).filter(([, value]) => value !== undefined),
  ) as unknown as Grant
  const { expiresAt: _ended, refreshExpiresAt: _refreshEnds, ...kept } = parent
  const ends = fresh.refreshToken === undefined ? (refreshExpiresAt ?? parent.refreshExpiresAt) : refreshExpiresAt
  return {
    ...kept,
    ...given,
    ...(ends !== undefined && { refreshExpiresAt: ends }),
    ...(learnt !== Infinity && { learntLifeMs: learnt }),
  }
}
