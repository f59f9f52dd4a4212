import type { RefusalReason } from '@mcpclient/core/define'

/** The limits of a timestamp. They are two numbers: a tolerance in both directions would double the time for a replay. */
export interface TimeWindow {
  /** Milliseconds between the provider's timestamp and its arrival. */
  readonly maxAgeMs: number
  /** Milliseconds that a timestamp may lie in the future. */
  readonly maxLeadMs: number
}

export const DEFAULT_WINDOW: TimeWindow = { maxAgeMs: 300_000, maxLeadMs: 60_000 }

export type TimestampUnit = 's' | 'ms'

/**
 * Digits alone, and exactly as many as times from 2001 to 2286 have. So a timestamp in the wrong unit is refused, and no
 * digit can move between it and signed text beside it.
 */
const FORMS: Readonly<Record<TimestampUnit, RegExp>> = { s: /^\d{10}$/, ms: /^\d{13}$/ }

/** Returns why a timestamp is refused, or undefined if it is inside the window. */
export function timestampFault(
  text: string | undefined,
  unit: TimestampUnit,
  window: TimeWindow,
  now: number,
): RefusalReason | undefined {
  if (text === undefined || text === '') return 'timestamp_missing'
  if (!FORMS[unit].test(text)) return 'timestamp_malformed'
  const age = now - Number(text) * (unit === 's' ? 1000 : 1)
  // Written so that a clock that is no number refuses everything.
  if (!(age <= window.maxAgeMs)) return 'timestamp_too_old'
  return -age <= window.maxLeadMs ? undefined : 'timestamp_in_future'
}
