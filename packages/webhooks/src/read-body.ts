import { ConnectorError } from '@mcpclient/core'
import { readBounded } from './verification/read-bounded.ts'

/** A body as it arrived and without its compression. They are the same bytes if there is none. */
export interface RequestBody {
  readonly received: Uint8Array<ArrayBuffer>
  readonly decompressed: Uint8Array<ArrayBuffer>
}

export type BodyRefusal = 'body_too_large' | 'body_unreadable' | 'encoding_unsupported'

/**
 * Reads the body of a request once, with a limit for the bytes that arrive and for those that decompression makes of them.
 * @throws ConnectorError CONFIGURATION_ERROR if something read the body before
 */
export async function readBody(request: Request, maxBytes: number): Promise<RequestBody | BodyRefusal> {
  if (request.bodyUsed) {
    throw new ConnectorError('CONFIGURATION_ERROR', 'The body of the request was read before it was verified.', {
      hint: 'Pass the request before any body parser: a signature covers the raw bytes.',
    })
  }
  const encoding = (request.headers.get('content-encoding') ?? 'identity').trim().toLowerCase()
  const format = FORMATS.get(encoding)
  if (format === undefined) return 'encoding_unsupported'
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) return 'body_too_large'
  const received = await attempt(request.body, maxBytes)
  if (typeof received === 'string' || format === 'none' || !isCompressed(received, format)) {
    return typeof received === 'string' ? received : { received, decompressed: received }
  }
  const decompressed = await attempt(
    new Blob([received]).stream().pipeThrough(new DecompressionStream(format)),
    maxBytes,
  )
  return typeof decompressed === 'string' ? decompressed : { received, decompressed }
}

const FORMATS: ReadonlyMap<string, 'none' | 'gzip' | 'deflate'> = new Map([
  ['', 'none'],
  ['identity', 'none'],
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
])

/** Returns whether the body is compressed: a proxy may have decompressed it and left the header. */
const isCompressed = ([first, second]: Uint8Array, format: 'gzip' | 'deflate'): boolean =>
  format === 'gzip' ? first === 0x1f && second === 0x8b : first !== undefined && (first & 0x0f) === 8

async function attempt(
  stream: ReadableStream<Uint8Array> | null,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | BodyRefusal> {
  try {
    return await readBounded(stream, maxBytes)
  } catch (error) {
    return error instanceof RangeError ? 'body_too_large' : 'body_unreadable'
  }
}
