const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `Sun, 06 Nov 1994 08:49:37 GMT`, or with dashes and a two-digit year (RFC 850). */
const FIXED = /^[A-Z][a-z]{2,8}, (\d{2})[ -]([A-Z][a-z]{2})[ -](\d{4}|\d{2}) (\d{2}):(\d{2}):(\d{2}) GMT$/
/** `Sun Nov  6 08:49:37 1994`, which is also in UTC. */
const ASCTIME = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([ \d]\d) (\d{2}):(\d{2}):(\d{2}) (\d{4})$/

/**
 * Parses an HTTP date in any of its three forms (RFC 9110, section 5.6.7).
 *
 * `Date.parse` would read the third form as local time, and accepts strings that are not HTTP dates.
 * @param nowMs milliseconds since the epoch; a two-digit year is resolved to at most 50 years after it
 * @returns milliseconds since the epoch, or undefined for anything else
 */
export function parseHttpDate(text: string, nowMs: number): number | undefined {
  const fixed = FIXED.exec(text)
  if (fixed !== null) {
    const [, day = '', month = '', year = '', hour = '', minute = '', second = ''] = fixed
    return instant(year.length === 2 ? fullYear(Number(year), nowMs) : Number(year), month, day, hour, minute, second)
  }
  const asctime = ASCTIME.exec(text)
  if (asctime === null) return undefined
  const [, month = '', day = '', hour = '', minute = '', second = '', year = ''] = asctime
  return instant(Number(year), month, day, hour, minute, second)
}

function instant(
  year: number,
  monthName: string,
  day: string,
  hour: string,
  minute: string,
  second: string,
): number | undefined {
  const month = MONTHS.indexOf(monthName)
  // A leap second is 60 and may carry over. 31 February, which is not a date, must not.
  if (month < 0 || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined
  const midnight = new Date(0)
  midnight.setUTCFullYear(year, month, Number(day))
  if (midnight.getUTCDate() !== Number(day)) return undefined
  return midnight.getTime() + ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000
}

function fullYear(twoDigits: number, nowMs: number): number {
  const thisYear = new Date(nowMs).getUTCFullYear()
  const year = thisYear - (thisYear % 100) + twoDigits
  if (year > thisYear + 50) return year - 100
  return year <= thisYear - 50 ? year + 100 : year
}
