import { ConnectorError } from '../errors/connector-error.ts'
import type { ServerSentEvent } from './server-sent-events.ts'

const DEFAULT_MAX_EVENT_LENGTH = 1024 * 1024

/**
 * Parses events from a byte stream. Lines end in LF, CR LF or CR, and a chunk may end inside a character. An event that is
 * incomplete at the end of the stream is dropped, as the standard requires. Takes time linear in the length of the stream.
 * @throws ConnectorError DATA_TRANSFORMATION_ERROR if an event is longer than `maxEventLength`
 */
export async function* serverSentEvents(
  bytes: ReadableStream<Uint8Array>,
  maxEventLength: number = DEFAULT_MAX_EVENT_LENGTH,
): AsyncGenerator<ServerSentEvent> {
  const reader = bytes.getReader()
  const decoder = new TextDecoder()
  const lines = new LineReader(maxEventLength)
  const event = new EventBuilder(maxEventLength)
  try {
    for (let finished = false; !finished;) {
      const chunk = await reader.read()
      finished = chunk.done
      lines.push(chunk.done ? decoder.decode() : decoder.decode(chunk.value, { stream: true }))
      for (let line = lines.next(finished); line !== undefined; line = lines.next(finished)) {
        const complete = event.add(line)
        if (complete !== undefined) yield complete
      }
    }
  } finally {
    // A consumer that stops early must not leave the connection open.
    await reader.cancel().catch(() => undefined)
  }
}

/** Splits chunks of text into lines. */
class LineReader {
  readonly #maxLength: number
  /** The start of a line whose end has not arrived. */
  #held = ''
  #text = ''
  #at = 0
  /** The positions of the next LF and CR: at or after `#at`, or the length of the text. */
  #lf = 0
  #cr = 0
  #endedInCr = false

  constructor(maxLength: number) {
    this.#maxLength = maxLength
  }

  /** Adds a chunk. Call it once `next` has returned every line of the previous chunk. */
  push(text: string): void {
    if (text === '') return
    this.#text = text
    // The previous chunk ended in CR: an LF at the start belongs to it.
    this.#at = this.#endedInCr && text.startsWith('\n') ? 1 : 0
    this.#endedInCr = false
    this.#lf = this.#find('\n')
    this.#cr = this.#find('\r')
  }

  /** Returns the next complete line, or undefined. At the end of the stream, returns the rest as well. */
  next(finished: boolean): string | undefined {
    const text = this.#text
    const end = Math.min(this.#lf, this.#cr)
    const piece = text.slice(this.#at, end)
    if (this.#held.length + piece.length > this.#maxLength) throw tooLong(this.#maxLength)
    if (end === text.length) {
      this.#held += piece
      this.#text = ''
      this.#at = this.#lf = this.#cr = 0
      if (!finished || this.#held === '') return undefined
    } else if (end === this.#lf) {
      this.#at = end + 1
    } else {
      this.#endedInCr = end + 1 === text.length
      this.#at = this.#lf === end + 1 ? end + 2 : end + 1
    }
    const line = end === text.length ? this.#held : this.#held + piece
    this.#held = ''
    if (this.#lf < this.#at) this.#lf = this.#find('\n')
    if (this.#cr < this.#at) this.#cr = this.#find('\r')
    return line
  }

  #find(character: string): number {
    const at = this.#text.indexOf(character, this.#at)
    return at === -1 ? this.#text.length : at
  }
}

/** Collects the fields of one event. */
class EventBuilder {
  readonly #maxLength: number
  #event = ''
  #id: string | undefined
  #data: string[] = []
  #length = 0

  constructor(maxLength: number) {
    this.#maxLength = maxLength
  }

  /** Returns the event that a blank line completes. Lines that start with a colon are comments. */
  add(line: string): ServerSentEvent | undefined {
    if (line === '') return this.#take()
    const colon = line.indexOf(':')
    const field = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'event') this.#event = value
    else if (field === 'id' && !value.includes('\0')) this.#id = value
    else if (field === 'data') {
      this.#length += value.length + 1
      if (this.#length > this.#maxLength + 1) throw tooLong(this.#maxLength)
      this.#data.push(value)
    }
    return undefined
  }

  #take(): ServerSentEvent | undefined {
    const data = this.#data
    const event = this.#event || 'message'
    this.#event = ''
    this.#data = []
    this.#length = 0
    if (data.length === 0) return undefined
    return { event, data: data.join('\n'), ...(this.#id !== undefined && { id: this.#id }) }
  }
}

const tooLong = (maxLength: number): ConnectorError =>
  new ConnectorError('DATA_TRANSFORMATION_ERROR', `An event of the stream is longer than ${maxLength} characters.`, {
    hint: "Raise maxEventLength in the tool's stream.",
  })
