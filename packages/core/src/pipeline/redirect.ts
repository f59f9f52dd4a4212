import type { Attempt } from './call.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import { sleep } from '../ports/clock.ts'
import type { TransportRequest, TransportResponse } from '../ports/transport.ts'
import { timeLeft } from './call.ts'
import type { ConnectorContext } from './connector-context.ts'
import { isDeclared } from './encode-request.ts'
import { retryAfterOf } from './failure.ts'

const MAX_REDIRECTS = 5

/** Returns whether a status is a redirect to another URL (RFC 9110, 15.4); 304, 305 and 306 are not. */
export const isRedirect = (status: number): boolean =>
  status >= 300 && status < 400 && (status <= 303 || status === 307 || status === 308)

interface Trail {
  readonly base: string
  /** Number of redirects that were followed. */
  readonly redirects: number
  readonly scope: ConnectorContext
}

/**
 * Returns the next request of a redirect, after the wait in Retry-After (RFC 9110, 10.2.3). A request to another origin is
 * not signed. A redirect to an undeclared host is rejected.
 */
export async function followRedirect(
  attempt: Attempt,
  from: TransportRequest,
  response: TransportResponse,
  { base, redirects, scope }: Trail,
): Promise<TransportRequest> {
  const { serverId, profile, clock } = scope
  const { status } = response
  // 303, and in practice 301 and 302, turn a write into a GET, whose success would be misleading.
  const keepsMethod = status === 307 || status === 308 || from.method === 'GET' || from.method === 'HEAD'
  // Only 307 and 308 mean that the request was not processed (RFC 9110, 15.4).
  const outcome = attempt.effect === 'read' ? undefined : keepsMethod ? 'not_processed' : 'unknown'
  const refuse = (why: string): never => {
    throw new ConnectorError('MCP_CLIENT_ERROR', `${serverId} redirected ${why}.`, {
      status,
      outcome,
      hint: 'Check the base URL. Redirects are followed only to hosts that the connector declares.',
    })
  }
  // An unread body would block its connection. A failure to cancel it does not matter.
  await response
    .stream()
    ?.cancel()
    .catch(() => undefined)
  const location = response.headers.get('location')
  if (location === null || !URL.canParse(location, from.url)) return refuse('without a valid location')
  if (redirects >= MAX_REDIRECTS) return refuse(`more than ${MAX_REDIRECTS} times`)
  const to = new URL(location, from.url)
  if (!isDeclared(to, base, profile.hosts)) return refuse(`to ${to.host}, a host that the connector does not declare`)
  if (!keepsMethod) return refuse('a write')
  if (to.origin !== new URL(from.url).origin) attempt.signer = undefined

  const waitMs = retryAfterOf(status, response.headers, scope) ?? 0
  if (waitMs >= timeLeft(attempt.call, clock)) {
    throw new ConnectorError('MCP_RATE_LIMIT_EXCEEDED', `${serverId} requires a wait before its redirect.`, {
      status,
      retryAfterMs: waitMs,
      outcome,
    })
  }
  if (waitMs > 0) await sleep(clock, waitMs, attempt.signal)
  // A fragment is never sent (RFC 9110, 10.2.2).
  to.hash = ''
  return { ...from, url: to.href }
}
