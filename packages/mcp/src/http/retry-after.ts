/** The longest wait that is passed on: whatever is longer means "not today". */
export const MAX_RETRY_AFTER_MS = 365 * 86_400_000
/** A longer header is no wait. */
const MAX_HEADER_LENGTH = 1000

/**
 * Returns the milliseconds to wait (RFC 9110, 10.2.3), at most a year; undefined if the header holds no wait. The header
 * is a number of seconds or a date; if it was sent twice, the longer wait counts.
 * @param nowMs the wall clock, milliseconds since the epoch
 */
export function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null || header.length > MAX_HEADER_LENGTH) return undefined
  const waits = header.split(/,(?!\s\d\d[\s-])/u).flatMap((part) => waitIn(part.trim(), nowMs) ?? [])
  return waits.length === 0 ? undefined : Math.min(MAX_RETRY_AFTER_MS, Math.max(...waits))
}

function waitIn(text: string, nowMs: number): number | undefined {
  if (/^\d+(?:\.\d+)?$/u.test(text)) return Math.ceil(Number(text) * 1000)
  // Without a name of a day it is no HTTP date, and Date.parse takes nearly anything for a date.
  const date = /^[A-Z][a-z]{2}/u.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs)
}
