import { ConnectorError } from '../errors/connector-error.ts'
import type { RequestSpec } from '../connector/request.ts'
import type { TransportResponse } from '../ports/transport.ts'

type Reading = NonNullable<RequestSpec['read']>

interface Read {
  readonly body: unknown
  /** Why the body is not what was asked for. Only looked at if the answer does not already say no. */
  readonly problem?: ConnectorError | undefined
}

/**
 * Takes an answer in, once and no further than `mostBytes`; {@link readBody} then makes something of it. Apart, so that
 * the usual answer costs one promise and not two.
 */
export function takeBody(
  response: TransportResponse,
  how: Reading,
  mostBytes: number,
  serverId: string,
): undefined | Promise<string | Uint8Array> {
  const { headers, status } = response
  if (status === 204 || status === 304) return undefined
  const length = headers.get('content-length')
  if (length === null) return counted(response, mostBytes, serverId)
  if (Number(length) > mostBytes) throw tooLong(serverId, mostBytes)
  return how === 'bytes' && status < 300 ? response.bytes() : response.text()
}

/** What an answer says, in the way that the request asks for. */
export function readBody(
  { headers, status }: TransportResponse,
  taken: string | Uint8Array | undefined,
  how: Reading,
  serverId: string,
): Read {
  if (taken === undefined || (how === 'bytes' && status < 300)) return { body: taken }
  const text = typeof taken === 'string' ? taken : new TextDecoder().decode(taken)
  if (text === '') return { body: undefined }
  const type = headers.get('content-type') ?? ''
  if (how === 'text' || (how === 'auto' && isPlain(type))) return { body: text }
  try {
    return { body: JSON.parse(text) as unknown }
  } catch (error) {
    const what = /html/i.test(type) || /^\s*<(!doctype|html)/i.test(text) ? 'a web page' : 'something that is not JSON'
    return {
      body: status >= 400 ? text : undefined,
      problem: new ConnectorError(
        'DATA_TRANSFORMATION_ERROR',
        `${serverId} answered ${status} with ${what}.`,
        { status, hint: 'Is the base URL right, and is there a proxy or a login page in between?' },
        { cause: error },
      ),
    }
  }
}

const isPlain = (type: string): boolean => !type.startsWith('application/json') && /^text\/(?!html)|xml\b/i.test(type)

/** Where the length is not said, a body is counted while it comes. */
async function counted(response: TransportResponse, mostBytes: number, serverId: string): Promise<Uint8Array> {
  const stream = response.stream()
  if (stream === null) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let size = 0
  const reader = stream.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    size += value.byteLength
    if (size > mostBytes) {
      await reader.cancel().catch(() => undefined)
      throw tooLong(serverId, mostBytes)
    }
    chunks.push(value)
  }
  if (chunks.length === 1 && chunks[0] !== undefined) return chunks[0]
  const whole = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.byteLength
  }
  return whole
}

const tooLong = (serverId: string, mostBytes: number): ConnectorError =>
  new ConnectorError('DATA_TRANSFORMATION_ERROR', `${serverId} answered with more than ${mostBytes} bytes.`, {
    hint: 'Ask for less, or raise maxResponseBytes.',
  })
