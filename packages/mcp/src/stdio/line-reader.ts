const NEWLINE = 10
const RETURN = 13
const NOTHING = Buffer.alloc(0)

/** How much of a line that is too long is kept, at each end: enough to tell what it was. */
const REMNANT = 1024

export interface LineEvents {
  readonly onLine: (line: string) => void
  /** A line was longer than allowed, and is gone but for its ends. The lines after it are not affected. */
  readonly onOverlong: (head: string, tail: string) => void
}

/** Cuts a stream of bytes into lines, keeping no more than `mostBytes` of one. */
export class LineReader {
  readonly #mostBytes: number
  readonly #events: LineEvents
  #chunks: Buffer[] = []
  #size = 0
  /** Set while an overlong line goes by. */
  #head: string | undefined
  #tail = NOTHING

  constructor(mostBytes: number, events: LineEvents) {
    this.#mostBytes = mostBytes
    this.#events = events
  }

  /** The beginning of the line that has no end yet. */
  get pending(): string {
    if (this.#head !== undefined) return this.#head
    const [first] = this.#chunks
    if (first === undefined) return ''
    const bytes = first.length >= REMNANT ? first : Buffer.concat(this.#chunks)
    return bytes.toString('utf8', 0, REMNANT)
  }

  push(chunk: Buffer): void {
    let from = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      if (this.#isBetweenLines && end - from <= this.#mostBytes) this.#tell(chunk, from, end)
      else {
        this.#add(chunk.subarray(from, end))
        this.#endLine()
      }
      from = end + 1
    }
    if (from < chunk.length) this.#add(chunk.subarray(from))
  }

  /** So nearly every line is: whole, in one chunk. */
  get #isBetweenLines(): boolean {
    return this.#chunks.length === 0 && this.#head === undefined
  }

  #tell(bytes: Buffer, from: number, end: number): void {
    const isWindows = end > from && bytes[end - 1] === RETURN
    this.#events.onLine(bytes.toString('utf8', from, isWindows ? end - 1 : end))
  }

  #add(piece: Buffer): void {
    if (this.#head === undefined) {
      this.#chunks.push(piece)
      this.#size += piece.length
      if (this.#size <= this.#mostBytes) return
      const whole = Buffer.concat(this.#chunks)
      this.#head = whole.toString('utf8', 0, REMNANT)
      this.#tail = Buffer.from(whole.subarray(-REMNANT))
      this.#chunks = []
    } else {
      // Copied, so that what is left out can be freed.
      this.#tail = Buffer.concat([this.#tail, piece.subarray(-REMNANT)]).subarray(-REMNANT)
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
    else if (only !== undefined) this.#tell(only, 0, only.length)
  }
}
