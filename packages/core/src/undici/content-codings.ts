import { Duplex } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib'

/** Maximum number of codings: more than any server applies. Each multiplies the work for a hostile response. */
const MAX_CODINGS = 5

const supported: ReadonlySet<string> = new Set(['gzip', 'x-gzip', 'deflate', 'br'])

/**
 * Returns the content codings of a body. If one is unknown, returns none, and the body is not decoded, as with `fetch`.
 */
export function codingsIn(header: string): readonly string[] {
  const codings = header
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity')
  return codings.length <= MAX_CODINGS && codings.every((coding) => supported.has(coding)) ? codings : []
}

type Source = Pick<ReadableStreamDefaultReader<Uint8Array>, 'read' | 'cancel'>

/**
 * Decodes a body while it is read.
 * @param failure creates the error of a body that cannot be decoded
 */
export function decoded(
  body: ReadableStream<Uint8Array>,
  codings: readonly string[],
  failure: (cause: unknown) => Error,
): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  let loss: { readonly error: unknown } | undefined
  const source: Source = {
    read: () =>
      reader.read().catch((error: unknown) => {
        loss = { error }
        throw error
      }),
    cancel: (reason) => reader.cancel(reason),
  }
  let output: Source | undefined
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          output ??= await open(source, codings)
          const { done, value } = await output.read()
          if (done) controller.close()
          else controller.enqueue(value)
        } catch (error) {
          void reader.cancel(error).catch(() => undefined)
          // A decoder replaces the error of its source with its own.
          throw loss === undefined ? failure(error) : loss.error
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

async function open(body: Source, codings: readonly string[]): Promise<Source> {
  let source = body
  for (const coding of codings.toReversed()) {
    const first = await source.read()
    // An empty body cannot be decoded: it has not even an end marker.
    if (first.done) return source
    source = startingWith(first, source).pipeThrough(decoderOf(coding, first.value)).getReader()
  }
  return source
}

function startingWith(first: ReadableStreamReadResult<Uint8Array>, rest: Source): ReadableStream<Uint8Array> {
  let next: typeof first | undefined = first
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = next ?? (await rest.read())
        next = undefined
        if (done) controller.close()
        else controller.enqueue(value)
      },
      cancel: (reason) => rest.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}

/**
 * Creates the decoder of a coding.
 * @param start the first bytes, which show whether `deflate` has a zlib header (RFC 9110)
 */
function decoderOf(coding: string, [start = 0]: Uint8Array): ReadableWritablePair<Uint8Array, Uint8Array> {
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
