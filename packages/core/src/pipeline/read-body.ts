import { ConnectorError } from '../errors/connector-error.ts'
import type { RequestSpec } from '../connector/request.ts'
import type { TransportResponse } from '../ports/transport.ts'

type Reading = NonNullable<RequestSpec['read']>

interface Read {
  readonly body: unknown
  /** The problem of a body that has not the requested format. Ignored if the status is a failure. */
  readonly problem?: ConnectorError | undefined
}

/**
 * Reads the body of a response, up to `maxBytes` decoded bytes. {@link readBody} parses it. The two are separate, because
 * the usual response then costs one promise instead of two.
 */
export function takeBody(
  method: string,
  response: TransportResponse,
  how: Reading,
  maxBytes: number,
  serverId: string,
): undefined | string | Uint8Array | Promise<string | Uint8Array> {
  const { headers, status } = response
  // These have no body, regardless of content-length.
  if (method === 'HEAD' || status === 204 || status === 205 || status === 304) return undefined
  const length = headers.get('content-length')
  // The length of a compressed body is not that of the decoded one.
  if (length === null || !isPlain(headers.get('content-encoding'))) return counted(response, maxBytes, serverId)
  if (!(Number(length) <= maxBytes)) {
    void response.stream()?.cancel().catch(ignore)
    throw tooLong(serverId, maxBytes, status)
  }
  const isBytes = (how === 'bytes' && status < 300) || charsetOf(headers.get('content-type')) !== undefined
  return (isBytes ? response.bytes() : response.text()).then((taken) => {
    // No text has more characters than bytes, so only one that exceeds its declared length is counted.
    if (taken.length <= Number(length) || sizeOf(taken) <= maxBytes) return taken
    throw tooLong(serverId, maxBytes, status)
  })
}

const ignore = (): void => undefined

const sizeOf = (taken: string | Uint8Array): number =>
  typeof taken === 'string' ? new TextEncoder().encode(taken).byteLength : taken.byteLength

const isPlain = (encoding: string | null): boolean => encoding === null || encoding === '' || encoding === 'identity'

/** Parses a body in the format that the request asks for. */
export function readBody(
  { headers, status }: TransportResponse,
  taken: string | Uint8Array | undefined,
  { read: how = 'auto', bigIntegers }: RequestSpec,
  serverId: string,
): Read {
  if (taken === undefined || (how === 'bytes' && status < 300)) return { body: taken }
  const type = headers.get('content-type') ?? ''
  const text = typeof taken === 'string' ? withoutMark(taken) : decode(taken, charsetOf(type))
  if (text === '') return { body: undefined }
  if (how === 'text' && status < 300) return { body: text }
  const isText = !type.startsWith('application/json') && /^text\/(?!html|json)|xml\b/i.test(type)
  // With a text content type, a lone number or word is text, but an object or a list is JSON.
  if (how === 'auto' && isText && !/^\s*[[{]/.test(text)) return { body: text }
  try {
    return { body: bigIntegers === 'string' ? parseExactly(text) : (JSON.parse(text) as unknown) }
  } catch (error) {
    if (ConnectorError.is(error)) return { body: undefined, problem: error }
    const isPage = /html/i.test(type) || /^\s*<(!doctype|html)/i.test(text)
    // The text of an error is kept, unless it is a web page.
    if (!isPage && ((how === 'auto' && isText) || status >= 400)) return { body: text }
    const what = isPage ? 'a web page' : 'something that is not JSON'
    return {
      body: status >= 400 ? text : undefined,
      problem: new ConnectorError(
        'DATA_TRANSFORMATION_ERROR',
        `${serverId} responded ${status} with ${what}.`,
        { status, hint: 'Check the base URL, and any proxy or login page in between.' },
        { cause: error },
      ),
    }
  }
}

/** Returns the charset of a content type, or undefined for UTF-8, the default. */
function charsetOf(type: string | null): string | undefined {
  if (type === null || !type.includes(';')) return undefined
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(type)?.[1]?.toLowerCase()
  return charset === 'utf-8' || charset === 'utf8' || charset === 'us-ascii' ? undefined : charset
}

function decode(bytes: Uint8Array, charset: string | undefined): string {
  const [first, second] = bytes
  // A byte order mark takes precedence over the header (WHATWG Encoding, "decode").
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (charset === undefined || (first === 0xef && second === 0xbb && bytes[2] === 0xbf))
    return new TextDecoder().decode(bytes)
  let decoder: TextDecoder
  try {
    decoder = new TextDecoder(charset)
  } catch {
    decoder = new TextDecoder()
  }
  return decoder.decode(bytes)
}

const withoutMark = (text: string): string => (text.startsWith('\uFEFF') ? text.slice(1) : text)

/** Parses JSON, with integers beyond 2^53 as strings of digits. */
function parseExactly(text: string): unknown {
  if (!/\d{16}/.test(text)) return JSON.parse(text) as unknown
  const revive = (_key: string, value: unknown, context?: { readonly source?: string }): unknown => {
    if (typeof value !== 'number' || Number.isSafeInteger(value) || !Number.isInteger(value)) return value
    const source = context?.source
    if (source === undefined) {
      throw new ConnectorError('CONFIGURATION_ERROR', 'This runtime cannot read big integers exactly.', {
        hint: "Read the response as text (read: 'text'), or use Node 22 or later.",
      })
    }
    return /^-?\d+$/.test(source) ? source : value
  }
  return JSON.parse(text, revive) as unknown
}

/** Reads a body up to `maxBytes`, counting while it arrives. */
async function counted(response: TransportResponse, maxBytes: number, serverId: string): Promise<Uint8Array> {
  const stream = response.stream()
  if (stream === null) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let size = 0
  const reader = stream.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    size += value.byteLength
    if (size > maxBytes) {
      void reader.cancel().catch(ignore)
      throw tooLong(serverId, maxBytes, response.status)
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

const tooLong = (serverId: string, maxBytes: number, status: number): ConnectorError =>
  new ConnectorError('DATA_TRANSFORMATION_ERROR', `${serverId} responded with more than ${maxBytes} bytes.`, {
    status,
    hint: 'Request less data, or raise maxResponseBytes.',
  })
