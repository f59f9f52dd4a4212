import type { ResponseHeaders } from '../ports/transport.ts'
import { parseHttpDate } from './http-date.ts'
import { readRateLimit, readRateLimitPolicy } from './ietf-limits.ts'
import type { LimitPolicy, LimitState } from './ietf-limits.ts'
import { readReset } from './reset-time.ts'
import type { ResetForm } from './reset-time.ts'
import { readUsage } from './usage-headers.ts'

/** What a provider's headers are called and how it writes a time, where that cannot be told by looking. */
export interface LimitDialect {
  /** How every reset is written. Absent: told from its looks. */
  readonly reset?: ResetForm | undefined
  /**
   * The headers of each limit. Given, no others are read but `Retry-After` and `RateLimit`. Absent: `x-ratelimit-*`,
   * and after a failure every name that is commonly seen.
   */
  readonly headers?: readonly LimitHeaders[] | undefined
}

/** The headers, named in lower case, that describe one limit, or several as comma lists. */
export interface LimitHeaders {
  /** A count. */
  readonly remaining?: string | undefined
  readonly reset?: string | undefined
  /** How this reset is written, where it differs from the dialect's. */
  readonly form?: ResetForm | undefined
  /** A header that tells shares used instead: Meta's JSON, Salesforce's `api-usage`, Microsoft Graph's percentage. */
  readonly usage?: string | undefined
}

export interface LimitReading {
  /**
   * Milliseconds to wait before trying again, for an answer that is not a success: what the server says, else when the
   * limits that are used up renew. On a success it is absent: there `Retry-After` speaks of polling.
   */
  readonly retryAfterMs?: number | undefined
  /** What is left of the tightest limit, in its own unit. It promises nothing: others may share the limit. */
  readonly remaining?: number | undefined
  /** Milliseconds until that limit gets something back, perhaps not all; if several are used up, until all have. */
  readonly resetMs?: number | undefined
  /** Share of the quota that is used, 1 being all, where the server tells shares. */
  readonly usage?: number | undefined
  /** Policies that the server declares beside its limits. */
  readonly policies?: readonly LimitPolicy[] | undefined
}

const USUAL_HEADERS: readonly LimitHeaders[] = [{ remaining: 'x-ratelimit-remaining', reset: 'x-ratelimit-reset' }]

/** Looked for after a failure only: to ask for each costs more than reading an answer that has none of them. */
const SEEN_HEADERS: readonly LimitHeaders[] = [
  ...USUAL_HEADERS,
  // A token bucket that is filled once an interval has no reset: after one interval there is something in it.
  { remaining: 'x-ratelimit-remaining', reset: 'x-ratelimit-interval-seconds', form: 'seconds' },
  { remaining: 'x-rate-limit-remaining', reset: 'x-rate-limit-reset' },
  { remaining: 'ratelimit-remaining', reset: 'ratelimit-reset' },
  { remaining: 'x-ratelimit-remaining-requests', reset: 'x-ratelimit-reset-requests' },
  { remaining: 'x-ratelimit-remaining-tokens', reset: 'x-ratelimit-reset-tokens' },
  ...['requests', 'tokens', 'input-tokens', 'output-tokens'].map((what) => ({
    remaining: `anthropic-ratelimit-${what}-remaining`,
    reset: `anthropic-ratelimit-${what}-reset`,
  })),
  // A rolling window says how long it is: after one length all that was counted has left it.
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
/** Longer values are nobody's limits, and reading them is work that the other side would be giving us. */
const LONGEST_VALUE = 8192
/** A comma between items, but not the one inside an HTTP date. */
const LIST_COMMA = /,(?!\s\d\d[\s-])/
/** As many limits as anybody lists in one header. */
const MOST_IN_LIST = 16

/**
 * Reads what an answer says about limits, in whichever dialect. It never throws, and what it cannot read it leaves out:
 * malformed values and times in the past. A time more than a year away is cut to a year.
 *
 * Sources: RFC 9110 section 10.2.3 (Retry-After), draft-ietf-httpapi-ratelimit-headers-11 (RateLimit and
 * RateLimit-Policy), and the vendors' pages.
 * @param context.status HTTP status of the answer
 * @param context.nowMs milliseconds since the epoch; the answer's own `Date` is preferred, so that clocks may differ
 * @param context.dialect the provider's habits
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
 * Returns the milliseconds that a failed response asks to wait, at most a year; undefined if it names no time. Reads
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
        : (this.#retryAfterMs() ?? this.#regainMs ?? renewal(remaining, resetMs, status)),
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
    return value === null || value.length > LONGEST_VALUE ? undefined : value.trim()
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
    // Sent twice, it arrives as a list. A date holds a comma of its own.
    return (
      this.#resetMs(plain, undefined) ??
      most(plain?.split(LIST_COMMA, MOST_IN_LIST).map((part) => this.#resetMs(part, undefined)) ?? [])
    )
  }

  /** `x-ratelimit-remaining: 1, 1000` beside `x-ratelimit-reset: 1, 1419704` are two limits. */
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
    const counts = remaining?.split(',', MOST_IN_LIST) ?? []
    const resets = reset?.split(',', MOST_IN_LIST) ?? []
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

/** The limit with least left; of several that are used up, the one that renews last: all of them must. */
function tightest(limits: readonly LimitState[]): LimitState {
  const remaining = least(limits.map((limit) => limit.remaining))
  if (remaining === undefined) return { resetMs: least(limits.map((limit) => limit.resetMs)) }
  return {
    remaining,
    resetMs: most(limits.map((limit) => (limit.remaining === remaining ? limit.resetMs : undefined))),
  }
}

/**
 * When a refused call may come again, by the limits that are used up. A limit with something left was not what refused
 * it: GitHub's abuse limit answers so, with an hour to go on the other one.
 */
function renewal(remaining: number | undefined, resetMs: number | undefined, status: number): number | undefined {
  return remaining === 0 || (remaining === undefined && status === 429) ? resetMs : undefined
}

const isNumber = (value: number | undefined): value is number => value !== undefined

function least(values: readonly (number | undefined)[]): number | undefined {
  const numbers = values.filter(isNumber)
  return numbers.length > 0 ? Math.min(...numbers) : undefined
}

function most(values: readonly (number | undefined)[]): number | undefined {
  const numbers = values.filter(isNumber)
  return numbers.length > 0 ? Math.max(...numbers) : undefined
}
