import { untilAborted } from '@mcpclient/core'
import type { ResponseHeaders, TransportResponse } from '@mcpclient/core'

/** A body in the pieces in which it arrives. */
export type BodyChunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>

/**
 * Makes a response that behaves like one off the wire: its body can be read once, and breaks off when the signal aborts.
 * @param parts.chunks undefined for a response without a body
 */
export function createResponse(
  parts: { readonly status: number; readonly headers: ResponseHeaders; readonly chunks?: BodyChunks | undefined },
  signal?: AbortSignal,
): TransportResponse {
  const { status, headers, chunks } = parts
  let isRead = false
  const readOnce = (): AsyncGenerator<Uint8Array, void> => {
    if (isRead) throw new Error('This body was read before: read one of text, bytes and stream, once.')
    isRead = true
    return abortable(chunks ?? [], signal)
  }
  return {
    status,
    headers,
    async text() {
      return new TextDecoder().decode(await joined(readOnce()))
    },
    async bytes() {
      return joined(readOnce())
    },
    stream() {
      const body = readOnce()
      return chunks === undefined ? null : streamOf(body)
    },
  }
}

async function* abortable(chunks: BodyChunks, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array, void> {
  const source = Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]()
  let isWaiting = false
  try {
    for (;;) {
      isWaiting = true
      const step: IteratorResult<Uint8Array, unknown> = await untilAborted(Promise.resolve(source.next()), signal)
      isWaiting = false
      if (step.done === true) return
      yield step.value
    }
  } finally {
    // A source that is still working can be stopped only when it is done, which may be never.
    const stopped = Promise.resolve(source.return?.())
    if (!isWaiting) await stopped
  }
}

async function joined(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const read: Uint8Array[] = []
  for await (const chunk of chunks) read.push(chunk)
  const whole = new Uint8Array(read.reduce((length, chunk) => length + chunk.length, 0))
  let at = 0
  for (const chunk of read) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

const streamOf = (body: AsyncGenerator<Uint8Array, void>): ReadableStream<Uint8Array> =>
  new ReadableStream({
    async pull(controller) {
      const { value, done } = await body.next()
      if (done === true) controller.close()
      else controller.enqueue(value)
    },
    async cancel() {
      await body.return()
    },
  })
