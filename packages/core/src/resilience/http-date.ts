const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `Sun, 06 Nov 1994 08:49:37 GMT`, and with dashes and two digits of the year as RFC 850 had it. */
const FIXED = /^[A-Z][a-z]{2,8}, (\d{2})[ -]([A-Z][a-z]{2})[ -](\d{4}|\d{2}) (\d{2}):(\d{2}):(\d{2}) GMT$/
/** `Sun Nov  6 08:49:37 1994`: universal time too, though it does not say so. */
const ASCTIME = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([ \d]\d) (\d{2}):(\d{2}):(\d{2}) (\d{4})$/

/**
 * Reads an HTTP date in each of its three forms (RFC 9110, section 5.6.7).
 * `Date.parse` will not do: it takes the third form for local time, and accepts what is no HTTP date.
 * @param nowMs milliseconds since the epoch: a year of two digits means the one nearest to it that is no more than 50
 * years ahead
 * @returns milliseconds since the epoch; undefined for anything else
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
  // A leap second is 60; Date.UTC carries it over. It carries 31 February over as well, which is no date.
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
