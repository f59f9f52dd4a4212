import { ConnectorError } from '@mcpclient/core'

const KEY = /^[ -~]{1,512}$/

/** @throws ConnectorError INVALID_INPUT for what the port does not allow as a key; the key may name a tenant, so it is not shown */
export function mustBeKey(key: string): void {
  if (KEY.test(key)) return
  throw new ConnectorError('INVALID_INPUT', 'A key of a store is 1 to 512 characters of printable ASCII.', {
    hint: `Make keys with storeKey(), which escapes each segment. This one has ${String(key.length)} characters.`,
  })
}

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
