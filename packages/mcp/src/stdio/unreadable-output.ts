import { serverText } from '../failures/server-words.ts'

/** Lines that are kept from the beginning and from the end. */
const MAX_FIRST = 3
const MAX_LAST = 2
/** Characters of one line. */
const MAX_LENGTH = 200

/** The first and last lines that a program wrote to its standard output and that are not messages. */
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

  /**
   * Returns the lines, or undefined if there are none.
   * @param pending the beginning of a line that is not complete
   */
  text(pending: string): string | undefined {
    const unfinished = serverText(shown(pending), this.#secrets, MAX_LENGTH)
    return [...this.#first, ...this.#last, unfinished].filter((line) => line !== '').join(' / ') || undefined
  }
}

/** Names the wrong encoding, which the normalized text does not show. */
const shown = (line: string): string => (/\0/u.test(line) ? `(not UTF-8) ${line}` : line)

/**
 * Returns the id of a response of which only both ends are left. Servers write it near one of them: after `jsonrpc`, or
 * at the very end.
 */
export function responseId(head: string, tail: string): string | number | undefined {
  const found =
    /^\s*\{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?"id"\s*:\s*(\d+|"[^"\\]*")/.exec(head) ??
    /"id"\s*:\s*(\d+|"[^"\\]*")\s*(?:,\s*"jsonrpc"\s*:\s*"2\.0"\s*)?\}\s*$/.exec(tail)
  return found?.[1] === undefined ? undefined : (JSON.parse(found[1]) as string | number)
}
