import type { Readable } from 'node:stream'
import type { Clock, Logger } from '@mcpclient/core'
import { serverText } from '../failures/server-words.ts'
import { LineReader } from './line-reader.ts'

/** Bytes of one line that are logged. */
const MAX_LINE_BYTES = 4096
/** Lines that are logged per window. The rest is counted. */
const MAX_LINES = 100
const WINDOW_MS = 10_000
/** Lines for the error that explains an exit. */
const MAX_LAST = 3

export interface StderrLog {
  /** Returns the last lines, for the error that explains an exit; undefined if there are none. */
  lastLines(): string | undefined
}

/** Logs what a server writes to its standard error, redacted and rate limited. */
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
    last = [...last, text].slice(-MAX_LAST)
    const now = clock.monotonic()
    if (now - windowStart >= WINDOW_MS) {
      if (lines > MAX_LINES) logger.info({ dropped: lines - MAX_LINES }, 'A server wrote more lines than are logged.')
      windowStart = now
      lines = 0
    }
    lines += 1
    if (lines <= MAX_LINES) logger.info({ stderr: text }, 'A server wrote to standard error.')
  }

  const reader = new LineReader(MAX_LINE_BYTES, { onLine: log, onOverlong: (head) => log(`${head}…`) })
  stderr.on('data', (chunk: Buffer) => {
    reader.push(chunk)
  })
  return {
    lastLines: () => {
      // A program that fails often exits in the middle of a line.
      const unfinished = serverText(reader.pending, secrets)
      return (
        [...last, unfinished]
          .filter((line) => line !== '')
          .slice(-MAX_LAST)
          .join(' / ') || undefined
      )
    },
  }
}
