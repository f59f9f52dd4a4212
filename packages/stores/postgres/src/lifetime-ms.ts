import { ConnectorError } from '@mcpclient/core'

/** Three thousand years. A longer lifetime never expires, because no timestamp can hold it. */
const NEVER_MS = 1e14

/** @returns milliseconds; null for never */
export function lifetimeMs(ttlMs: number | undefined): number | null {
  if (ttlMs === undefined || ttlMs >= NEVER_MS) return null
  if (Number.isNaN(ttlMs)) throw new ConnectorError('CONFIGURATION_ERROR', 'The ttlMs of an entry is not a number.')
  return Math.max(0, ttlMs)
}
