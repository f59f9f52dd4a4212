import type { ResponseHeaders } from '../ports/transport.ts'
import { parseHttpDate } from './http-date.ts'
import { readRateLimit, readRateLimitPolicy } from './ietf-limits.ts'
import type { LimitPolicy, LimitState } from './ietf-limits.ts'
import { readReset } from './reset-time.ts'
import type { ResetForm } from './reset-time.ts'
import { readUsage } from './usage-headers.ts'

/** The names of a provider's limit headers, and its format of times, if they cannot be detected. */
export interface LimitDialect {
  /** The format of every reset time. Detected if absent. */
  readonly reset?: ResetForm | undefined
  /**
   * The headers of each limit. If set, only these, `Retry-After` and `RateLimit` are read. If absent: `x-ratelimit-*`,
   * and after a failure all commonly used names.
   */
  readonly headers?: readonly LimitHeaders[] | undefined
}

/** The headers, in lower case, that describe one limit, or several limits as comma-separated lists. */
export interface LimitHeaders {
  /** The header with the remaining count. */
  readonly remaining?: string | undefined
  /** The header with the reset time. */
  readonly reset?: string | undefined
  /** The format of this reset time, if it differs from the dialect's. */
  readonly form?: ResetForm | undefined
  /** A header with the used share instead: Meta's JSON, Salesforce's `api-usage`, Microsoft Graph's percentage. */
  readonly usage?: string | undefined
}

export interface LimitReading {
  /**
   * Milliseconds to wait before a retry, for a response that is not a success: as the server says, else until the
   * exhausted limits reset. Absent for a success, where `Retry-After` is about polling.
   */
  readonly retryAfterMs?: number | undefined
  /** The remaining count of the tightest limit, in its own unit. Other clients may share the limit. */
  readonly remaining?: number | undefined
  /** Milliseconds until that limit resets, at least in part. If several are exhausted, until all of them have. */
  readonly resetMs?: number | undefined
  /** Used share of the quota, from 0 to 1, if the server reports shares. */
  readonly usage?: number | undefined
  /** Policies that the server declares. */
  readonly policies?: readonly LimitPolicy[] | undefined
}

const USUAL_HEADERS: readonly LimitHeaders[] = [{ remaining: 'x-ratelimit-remaining', reset: 'x-ratelimit-reset' }]

/** Read only after a failure, because looking up each name costs more than reading a response without any. */
const SEEN_HEADERS: readonly LimitHeaders[] = [
  ...USUAL_HEADERS,
  // A token bucket that is refilled once per interval has no reset time: it holds tokens after one interval.
  { remaining: 'x-ratelimit-remaining', reset: 'x-ratelimit-interval-seconds', form: 'seconds' },
  { remaining: 'x-rate-limit-remaining', reset: 'x-rate-limit-reset' },
  { remaining: 'ratelimit-remaining', reset: 'ratelimit-reset' },
  { remaining: 'x-ratelimit-remaining-requests', reset: 'x-ratelimit-reset-requests' },
  { remaining: 'x-ratelimit-remaining-tokens', reset: 'x-ratelimit-reset-tokens' },
  ...['requests', 'tokens', 'input-tokens', 'output-tokens'].map((what) => ({
    remaining: `anthropic-ratelimit-${what}-remaining`,
    reset: `anthropic-ratelimit-${what}-reset`,
  })),
  // A rolling window reports its length: after that time, everything counted has left it.
  {
    remaining: 'x-hubspot-ratelimit-remaining',
    reset: 'x-hubspot-ratelimit-interval-milliseconds',
    form: 'milliseconds',
  },
  { usage: 'x-app-usage' },
  { usage: 'x-business-use-case-usage' },
  { usage: 'sforce-limit-info' },
  { usage: 'x-ms-throttle-limit-percentage' },
]

const LIMIT_FIELDS = ['ratelimit', 'beta-ratelimit']
/** Longer values are not limits, and parsing them would be work that the server imposes. */
const MAX_VALUE_LENGTH = 8192
/** A comma between items, but not the one inside an HTTP date. */
const LIST_COMMA = /,(?!\s\d\d[\s-])/
/** More limits than any provider lists in one header. */
const MAX_IN_LIST = 16

/**
 * Reads the limits from the headers of a response, in any dialect. Never throws. Ignores malformed values and times in
 * the past, and reduces waits of more than a year to one year.
 *
 * Sources: RFC 9110 section 10.2.3 (Retry-After), draft-ietf-httpapi-ratelimit-headers-11 (RateLimit and
 * RateLimit-Policy), and the vendors' pages.
 * @param context.status HTTP status of the response
 * @param context.nowMs milliseconds since the epoch; the response's own `Date` is preferred, so that clocks may differ
 * @param context.dialect the provider's names and formats
 */
export function readLimitHeaders(
  headers: ResponseHeaders,
  context: { readonly status: number; readonly nowMs: number; readonly dialect?: LimitDialect | undefined },
): LimitReading {
  const { status, nowMs, dialect } = context
  const success = status >= 200 && status < 300
  return new Reading(headers, nowMs, dialect?.reset).read(
    dialect?.headers ?? (success ? USUAL_HEADERS : SEEN_HEADERS),
    success,
    status,
  )
}

/**
 * Returns the wait of a failed response in milliseconds, at most a year; undefined if it has none. Reads
 * `Retry-After` (RFC 9110, section 10.2.3) and the rate limit headers in common use.
 * @param nowMs milliseconds since the epoch; the `Date` of the response is preferred, so that clocks may differ
 */
