import { ConnectorError } from '@mcpclient/core'

/** SQLite's primary result codes (https://www.sqlite.org/rescode.html); an extended code holds one in its low byte. */
const BUSY = 5
const LOCKED = 6
const IOERR = 10
const CORRUPT = 11
const FULL = 13
/** Many connections open and close the write-ahead log at the same moment. */
const PROTOCOL = 15
const NOTADB = 26
/** PERM, READONLY, CANTOPEN, AUTH */
const NOT_ALLOWED = new Set([3, 8, 14, 23])

function resultCode(error: unknown): number | undefined {
  const isSqlite = error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
  return isSqlite ? Number(error.errcode) & 0xff : undefined
}

/** Returns whether another connection holds the lock. */
export function isBusy(error: unknown): boolean {
  const code = resultCode(error)
  return code === BUSY || code === LOCKED || code === PROTOCOL
}

/**
 * Converts an error of SQLite to a `ConnectorError`. SQLite's own message is only in the cause.
 * @param name the name to show: the path while a host composes, else "the store's file"
 */
export function failureOf(error: unknown, name: string): ConnectorError {
  if (ConnectorError.is(error)) return error
  const code = resultCode(error)
  const options = { cause: error }
  if (code === CORRUPT || code === NOTADB) {
    const hint = 'Pass another file, or restore a backup. The files -wal and -shm beside it belong to it.'
    return new ConnectorError(
      'CONFIGURATION_ERROR',
      `SQLite cannot read ${name}: it is damaged or no database.`,
      { hint },
      options,
    )
  }
  if (code !== undefined && NOT_ALLOWED.has(code)) {
    const hint = 'Let this process read and write the file and its folder, in which SQLite stores two more files.'
    const message = `SQLite may not open or write ${name}.`
    return new ConnectorError('CONFIGURATION_ERROR', message, { hint }, options)
  }
  if (code === FULL) {
    const details = { outcome: 'not_processed', hint: 'Free some space on the disk.' } as const
    return new ConnectorError('API_INTERNAL_ERROR', `The disk has no space left for ${name}.`, details, options)
  }
  if (code === IOERR) {
    const hint = 'Check the disk. SQLite does not work on a network file system.'
    return new ConnectorError('API_INTERNAL_ERROR', `SQLite could not read or write ${name}.`, { hint }, options)
  }
  const message = `SQLite failed on ${name}${code === undefined ? '' : ` (result code ${String(code)})`}.`
  return new ConnectorError('API_INTERNAL_ERROR', message, {}, options)
}
