import { serverText } from '../server-text.ts'

/** Lines kept from the beginning and from the end. */
const MAX_FIRST = 3
const MAX_LAST = 2
/** Characters kept of one line. */
const MAX_LENGTH = 200

/** Remembers what a program wrote to its standard output that is no message: its first lines and its last ones. */
export class UnreadableOutput {
  readonly #secrets: readonly string[]
  readonly #first: string[] = []
  #last: readonly string[] = []

  constructor(secrets: readonly string[]) {
    this.#secrets = secrets
  }

  add(line: string): void {
    const text = serverText(shown(line), this.#secrets, MAX_LENGTH)
    if (text === '') return
    if (this.#first.length < MAX_FIRST) this.#first.push(text)
    else this.#last = [...this.#last, text].slice(-MAX_LAST)
  }

  /** @param pending the beginning of a line without an end */
  text(pending: string): string | undefined {
    const unfinished = serverText(shown(pending), this.#secrets, MAX_LENGTH)
    return [...this.#first, ...this.#last, unfinished].filter((line) => line !== '').join(' / ') || undefined
  }
}

/** Names an encoding in which nothing else would be seen to be wrong. */
const shown = (line: string): string => (/\0/u.test(line) ? `(not UTF-8) ${line}` : line)
