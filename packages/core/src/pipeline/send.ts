import { isExchange } from '../connector/call.ts'
import type { Attempt, Exchange } from '../connector/call.ts'
import type { Reply } from '../connector/reply.ts'
import type { RequestSpec } from '../connector/request.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import { sleep } from '../ports/clock.ts'
import { TransportError } from '../ports/transport.ts'
import type { TransportRequest, TransportResponse } from '../ports/transport.ts'
import { timeLeft } from './connector-scope.ts'
import type { ConnectorScope } from './connector-scope.ts'
import { copyHeaders, encodeRequest } from './encode-request.ts'
import { failureIn } from './failure.ts'
import { isDeclared } from './is-declared.ts'
import { readBody } from './read-body.ts'
import { retryAfterOf } from './retry-after.ts'
import type { Next } from './stage.ts'

/** Redirects of one read that are followed. */
const MOST_REDIRECTS = 5

/** The end of the pipeline: signs the request, sends it, and turns the answer into a reply or a failure. */
export function send(scope: ConnectorScope): Next<Attempt, Reply> {
  const { serverId, profile, transport, policies, clock } = scope

  const carry = async (attempt: Attempt, request: TransportRequest): Promise<TransportResponse> => {
    attempt.sent = true
    try {
      return await transport.send(request)
    } catch (error) {
      if (error instanceof TransportError && !error.sent) attempt.sent = false
      if (ConnectorError.is(error)) throw error
      if (ConnectorError.is(attempt.signal?.reason)) throw attempt.signal?.reason
      throw new ConnectorError(
        'MCP_CONNECTION_ERROR',
        `${serverId} could not be reached at ${originOf(request.url)}.`,
        {},
        { cause: error },
      )
    }
  }

  const signed = async (attempt: Attempt, unsigned: TransportRequest): Promise<TransportRequest> => {
    if (attempt.sign === undefined) return unsigned
    const { method, url, body, signal } = unsigned
    const signature = attempt.sign({ method, url, headers: unsigned.headers, body })
    const { headers: adding, query } = signature instanceof Promise ? await signature : signature
    const headers = { ...unsigned.headers }
    copyHeaders(adding, headers)
    return { method, url: query ? withQuery(url, query) : url, headers, body, signal }
  }

  return async (attempt) => {
    const { request } = attempt
    if (isExchange(request)) return exchange(attempt, request)
    const settings = scope.settings(attempt.call.connection)
    const base = scope.baseUrl(settings instanceof Promise ? await settings : settings)
    let unsigned = encodeRequest(attempt, request, { base, profile, serverId })
    for (let redirects = 0; ; redirects++) {
      const response = await carry(attempt, await signed(attempt, unsigned))
      if (response.status < 300 || response.status > 399 || response.status === 304) {
        return readReply(attempt, request, response)
      }
      const location = response.headers.get('location')
      unsigned = redirected(attempt, unsigned, response.status, location, redirects, base)
      // RFC 9110, 10.2.3: on a redirect, Retry-After is how long to wait before following it.
      const waitMs = retryAfterOf(response, scope).retryAfterMs ?? 0
      if (waitMs === 0) continue
      if (waitMs >= timeLeft(attempt.call, clock)) {
        throw new ConnectorError('MCP_RATE_LIMIT_EXCEEDED', `${serverId} asks to wait before it redirects.`, {
          status: response.status,
          retryAfterMs: waitMs,
        })
      }
      await sleep(clock, waitMs, attempt.signal)
    }
  }

  async function readReply(attempt: Attempt, request: RequestSpec, response: TransportResponse): Promise<Reply> {
    const { status, headers } = response
    if (attempt.streams && status < 300) return { status, headers, body: response.stream() }
    const { body, problem } = await readBody(
      response,
      request.read ?? 'auto',
      policies.maxResponseBytes,
      serverId,
    ).catch((error: unknown) => {
      if (ConnectorError.is(error)) throw error
      if (ConnectorError.is(attempt.signal?.reason)) throw attempt.signal?.reason
      throw new ConnectorError('MCP_CONNECTION_ERROR', `${serverId} broke off its answer.`, {}, { cause: error })
    })
    const reply = { status, headers, body }
    const failure = failureIn(reply, attempt, scope)
    if (failure !== undefined) throw failure
    if (problem !== undefined) throw problem
    return reply
  }

  function redirected(
    attempt: Attempt,
    from: TransportRequest,
    status: number,
    location: string | null,
    redirects: number,
    base: string,
  ): TransportRequest {
    // 303 and, by custom, 301 and 302 turn a write into a GET, which would look like success.
    const keepsMethod = status === 307 || status === 308 || from.method === 'GET' || from.method === 'HEAD'
    const refuse = (why: string): never => {
      // Only 307 and 308 say that the request is still to be done (RFC 9110, 15.4).
      const outcome = attempt.effect === 'read' ? undefined : keepsMethod ? 'not_processed' : 'unknown'
      throw new ConnectorError('MCP_CLIENT_ERROR', `${serverId} redirects ${why}.`, {
        status,
        outcome,
        hint: 'Is the base URL right? A redirect is followed only to hosts that the connector declares.',
      })
    }
    if (location === null || !URL.canParse(location, from.url)) return refuse('to nowhere')
    if (redirects >= MOST_REDIRECTS) return refuse('round and round')
    const to = new URL(location, from.url)
    if (!isDeclared(to, base, profile.hosts)) return refuse(`to ${to.host}, which the connector does not declare`)
    if (!keepsMethod) return refuse('a write')
    const crossesOrigin = to.origin !== originOf(from.url)
    if (crossesOrigin) attempt.sign = undefined
    return { ...from, url: to.href }
  }

  async function exchange(attempt: Attempt, request: Exchange): Promise<Reply> {
    attempt.sent = true
    try {
      const { signal, extend = nothing, call } = attempt
      const body = await request.run({ signal, extend, requestId: call.requestId })
      return { status: 200, headers: noHeaders, body }
    } catch (error) {
      if (ConnectorError.is(attempt.signal?.reason)) throw attempt.signal?.reason
      if (error instanceof TransportError) {
        attempt.sent = error.sent
        throw new ConnectorError('MCP_CONNECTION_ERROR', `${serverId} could not be reached.`, {}, { cause: error })
      }
      throw error
    }
  }
}

const nothing = () => undefined

const noHeaders = { get: () => null }

const originOf = (url: string): string => new URL(url).origin

const withQuery = (url: string, query: Readonly<Record<string, string>>): string => {
  const parameters = new URLSearchParams(query).toString()
  return `${url}${url.includes('?') ? '&' : '?'}${parameters}`
}
