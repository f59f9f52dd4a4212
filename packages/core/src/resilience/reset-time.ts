import { parseHttpDate } from './http-date.ts'

/** The format in which a provider writes the time at which a limit resets. */
export type ResetForm = 'epoch-seconds' | 'epoch-milliseconds' | 'seconds' | 'milliseconds' | 'date' | 'duration'

const NUMBER = /^\d+(?:\.\d+)?$/
/** Go's `time.Duration`: `6m0s`, `12ms`, `1h0m3.5s`. */
const DURATION = /^(?:\d+(?:\.\d+)?(?:h|ms|m|s|us|µs|ns))+$/
const DURATION_PARTS = /(\d+(?:\.\d+)?)(h|ms|m|s|us|µs|ns)/g
const DURATION_UNITS_MS = { h: 3_600_000, m: 60_000, s: 1000, ms: 1, us: 1e-3, µs: 1e-3, ns: 1e-6 }
/** ISO 8601 and RFC 3339. Jira omits the seconds. A time without a zone is in UTC. */
const ISO = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2})(:\d{2}(?:\.\d+)?)?(Z|z|[+-]\d{2}:?\d{2})?$/

/** Upper bound of a reported wait: one year. Longer waits are reduced to it, never ignored. */
export const MAX_WAIT_MS = 365 * 24 * 3_600_000
/** Above this, a number that could be a time is in microseconds or nanoseconds. */
const MAX_EPOCH_MS = 1e14

/**
 * Returns the milliseconds from the server's current time to the time in `text`.
 *
 * Without a form, a number above 10^12 is milliseconds since the epoch, one above 10^9 is seconds since the epoch, and
 * any other is seconds from now.
 * @param serverNowMs milliseconds since the epoch by the server's clock
 * @returns at most {@link MAX_WAIT_MS}; undefined if `text` is malformed or in the past
 */
export function readReset(text: string, serverNowMs: number, form?: ResetForm): number | undefined {
  const waitMs = NUMBER.test(text) ? ofNumber(Number(text), serverNowMs, form) : ofText(text, serverNowMs, form)
  return waitMs !== undefined && waitMs >= 0 ? Math.min(waitMs, MAX_WAIT_MS) : undefined
}

function ofNumber(given: number, serverNowMs: number, known: ResetForm | undefined): number | undefined {
  const form = known ?? formOf(given)
  let number = given
  if (known === undefined && Number.isFinite(given)) while (number > MAX_EPOCH_MS) number /= 1000
  if (form === 'seconds') return number * 1000
  if (form === 'milliseconds') return number
  if (form === 'epoch-seconds') return number * 1000 - serverNowMs
  return form === 'epoch-milliseconds' ? number - serverNowMs : undefined
}

const formOf = (number: number): ResetForm =>
  number > 1e12 ? 'epoch-milliseconds' : number > 1e9 ? 'epoch-seconds' : 'seconds'

function ofText(text: string, serverNowMs: number, form: ResetForm | undefined): number | undefined {
  const duration = form === undefined || form === 'duration' ? readDuration(text) : undefined
  if (duration !== undefined) return duration
  const date = form === undefined || form === 'date' ? readDate(text, serverNowMs) : undefined
  return date === undefined ? undefined : date - serverNowMs
}

function readDuration(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined
  let sumMs = 0
  for (const [, amount, unit] of text.matchAll(DURATION_PARTS)) {
    sumMs += Number(amount) * DURATION_UNITS_MS[unit as keyof typeof DURATION_UNITS_MS]
  }
  return sumMs
}

/** Parses an HTTP date or an ISO 8601 time to milliseconds since the epoch. */
function readDate(text: string, nowMs: number): number | undefined {
  const iso = ISO.exec(text)
  if (iso === null) return parseHttpDate(text, nowMs)
  const [, day = '', time = '', seconds = ':00', zone = 'Z'] = iso
  const parsed = Date.parse(`${day}T${time}${seconds}${zone.toUpperCase()}`)
  return Number.isNaN(parsed) ? undefined : parsed
}
