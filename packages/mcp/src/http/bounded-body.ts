type Bytes = ReadableStream<Uint8Array<ArrayBuffer>>

/** The same bytes, until there are too many of them: then the stream fails with what `tooLong` makes. */
export const countBytes = (body: Bytes, most: number, tooLong: () => Error): Bytes => {
  let size = 0
  return watched(body, tooLong, (chunk) => {
    size += chunk.byteLength
    return size <= most
  })
}

/** The same for server-sent events, which may go on for ever: no single one may be too long. */
export const countEvents = (body: Bytes, most: number, tooLong: () => Error): Bytes => {
  /** Bytes of the event that is coming in. */
  let size = 0
  return watched(body, tooLong, (chunk) => {
    let from = 0
    for (let end = endOfEvent(chunk, 0); end !== undefined; end = endOfEvent(chunk, end)) {
      if (size + end - from > most) return false
      size = 0
      from = end
    }
    size += chunk.byteLength - from
    return size <= most
  })
}

function watched(body: Bytes, tooLong: () => Error, isFine: (chunk: Uint8Array) => boolean): Bytes {
  const reader = body.getReader()
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        const { done, value } = await reader.read()
        if (done) {
          controller.close()
        } else if (isFine(value)) {
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

/** Where the next blank line ends. One that two chunks share is missed, which only counts too much. */
function endOfEvent(chunk: Uint8Array, from: number): number | undefined {
  for (let at = chunk.indexOf(NEWLINE, from); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) {
    const next = chunk[at + 1] === RETURN ? at + 2 : at + 1
    if (chunk[next] === NEWLINE) return next + 1
  }
  return undefined
}
