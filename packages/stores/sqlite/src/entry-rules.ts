import { ConnectorError } from '@mcpclient/core'

/** @throws ConnectorError INVALID_INPUT for text that would not come back as it was: there is no UTF-8 for it */
export function mustBeText(value: string): void {
  if (value.isWellFormed() && !value.includes('\0')) return
  throw new ConnectorError('INVALID_INPUT', 'A value of a store is well-formed text without U+0000.', {
    hint: 'Put JSON.stringify(value), which escapes both.',
  })
}

/** @returns the wall-clock time at which an entry expires, whole milliseconds since the epoch; null for never */
export function expiryAt(nowMs: number, ttlMs: number | undefined): number | null {
  if (ttlMs === undefined || ttlMs === Infinity) return null
  if (Number.isNaN(ttlMs)) throw new ConnectorError('CONFIGURATION_ERROR', 'The ttlMs of an entry is not a number.')
  return Math.ceil(nowMs + ttlMs)
}
