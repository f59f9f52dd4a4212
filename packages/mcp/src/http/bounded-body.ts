type Bytes = ReadableStream<Uint8Array<ArrayBuffer>>

/** Returns the same stream, which fails with `tooLong()` if it has more than `maxBytes` bytes. */
export const limitBytes = (body: Bytes, maxBytes: number, tooLong: () => Error): Bytes => {
  let size = 0
  return watched(body, tooLong, (chunk) => {
    size += chunk.byteLength
    return size <= maxBytes
  })
}

/** Returns the same stream of server-sent events, which fails if a single event has more than `maxBytes` bytes. */
export const limitEvents = (body: Bytes, maxBytes: number, tooLong: () => Error): Bytes => {
  /** Bytes of the current event. */
  let size = 0
  return watched(body, tooLong, (chunk) => {
    let from = 0
    for (let end = endOfEvent(chunk, 0); end !== undefined; end = endOfEvent(chunk, end)) {
      if (size + end - from > maxBytes) return false
      size = 0
      from = end
    }
    size += chunk.byteLength - from
    return size <= maxBytes
  })
}

function watched(body: Bytes, tooLong: () => Error, isWithin: (chunk: Uint8Array) => boolean): Bytes {
  const reader = body.getReader()
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        const { done, value } = await reader.read()
        if (done) {
          controller.close()
        } else if (isWithin(value)) {
          controller.enqueue(value)
        } else {
          await reader.cancel().catch(() => undefined)
          controller.error(tooLong())
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}

const NEWLINE = 10
const RETURN = 13

/** Returns where the next blank line ends. One that two chunks share is missed, which counts too many bytes. */
function endOfEvent(chunk: Uint8Array, from: number): number | undefined {
  for (let at = chunk.indexOf(NEWLINE, from); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) {
    const next = chunk[at + 1] === RETURN ? at + 2 : at + 1
    if (chunk[next] === NEWLINE) return next + 1
  }
  return undefined
}
