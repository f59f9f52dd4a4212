import type { Attempt } from './call.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import { sleep } from '../ports/clock.ts'
import type { TransportRequest, TransportResponse } from '../ports/transport.ts'
import { timeLeft } from './call.ts'
import type { ConnectorContext } from './connector-context.ts'
import { isDeclared } from './encode-request.ts'
import { retryAfterOf } from './failure.ts'

const MAX_REDIRECTS = 5

/** Returns whether the status asks to go elsewhere (RFC 9110, 15.4); 304, 305 and 306 do not. */
export const isRedirect = (status: number): boolean =>
  status >= 300 && status < 400 && (status <= 303 || status === 307 || status === 308)

interface Trail {
  readonly base: string
  /** How many have been followed. */
  readonly redirects: number
  readonly scope: ConnectorContext
}

/**
 * The request that a redirect asks for, once the provider wants it: on a redirect, Retry-After is how long to wait before
 * following it (RFC 9110, 10.2.3). Another origin gets no credential, and an undeclared one gets nothing.
 */
export async function followRedirect(
  attempt: Attempt,
  from: TransportRequest,
  response: TransportResponse,
  { base, redirects, scope }: Trail,
): Promise<TransportRequest> {
  const { serverId, profile, clock } = scope
  const { status } = response
  // 303 and, by custom, 301 and 302 turn a write into a GET, which would look like success.
  const keepsMethod = status === 307 || status === 308 || from.method === 'GET' || from.method === 'HEAD'
  // Only 307 and 308 say that the request is still to be done (RFC 9110, 15.4).
  const outcome = attempt.effect === 'read' ? undefined : keepsMethod ? 'not_processed' : 'unknown'
  const refuse = (why: string): never => {
    throw new ConnectorError('MCP_CLIENT_ERROR', `${serverId} redirects ${why}.`, {
      status,
      outcome,
      hint: 'Is the base URL right? A redirect is followed only to hosts that the connector declares.',
    })
  }
  // An unread body would keep its connection from being used again; a broken one changes nothing.
  await response
    .stream()
    ?.cancel()
    .catch(() => undefined)
  const location = response.headers.get('location')
  if (location === null || !URL.canParse(location, from.url)) return refuse('to nowhere')
  if (redirects >= MAX_REDIRECTS) return refuse('round and round')
  const to = new URL(location, from.url)
  if (!isDeclared(to, base, profile.hosts)) return refuse(`to ${to.host}, which the connector does not declare`)
  if (!keepsMethod) return refuse('a write')
  if (to.origin !== new URL(from.url).origin) attempt.signer = undefined

  const waitMs = retryAfterOf(status, response.headers, scope) ?? 0
  if (waitMs >= timeLeft(attempt.call, clock)) {
    throw new ConnectorError('MCP_RATE_LIMIT_EXCEEDED', `${serverId} asks to wait before it redirects.`, {
      status,
      retryAfterMs: waitMs,
      outcome,
    })
  }
  if (waitMs > 0) await sleep(clock, waitMs, attempt.signal)
  // A fragment stays with the client (RFC 9110, 10.2.2).
  to.hash = ''
  return { ...from, url: to.href }
}
