import type { Attempt } from '../connector/call.ts'
import type { Failure } from '../connector/profile.ts'
import type { Reply } from '../connector/reply.ts'
import type { ErrorCode } from '../errors/codes.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import type { ConnectorScope } from './connector-scope.ts'
import { retryAfterOf } from './retry-after.ts'

/** The failure that an answer means, in the provider's own words where its profile knows them. */
export function failureIn(reply: Reply, attempt: Attempt, scope: ConnectorScope): ConnectorError | undefined {
  const { profile, serverId } = scope
  const failure = profile.failure?.(reply) ?? byStatus(reply.status, attempt, profile.name)
  if (failure === undefined) return undefined
  const { status } = reply
  const isLimit = failure.code === 'MCP_RATE_LIMIT_EXCEEDED'
  // Slack says "rate limited" with 200, and Retry-After means polling there.
  const asked = isLimit && status < 300 ? 429 : status
  const retryAfterMs =
    failure.retryAfterMs ?? (isLimit || status >= 500 ? retryAfterOf(asked, reply.headers, scope) : undefined)
  const notProcessed = failure.notProcessed ?? profile.notProcessed?.includes(status) ?? false
  const error = new ConnectorError(failure.code, failure.message, {
    serverId,
    status,
    providerCode: failure.providerCode,
    retryAfterMs,
    outcome: attempt.effect !== 'read' && notProcessed ? 'not_processed' : undefined,
  })
  if (failure.blocks !== undefined) blockedScopes.set(error, failure.blocks)
  return error
}

/** Who has to wait, where the provider said so with the failure. Read by the `rateLimit` stage. */
export const blockedScopes = new WeakMap<ConnectorError, NonNullable<Failure['blocks']>>()

function byStatus(status: number, { call }: Attempt, name: string): Failure | undefined {
  if (status < 400) return undefined
  return { code: codeOf(status), message: `${name} answered ${status} to ${call.toolName}.` }
}

function codeOf(status: number): ErrorCode {
  if (status === 401) return 'MCP_AUTHENTICATION_FAILURE'
  if (status === 429) return 'MCP_RATE_LIMIT_EXCEEDED'
  if (status === 408) return 'TIMEOUT'
  return status >= 500 ? 'MCP_SERVER_ERROR' : 'MCP_CLIENT_ERROR'
}
