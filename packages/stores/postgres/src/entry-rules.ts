import { ConnectorError } from '@mcpclient/core'

/** Three thousand years: what lasts longer never expires, and fits no timestamp. */
const NEVER_MS = 1e14

/** @throws ConnectorError INVALID_INPUT for text that PostgreSQL cannot hold */
export function mustBeText(value: string): void {
  if (value.isWellFormed() && !value.includes('\0')) return
  throw new ConnectorError('INVALID_INPUT', 'A value of a store is well-formed text without U+0000.', {
    hint: 'Put JSON.stringify(value), which escapes both.',
  })
}

/** @returns milliseconds; null for never */
export function lifetimeMs(ttlMs: number | undefined): number | null {
  if (ttlMs === undefined || ttlMs >= NEVER_MS) return null
  if (Number.isNaN(ttlMs)) throw new ConnectorError('CONFIGURATION_ERROR', 'The ttlMs of an entry is not a number.')
  return Math.max(0, ttlMs)
}

/** @throws ConnectorError CONFIGURATION_ERROR for a bucket that means nothing, and for a cost that it never holds */
export function mustBeBucket(bucket: {
  readonly capacity: number
  readonly perMs: number
  readonly cost: number
}): void {
  const { capacity, perMs, cost } = bucket
  if (!(capacity > 0 && perMs > 0 && cost >= 0 && Number.isFinite(capacity + perMs))) {
    throw new ConnectorError(
      'CONFIGURATION_ERROR',
      'A bucket needs a capacity and a perMs above 0, and no negative cost.',
    )
  }
  if (cost <= capacity) return
  throw new ConnectorError(
    'CONFIGURATION_ERROR',
    `A cost of ${String(cost)} never fits a bucket of ${String(capacity)}.`,
  )
}
