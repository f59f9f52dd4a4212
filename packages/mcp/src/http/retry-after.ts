/**
 * Milliseconds to wait (RFC 9110, 10.2.3): the header is in seconds, or a date.
 * @param nowMs the wall clock, milliseconds since the epoch
 */
export function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined
  const text = header.trim()
  if (/^\d+(?:\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000)
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs)
}
