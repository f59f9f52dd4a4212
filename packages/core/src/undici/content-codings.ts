import { Duplex } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib'

/** More than any server applies; each one multiplies the work of a hostile response. */
const MAX_CODINGS = 5

const supported: ReadonlySet<string> = new Set(['gzip', 'x-gzip', 'deflate', 'br'])

/**
 * Returns the content codings of a body that can be decoded. If one is unknown there are none, and the body stays as
 * it is, as with `fetch`.
 */
export function codingsIn(header: string): readonly string[] {
  const codings = header
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity')
  return codings.length <= MAX_CODINGS && codings.every((coding) => supported.has(coding)) ? codings : []
}

/**
 * Decodes a body while it is read, and no faster.
 * @param failure makes the error of a body that cannot be decoded
 */
export function decoded(
  body: ReadableStream<Uint8Array>,
  codings: readonly string[],
  failure: (cause: unknown) => Error,
): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  let source: { readonly failed: boolean; readonly error?: unknown } = { failed: false }
  const read = (): Promise<ReadableStreamReadResult<Uint8Array>> =>
    reader.read().catch((error: unknown) => {
      source = { failed: true, error }
      throw error
    })
  let output: ReadableStreamDefaultReader<Uint8Array> | undefined
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          output ??= await open(read, codings)
          const { done, value } = await output.read()
          if (done) controller.close()
          else controller.enqueue(value)
        } catch (error) {
          void reader.cancel(error).catch(() => undefined)
          // A decoder hides the error of its source behind one of its own.
          throw source.failed ? source.error : failure(error)
        }
      },
      async cancel(reason) {
        await output?.cancel(reason).catch(() => undefined)
        await reader.cancel(reason).catch(() => undefined)
      },
    },
    { highWaterMark: 0 },
  )
}

async function open(
  read: () => Promise<ReadableStreamReadResult<Uint8Array>>,
  codings: readonly string[],
): Promise<ReadableStreamDefaultReader<Uint8Array>> {
  let first: ReadableStreamReadResult<Uint8Array> | undefined = await read()
  const start = first.value?.[0]
  const input = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = first ?? (await read())
        first = undefined
        if (done) controller.close()
        else controller.enqueue(value)
      },
    },
    { highWaterMark: 0 },
  )
  // An empty body has nothing to decode, not even an end.
  if (start === undefined) return input.getReader()
  return codings.reduceRight((stream, coding) => stream.pipeThrough(decoderOf(coding, start)), input).getReader()
}

/** @param start the first byte, by which `deflate` with the zlib header (RFC 9110) differs from the bare one */
function decoderOf(coding: string, start: number): ReadableWritablePair<Uint8Array, Uint8Array> {
  const isBare = (start & 0x0f) !== 8
  const decoder =
    coding === 'br'
      ? createBrotliDecompress()
      : coding === 'deflate'
        ? isBare
          ? createInflateRaw()
          : createInflate()
        : createGunzip()
  return Duplex.toWeb(decoder) as unknown as ReadableWritablePair<Uint8Array, Uint8Array>
}
