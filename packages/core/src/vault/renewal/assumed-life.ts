import type { RefreshOptions } from '../../auth/grant-flow.ts'
import type { Grant } from '../../auth/grant.ts'

/**
 * The grant with the end that the connector lets assume where the server does not say. The age of what was typed
 * in is not known, so its end is not either.
 */
export function withAssumedLife(grant: Grant, { assumedLifeMs }: RefreshOptions): Grant {
  if (assumedLifeMs === undefined || grant.expiresAt !== undefined || grant.issuedAt === 0) return grant
  return { ...grant, expiresAt: grant.issuedAt + assumedLifeMs }
}
