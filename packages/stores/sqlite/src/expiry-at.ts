import { ConnectorError } from '@mcpclient/core'

/** @returns the wall-clock time at which an entry expires, whole milliseconds since the epoch; null for never */
export function expiryAt(nowMs: number, ttlMs: number | undefined): number | null {
  if (ttlMs === undefined || ttlMs === Infinity) return null
  if (Number.isNaN(ttlMs)) throw new ConnectorError('CONFIGURATION_ERROR', 'The ttlMs of an entry is not a number.')
  return Math.ceil(nowMs + ttlMs)
}
