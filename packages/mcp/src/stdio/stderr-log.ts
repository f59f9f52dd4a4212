import type { Readable } from 'node:stream'
import type { Clock, Logger } from '@mcpclient/core'
import { serverText } from '../server-text.ts'
import { LineReader } from './line-reader.ts'

/** Bytes of one line that are kept. */
const LONGEST_LINE = 4096
/** Lines that are logged in a window of so many milliseconds; the rest is counted. */
const MOST_LINES = 100
const WINDOW_MS = 10_000
/** Lines kept for the error that tells why a server ended. */
const LAST_LINES = 3

export interface StderrLog {
  /** The last of what the server said, for the error that tells of its end. */
  lastWords(): string | undefined
}

/** Passes what a server writes to its standard error on to the logger: redacted, and not without limit. */
export function logStderr(
  stderr: Readable,
  { logger, clock, secrets }: { readonly logger: Logger; readonly clock: Clock; readonly secrets: readonly string[] },
): StderrLog {
  let last: readonly string[] = []
  let windowStart = clock.monotonic()
  let lines = 0

  const log = (line: string): void => {
    const text = serverText(line, secrets)
    if (text === '') return
    last = [...last, text].slice(-LAST_LINES)
    const now = clock.monotonic()
    if (now - windowStart >= WINDOW_MS) {
      if (lines > MOST_LINES) logger.info({ leftOut: lines - MOST_LINES }, 'A server wrote more than is logged.')
      windowStart = now
      lines = 0
    }
    lines += 1
    if (lines <= MOST_LINES) logger.info({ stderr: text }, 'A server wrote.')
  }

  const reader = new LineReader(LONGEST_LINE, { onLine: log, onOverlong: (head) => log(`${head}…`) })
  stderr.on('data', (chunk: Buffer) => {
    reader.push(chunk)
  })
  return {
    lastWords: () => {
      // A program that fails often ends in the middle of a line.
      const unfinished = serverText(reader.pending, secrets)
      return (
        [...last, unfinished]
          .filter((line) => line !== '')
          .slice(-LAST_LINES)
          .join(' / ') || undefined
      )
    },
  }
}