export const retryAfterMs = (
  { status, headers }: { readonly status: number; readonly headers: ResponseHeaders },
  nowMs: number,
): number | undefined => readLimitHeaders(headers, { status, nowMs }).retryAfterMs

class Reading {
  readonly #headers: ResponseHeaders
  readonly #nowMs: number
  readonly #form: ResetForm | undefined
  #serverNowMs: number | undefined
  readonly #limits: LimitState[] = []
  #usage: number | undefined
  #regainMs: number | undefined

  constructor(headers: ResponseHeaders, nowMs: number, form: ResetForm | undefined) {
    this.#headers = headers
    this.#nowMs = nowMs
    this.#form = form
  }

  read(names: readonly LimitHeaders[], success: boolean, status: number): LimitReading {
    const name = LIMIT_FIELDS.find((each) => this.#readField(this.#value(each)))
    for (const each of names) this.#readLimit(each)
    if (success && this.#limits.length === 0) return { usage: this.#usage }
    const { remaining, resetMs } = tightest(this.#limits)
    return {
      retryAfterMs: success
        ? undefined
        : (this.#retryAfterMs() ?? this.#regainMs ?? waitForReset(remaining, resetMs, status)),
      remaining,
      resetMs,
      usage: this.#usage,
      policies: this.#policies(`${name ?? 'x-ratelimit'}-policy`),
    }
  }

  #readField(field: string | undefined): boolean {
    if (field === undefined) return false
    this.#limits.push(...readRateLimit(field))
    return true
  }

  #value(name: string): string | undefined {
    const value = this.#headers.get(name)
    return value === null || value.length > MAX_VALUE_LENGTH ? undefined : value.trim()
  }

  #resetMs(text: string | undefined, form: ResetForm | undefined): number | undefined {
    if (text === undefined) return undefined
    this.#serverNowMs ??= parseHttpDate(this.#value('date') ?? '', this.#nowMs) ?? this.#nowMs
    return readReset(text.trim(), this.#serverNowMs, form)
  }

  #retryAfterMs(): number | undefined {
    const precise = this.#resetMs(this.#value('retry-after-ms'), 'milliseconds')
    if (precise !== undefined) return precise
    const plain = this.#value('retry-after')
    // Sent twice, it arrives as a list. A date contains a comma itself.
    return (
      this.#resetMs(plain, undefined) ??
      max(plain?.split(LIST_COMMA, MAX_IN_LIST).map((part) => this.#resetMs(part, undefined)) ?? [])
    )
  }

  /** Reads one limit, or several from lists: `x-ratelimit-remaining: 1, 1000` with `x-ratelimit-reset: 1, 1419704`. */
  #readLimit(names: LimitHeaders): void {
    if (names.usage !== undefined) this.#readUsage(this.#value(names.usage))
    const remaining = names.remaining === undefined ? undefined : this.#value(names.remaining)
    const reset = names.reset === undefined ? undefined : this.#value(names.reset)
    if (remaining === undefined && reset === undefined) return
    const form = names.form ?? this.#form
    const resetMs = this.#resetMs(reset, form)
    if (resetMs !== undefined) {
      this.#limits.push({ remaining: readCount(remaining), resetMs })
      return
    }
    const counts = remaining?.split(',', MAX_IN_LIST) ?? []
    const resets = reset?.split(',', MAX_IN_LIST) ?? []
    for (let index = 0; index < Math.max(counts.length, resets.length); index += 1) {
      this.#limits.push({ remaining: readCount(counts[index]), resetMs: this.#resetMs(resets[index], form) })
    }
  }

  #readUsage(text: string | undefined): void {
    if (text === undefined) return
    const { share, remaining, regainMs } = readUsage(text)
    if (share !== undefined) this.#usage = Math.max(this.#usage ?? 0, share)
    if (regainMs !== undefined) this.#regainMs = Math.max(this.#regainMs ?? 0, regainMs)
    if (remaining !== undefined) this.#limits.push({ remaining })
  }

  #policies(name: string): readonly LimitPolicy[] | undefined {
    const field = this.#value(name)
    const policies = field === undefined ? [] : readRateLimitPolicy(field)
    return policies.length > 0 ? policies : undefined
  }
}

function readCount(text: string | undefined): number | undefined {
  const trimmed = text?.trim() ?? ''
  return /^\d{1,15}(?:\.\d{1,9})?$/.test(trimmed) ? Number(trimmed) : undefined
}

/** Returns the limit with the least remaining. Of several exhausted limits, all must reset, so the last one counts. */
function tightest(limits: readonly LimitState[]): LimitState {
  const remaining = min(limits.map((limit) => limit.remaining))
  if (remaining === undefined) return { resetMs: min(limits.map((limit) => limit.resetMs)) }
  return {
    remaining,
    resetMs: max(limits.map((limit) => (limit.remaining === remaining ? limit.resetMs : undefined))),
  }
}

/**
 * Returns the wait of a refused call, by the exhausted limits. A limit that is not exhausted did not refuse it: GitHub's
 * secondary limit responds like that while the primary one has an hour to go.
 */
function waitForReset(remaining: number | undefined, resetMs: number | undefined, status: number): number | undefined {
  return remaining === 0 || (remaining === undefined && status === 429) ? resetMs : undefined
}

const isNumber = (value: number | undefined): value is number => value !== undefined

function min(values: readonly (number | undefined)[]): number | undefined {
  const numbers = values.filter(isNumber)
  return numbers.length > 0 ? Math.min(...numbers) : undefined
}

function max(values: readonly (number | undefined)[]): number | undefined {
  const numbers = values.filter(isNumber)
  return numbers.length > 0 ? Math.max(...numbers) : undefined
}
