import { ConnectorError } from '../../errors/connector-error.ts'
import { TransportError } from '../../ports/transport.ts'
import type { ResponseHeaders, TransportResponse } from '../../ports/transport.ts'
import { readLimitHeaders } from '../../resilience/limit-headers.ts'
import type { FlowContext } from '../grant-flow.ts'
import { hostOf } from './endpoint.ts'

/** Metadata and key sets are a few kilobytes, tokens less. */
const MOST_BYTES = 1_048_576

export interface Question {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
}

export interface Answer {
  readonly status: number
  readonly headers: ResponseHeaders
  /** Parsed; undefined if it is no JSON. */
  readonly body: unknown
}

/**
 * Asks an authorization server once. Every answer that may be an answer is one; what can only be a server in trouble is
 * an error.
 * @throws ConnectorError MCP_CONNECTION_ERROR, MCP_RATE_LIMIT_EXCEEDED, MCP_SERVER_ERROR, TIMEOUT, CANCELLED; with
 *   `outcome: 'not_processed'` where the server did not act
 */
export async function ask(context: FlowContext, question: Question): Promise<Answer> {
  const { signal, transport, clock } = context
  const host = hostOf(question.url)
  if (signal?.aborted) throw ended(signal, host).with({ outcome: 'not_processed' })
  let response: TransportResponse
  let text: string
  try {
    response = await transport.send({ ...question, signal })
    text = await readText(response)
  } catch (error) {
    if (signal?.aborted) throw ended(signal, host)
    if (error instanceof TooLong) throw unusable(host, 'more than a server like this has to say')
    throw unreachable(error, host)
  }
  const { status, headers } = response
  if (status === 429) {
    throw new ConnectorError('MCP_RATE_LIMIT_EXCEEDED', `${host} asks for fewer requests.`, {
      status,
      outcome: 'not_processed',
      retryAfterMs: readLimitHeaders(headers, { status, nowMs: clock.now() }).retryAfterMs,
    })
  }
  if (status >= 500 || (status >= 300 && status < 400) || status === 408) {
    throw new ConnectorError('MCP_SERVER_ERROR', `${host} answered ${status}.`, {
      status,
      outcome: 'unknown',
      retryAfterMs: status < 400 ? undefined : readLimitHeaders(headers, { status, nowMs: clock.now() }).retryAfterMs,
    })
  }
  return { status, headers, body: parse(text) }
}

/** An answer that says nothing of use, though a request was acted upon perhaps. */
export const unusable = (host: string, what: string, status?: number): ConnectorError =>
  new ConnectorError('MCP_SERVER_ERROR', `${host} answered with ${what}.`, { status, outcome: 'unknown' })

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
