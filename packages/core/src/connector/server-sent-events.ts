/** One event of a `text/event-stream` (WHATWG HTML, "Server-sent events"). */
export interface ServerSentEvent {
  /** `message` unless the stream names another. */
  readonly event: string
  readonly data: string
  readonly id?: string | undefined
}

/** How a streaming tool reads its stream. Pure. */
export interface StreamReading {
  /** The item in an event, before the output schema; undefined skips the event. */
  item(event: ServerSentEvent): unknown
  /** True for the event that ends the stream before the connection does, such as `[DONE]`. */
  end?(event: ServerSentEvent): boolean
}

/**
 * A stream of server-sent events, as a streaming tool reads it.
 * @param reading.item the item in an event; undefined skips the event
 * @param reading.end true for the event that ends the stream before the connection does
 */
export const eventStream = (reading: StreamReading): StreamReading => reading

/**
 * Reads events off a byte stream, whatever the chunks: lines may end in LF, CR LF or CR, and a character may be cut in
 * two. An event that the stream ends in the middle of is dropped, as the standard says.
 */
export async function* serverSentEvents(bytes: ReadableStream<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  const reader = bytes.getReader()
  const decoder = new TextDecoder()
  let buffer = ''
  let event = ''
  let id: string | undefined
  let data: string[] = []
  let finished = false
  try {
    while (!finished) {
      const chunk = await reader.read()
      finished = chunk.done
      buffer += chunk.done ? decoder.decode() : decoder.decode(chunk.value, { stream: true })
      let start = 0
      for (;;) {
        const end = endOfLine(buffer, start, finished)
        if (end === undefined) break
        const line = buffer.slice(start, end.at)
        start = end.next
        if (line === '') {
          if (data.length > 0)
            yield { event: event || 'message', data: data.join('\n'), ...(id !== undefined && { id }) }
          event = ''
          data = []
          continue
        }
        const colon = line.indexOf(':')
        const field = colon === -1 ? line : line.slice(0, colon)
        const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
        if (field === 'data') data.push(value)
        else if (field === 'event') event = value
        else if (field === 'id' && !value.includes('\0')) id = value
      }
      buffer = buffer.slice(start)
    }
  } finally {
    // Whoever stops reading early must not leave the connection open.
    await reader.cancel().catch(() => undefined)
  }
}

function endOfLine(text: string, from: number, finished: boolean): { at: number; next: number } | undefined {
  for (let at = from; at < text.length; at++) {
    const character = text[at]
    if (character === '\n') return { at, next: at + 1 }
    if (character !== '\r') continue
    // A CR at the end of a chunk may be the first half of CR LF: wait for the next one.
    if (at + 1 === text.length && !finished) return undefined
    return { at, next: text[at + 1] === '\n' ? at + 2 : at + 1 }
  }
  return undefined
}
