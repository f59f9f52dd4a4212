import { ConnectorError } from '../errors/connector-error.ts'
import { TransportError } from '../ports/transport.ts'
import type { ResponseHeaders, TransportResponse } from '../ports/transport.ts'
import { readLimitHeaders } from '../resilience/limit-headers.ts'
import { addressKind, isAllowedHost } from '../transports/address-guard.ts'
import type { FlowContext } from '../auth/grant-flow.ts'
import { UNEXPLAINED } from '../auth/unexplained.ts'
import { hostOf } from './endpoints.ts'

/** Metadata and key sets are a few kilobytes, tokens less. */
const MOST_BYTES = 1_048_576
/** Timeout for one request to an authorization server; the signal of the context may end it sooner. */
const REQUEST_MS = 30_000
/** A repeatable request is sent this often: a pooled connection may be closed by the server at any moment. */
const MAX_SENDS = 3
/** A longer wait is not believed: the grant is tried again after this time. */
const MAX_RETRY_AFTER_MS = 15 * 60_000

/**
 * How far the clock of a server and that of this machine may differ, in seconds. It applies wherever OAuth compares times:
 * to the claims of an id_token, to assertions that we sign (issued that much earlier), and to the end of a registration.
 * A DPoP proof carries the current time, as RFC 9449 wants it.
 */
export const CLOCK_TOLERANCE_S = 60

export interface ServerRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
  /** Sent again if the connection fails: it only reads. */
  readonly repeatable?: boolean | undefined
}

/** A request for a document. */
export const GET_JSON = { method: 'GET', headers: { accept: 'application/json' }, repeatable: true } as const

export interface ServerResponse {
  readonly status: number
  readonly headers: ResponseHeaders
  /** Parsed; undefined if it is no JSON. */
  readonly body: unknown
  readonly text: string
}

/**
 * Asks an authorization server once. Every answer that may be an answer is one; what can only be a server in trouble is
 * an error.
 * @throws ConnectorError MCP_CONNECTION_ERROR, MCP_RATE_LIMIT_EXCEEDED, MCP_SERVER_ERROR, TIMEOUT, CANCELLED; with
 *   `outcome: 'not_processed'` where the server did not act
 */
export async function sendRequest(context: FlowContext, question: ServerRequest): Promise<ServerResponse> {
  const { signal, clock } = context
  const host = hostOf(question.url)
  if (signal?.aborted) throw ended(signal, host).with({ outcome: 'not_processed' })
  const { response, text } = await sent(context, question, host)
  const { status, headers } = response
  const retryAfter = () => {
    const { retryAfterMs } = readLimitHeaders(headers, { status, nowMs: clock.now() })
    return retryAfterMs === undefined ? undefined : Math.min(retryAfterMs, MAX_RETRY_AFTER_MS)
  }
  if (status === 429) {
    throw new ConnectorError('MCP_RATE_LIMIT_EXCEEDED', `${host} asks for fewer requests.`, {
      status,
      outcome: 'not_processed',
      retryAfterMs: retryAfter(),
    })
  }
  if (status >= 500 || (status >= 300 && status < 400) || status === 408) {
    throw new ConnectorError('MCP_SERVER_ERROR', `${host} answered ${status}.`, {
      status,
      outcome: 'unknown',
      retryAfterMs: status < 400 ? undefined : retryAfter(),
    })
  }
  return { status, headers, body: parse(text), text }
}

interface Sent {
  readonly response: TransportResponse
  readonly text: string
}

async function sent(context: FlowContext, question: ServerRequest, host: string): Promise<Sent> {
  const { repeatable = false, ...request } = question
  const { origin, hostname } = new URL(question.url)
  const isOwn = context.ownOrigins?.has(origin) === true || isAllowedHost(hostname, context.allowPrivateHosts)
  // A literal address has been checked where it was named.
  const guarded = !isOwn && addressKind(hostname) === undefined && { guardAddresses: true }
  for (let left = repeatable ? MAX_SENDS : 1; ; left--) {
    const limit = timeLimit(context, host)
    try {
      const exchange = async (): Promise<Sent> => {
        const response = await context.transport.send({ ...request, signal: limit.signal, ...guarded })
        return { response, text: await readText(response) }
      }
      return await Promise.race([exchange(), limit.ended])
    } catch (error) {
      if (limit.signal.aborted) throw ended(limit.signal, host)
      if (error instanceof TooLong) throw unusableResponse(host, 'more than a server like this has to say')
      if (left <= 1) throw unreachable(error, host)
    } finally {
      limit.cancel()
    }
  }
}

/** Ends a request with the signal of the context, or when it takes too long, whatever the transport does with it. */
function timeLimit({ signal, clock }: FlowContext, host: string) {
  const limit = new AbortController()
  const { promise: isEnded, reject } = Promise.withResolvers<never>()
  // It loses the race where the response comes first.
  isEnded.catch(() => undefined)
  const end = (reason: unknown): void => {
    limit.abort(reason)
    reject(reason)
  }
  const cancelTimer = clock.schedule(REQUEST_MS, () => {
    end(new ConnectorError('TIMEOUT', `${host} did not respond within ${REQUEST_MS / 1000} seconds.`))
  })
  const onAbort = (): void => {
    end(signal?.reason)
  }
  signal?.addEventListener('abort', onAbort)
  if (signal?.aborted) onAbort()
  return {
    signal: limit.signal,
    ended: isEnded,
    cancel: () => {
      cancelTimer()
      signal?.removeEventListener('abort', onAbort)
    },
  }
}

/** An answer that says nothing of use, though a request was acted upon perhaps. */
export const unusableResponse = (host: string, what: string, status?: number): ConnectorError =>
  new ConnectorError('MCP_SERVER_ERROR', `${host} answered with ${what}.`, { status, outcome: 'unknown' })

/** A 4xx without a reason: the server itself, or a proxy in front of it, in a bad moment or for good. */
export const unexplainedRefusal = (host: string, status: number): ConnectorError =>
  new ConnectorError('MCP_SERVER_ERROR', `${host} refused the request with ${status} and gave no reason.`, {
    status,
    reason: UNEXPLAINED,
    outcome: 'not_processed',
    hint: 'Try again later. If this continues, connect the account again.',
  })

function unreachable(error: unknown, host: string): ConnectorError {
  // No cause: what failed may hold the request, and the request holds secrets.
  return new ConnectorError('MCP_CONNECTION_ERROR', `${host} could not be reached.`, {
    outcome: error instanceof TransportError && !error.sent ? 'not_processed' : 'unknown',
  })
}

function ended({ reason }: AbortSignal, host: string): ConnectorError {
  if (ConnectorError.is(reason)) return reason.with({ outcome: 'unknown' })
  const late = reason instanceof Error && reason.name === 'TimeoutError'
  return late
    ? new ConnectorError('TIMEOUT', `${host} did not answer in time.`, { outcome: 'unknown' })
    : new ConnectorError('CANCELLED', 'The request to the authorization server was cancelled.', { outcome: 'unknown' })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

class TooLong extends Error {}

/** Counted while it comes: a length that is announced may be wrong. */
async function readText(response: TransportResponse): Promise<string> {
  const stream = response.stream()
  if (stream === null) return ''
  const decoder = new TextDecoder()
  const reader = stream.getReader()
  let text = ''
  for (let size = 0; ;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    size += value.byteLength
    if (size > MOST_BYTES) {
      await reader.cancel().catch(() => undefined)
      throw new TooLong()
    }
    text += decoder.decode(value, { stream: true })
  }
}
