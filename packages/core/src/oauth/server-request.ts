import { ConnectorError } from '../errors/connector-error.ts'
import { TransportError } from '../ports/transport.ts'
import type { ResponseHeaders, TransportResponse } from '../ports/transport.ts'
import { readLimitHeaders } from '../resilience/limit-headers.ts'
import { addressKind, isAllowedHost } from '../transports/address-guard.ts'
import type { FlowContext } from '../auth/grant-flow.ts'
import { UNEXPLAINED } from '../auth/unexplained.ts'
import { hostOf } from './endpoints.ts'

/** Size limit of a response. Metadata and key sets are a few kilobytes. */
const MAX_BYTES = 1_048_576
/** Timeout for one request to an authorization server. */
const TIMEOUT_MS = 30_000
/** Attempts for a repeatable request: a server may close a pooled connection at any time. */
const MAX_SENDS = 3
/** Upper bound for `Retry-After`. */
const MAX_RETRY_AFTER_MS = 15 * 60_000

/**
 * Tolerated clock skew between a server and this machine, in seconds. It applies to the claims of an id_token, to our
 * assertions (issued that much earlier), and to the expiry of a registration. A DPoP proof has the current time, as
 * RFC 9449 requires.
 */
export const CLOCK_TOLERANCE_S = 60

export interface ServerRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
  /** Whether to send it again if the connection fails, because it only reads. */
  readonly repeatable?: boolean | undefined
}

/** The fixed part of a request for a document. */
export const GET_JSON = { method: 'GET', headers: { accept: 'application/json' }, repeatable: true } as const

export interface ServerResponse {
  readonly status: number
  readonly headers: ResponseHeaders
  /** The parsed body, or undefined if it is not JSON. */
  readonly body: unknown
  readonly text: string
}

/**
 * Sends a request to an authorization server, without retries of its own. Returns every response below 300 and every
 * 4xx except 408 and 429. The others are errors.
 * @throws ConnectorError MCP_CONNECTION_ERROR, MCP_RATE_LIMIT_EXCEEDED, MCP_SERVER_ERROR, TIMEOUT, CANCELLED; with
 *   `outcome: 'not_processed'` where the server did not act
 */
export async function sendRequest(context: FlowContext, request: ServerRequest): Promise<ServerResponse> {
  const { signal, clock } = context
  const host = hostOf(request.url)
  if (signal?.aborted) throw ended(signal, host).with({ outcome: 'not_processed' })
  const { response, text } = await sent(context, request, host)
  const { status, headers } = response
  const retryAfter = () => {
    const { retryAfterMs } = readLimitHeaders(headers, { status, nowMs: clock.now() })
    return retryAfterMs === undefined ? undefined : Math.min(retryAfterMs, MAX_RETRY_AFTER_MS)
  }
  if (status === 429) {
    throw new ConnectorError('MCP_RATE_LIMIT_EXCEEDED', `${host} rate limited the request.`, {
      status,
      outcome: 'not_processed',
      retryAfterMs: retryAfter(),
    })
  }
  if (status >= 500 || (status >= 300 && status < 400) || status === 408) {
    throw new ConnectorError('MCP_SERVER_ERROR', `${host} returned HTTP ${status}.`, {
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

async function sent(context: FlowContext, request: ServerRequest, host: string): Promise<Sent> {
  const { repeatable = false, ...rest } = request
  const { origin, hostname } = new URL(request.url)
  const isOwn = context.ownOrigins?.has(origin) === true || isAllowedHost(hostname, context.allowPrivateHosts)
  // A literal address was checked with its endpoint.
  const guarded = !isOwn && addressKind(hostname) === undefined && { guardAddresses: true }
  for (let left = repeatable ? MAX_SENDS : 1; ; left--) {
    const limit = timeLimit(context, host)
    try {
      const exchange = async (): Promise<Sent> => {
        const response = await context.transport.send({ ...rest, signal: limit.signal, ...guarded })
        return { response, text: await readText(response) }
      }
      return await Promise.race([exchange(), limit.ended])
    } catch (error) {
      if (limit.signal.aborted) throw ended(limit.signal, host)
      if (error instanceof TooLong) throw unusableResponse(host, 'a response of more than 1 MiB')
      if (left <= 1) throw unreachable(error, host)
    } finally {
      limit.cancel()
    }
  }
}

/** Aborts a request on timeout or with the context's signal, even if the transport ignores the signal. */
function timeLimit({ signal, clock }: FlowContext, host: string) {
  const limit = new AbortController()
  const { promise: isEnded, reject } = Promise.withResolvers<never>()
  // It loses the race if the response arrives first.
  isEnded.catch(() => undefined)
  const end = (reason: unknown): void => {
    limit.abort(reason)
    reject(reason)
  }
  const cancelTimer = clock.schedule(TIMEOUT_MS, () => {
    end(new ConnectorError('TIMEOUT', `${host} did not respond within ${TIMEOUT_MS / 1000} seconds.`))
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

/** Returns the error for a response without usable content. The server may have processed the request. */
export const unusableResponse = (host: string, what: string, status?: number): ConnectorError =>
  new ConnectorError('MCP_SERVER_ERROR', `${host} returned ${what}.`, { status, outcome: 'unknown' })

/** Returns the error for a 4xx without a code. It may come from a proxy, and may be temporary. */
export const unexplainedRefusal = (host: string, status: number): ConnectorError =>
  new ConnectorError('MCP_SERVER_ERROR', `${host} rejected the request with HTTP ${status} and no reason.`, {
    status,
    reason: UNEXPLAINED,
    outcome: 'not_processed',
    hint: 'Try again later. If this continues, connect the account again.',
  })

function unreachable(error: unknown, host: string): ConnectorError {
  // No cause: the transport's error may contain the request and its secrets.
  return new ConnectorError('MCP_CONNECTION_ERROR', `${host} could not be reached.`, {
    outcome: error instanceof TransportError && !error.sent ? 'not_processed' : 'unknown',
  })
}

function ended({ reason }: AbortSignal, host: string): ConnectorError {
  if (ConnectorError.is(reason)) return reason.with({ outcome: 'unknown' })
  const late = reason instanceof Error && reason.name === 'TimeoutError'
  return late
    ? new ConnectorError('TIMEOUT', `${host} did not respond in time.`, { outcome: 'unknown' })
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

/** Reads the body up to the size limit. The announced length may be wrong, so bytes are counted. */
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
    if (size > MAX_BYTES) {
      await reader.cancel().catch(() => undefined)
      throw new TooLong()
    }
    text += decoder.decode(value, { stream: true })
  }
}
