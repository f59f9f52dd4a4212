const NEWLINE = 10
const RETURN = 13
const NOTHING = Buffer.alloc(0)

/** Bytes that are kept from each end of a line that is too long, to recognize what it was. */
const KEPT_BYTES = 1024

export interface LineEvents {
  readonly onLine: (line: string) => void
  /** Called for a line that is too long, of which only the ends are left. Later lines are not affected. */
  readonly onOverlong: (head: string, tail: string) => void
}

/** Splits a stream of bytes into lines, and buffers no more than `maxBytes` of one. */
export class LineReader {
  readonly #maxBytes: number
  readonly #events: LineEvents
  #chunks: Buffer[] = []
  #size = 0
  /** Set while an overlong line is skipped. */
  #head: string | undefined
  #tail = NOTHING

  constructor(maxBytes: number, events: LineEvents) {
    this.#maxBytes = maxBytes
    this.#events = events
  }

  /** The beginning of the line that is not complete yet. */
  get pending(): string {
    if (this.#head !== undefined) return this.#head
    const [first] = this.#chunks
    if (first === undefined) return ''
    const bytes = first.length >= KEPT_BYTES ? first : Buffer.concat(this.#chunks)
    return bytes.toString('utf8', 0, KEPT_BYTES)
  }

  push(chunk: Buffer): void {
    let from = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      if (this.#isBetweenLines && end - from <= this.#maxBytes) this.#emit(chunk, from, end)
      else {
        this.#add(chunk.subarray(from, end))
        this.#endLine()
      }
      from = end + 1
    }
    if (from < chunk.length) this.#add(chunk.subarray(from))
  }

  /** True for nearly every line, because most are in one chunk as a whole. */
  get #isBetweenLines(): boolean {
    return this.#chunks.length === 0 && this.#head === undefined
  }

  #emit(bytes: Buffer, from: number, end: number): void {
    const isWindows = end > from && bytes[end - 1] === RETURN
    this.#events.onLine(bytes.toString('utf8', from, isWindows ? end - 1 : end))
  }

  #add(piece: Buffer): void {
    if (this.#head === undefined) {
      this.#chunks.push(piece)
      this.#size += piece.length
      if (this.#size <= this.#maxBytes) return
      const whole = Buffer.concat(this.#chunks)
      this.#head = whole.toString('utf8', 0, KEPT_BYTES)
      this.#tail = Buffer.from(whole.subarray(-KEPT_BYTES))
      this.#chunks = []
    } else {
      // A copy, so that the rest of the chunk can be freed.
      this.#tail = Buffer.concat([this.#tail, piece.subarray(-KEPT_BYTES)]).subarray(-KEPT_BYTES)
    }
  }

  #endLine(): void {
    const head = this.#head
    const only = this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks)
    const tail = this.#tail
    this.#chunks = []
    this.#size = 0
    this.#head = undefined
    this.#tail = NOTHING
    if (head !== undefined) this.#events.onOverlong(head, tail.toString('utf8'))
    else if (only !== undefined) this.#emit(only, 0, only.length)
  }
}
