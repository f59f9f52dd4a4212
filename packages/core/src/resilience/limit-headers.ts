import type { ResponseHeaders } from '../ports/transport.ts'
import { parseHttpDate } from './http-date.ts'
import { readReset } from './reset-time.ts'
import type { ResetForm } from './reset-time.ts'
import { parseList } from './structured-list.ts'
import type { BareItem } from './structured-list.ts'
import { readUsage } from './usage-headers.ts'

/** What a provider's headers are called and how it writes a time, where that cannot be told by looking. */
export interface LimitDialect {
  /** How every reset is written. Absent: told from its looks. */
  readonly reset?: ResetForm | undefined
  /**
   * The headers of each limit, in lower case. Given, no others are read but `Retry-After` and the IETF fields.
   * Absent: all that are commonly seen.
   */
  readonly headers?: readonly LimitHeaders[] | undefined
}

/** The two headers that describe one limit, or, as comma lists, several. */
export interface LimitHeaders {
  readonly remaining?: string | undefined
  readonly reset?: string | undefined
  /** How this reset is written, where it differs from the dialect's. */
  readonly form?: ResetForm | undefined
}

/** A policy that the server declares in `RateLimit-Policy`. */
export interface LimitPolicy {
  readonly name: string
  readonly quota: number
  readonly windowMs?: number | undefined
  /** `requests`, `content-bytes`, `concurrent-requests`, or the server's own word. */
  readonly unit: string
  readonly partitionKey?: string | undefined
}

export interface LimitReading {
  /**
   * Milliseconds to wait before trying again, for an answer that is not a success: what the server says, else when the
   * limits that are used up renew. On a success it is absent: there `Retry-After` speaks of polling.
   */
  readonly retryAfterMs?: number | undefined
  /** What is left of the tightest limit, in its own unit. It promises nothing: others may share the limit. */
  readonly remaining?: number | undefined
  /**
   * Milliseconds until that limit gets anything back, perhaps not all of it; if several are used up, the last of them.
   */
  readonly resetMs?: number | undefined
  /** Share of the quota that is used, 1 being all, where the server tells a share. */
  readonly usage?: number | undefined
  readonly policies?: readonly LimitPolicy[] | undefined
}

/** One limit, as some pair of headers describes it. */
interface Limit {
  readonly remaining: number | undefined
  readonly resetMs: number | undefined
}

const COMMON_HEADERS: readonly LimitHeaders[] = [
  { remaining: 'x-ratelimit-remaining', reset: 'x-ratelimit-reset' },
  // A token bucket that is filled once an interval has no reset: after one interval there is something in it.
  { remaining: 'x-ratelimit-remaining', reset: 'x-ratelimit-interval-seconds', form: 'seconds' },
  { remaining: 'x-rate-limit-remaining', reset: 'x-rate-limit-reset' },
  { remaining: 'ratelimit-remaining', reset: 'ratelimit-reset' },
  ...['requests', 'tokens'].map((what) => ({
    remaining: `x-ratelimit-remaining-${what}`,
    reset: `x-ratelimit-reset-${what}`,
  })),
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
]

const LIMIT_FIELDS = ['ratelimit', 'beta-ratelimit']
const POLICY_FIELDS = ['ratelimit-policy', 'beta-ratelimit-policy', 'x-ratelimit-policy']
/** Longer values are nobody's limits, and reading them is work that the other side would be giving us. */
const LONGEST_VALUE = 8192

/**
 * Reads what an answer says about limits, in whichever dialect. It never throws, and what it cannot read it leaves out:
 * malformed values, times in the past and times more than a year away.
 *
 * Sources: RFC 9110 section 10.2.3 (Retry-After), draft-ietf-httpapi-ratelimit-headers-11 (RateLimit, RateLimit-Policy),
 * and the vendors' pages.
 * @param context.status HTTP status of the answer
 * @param context.nowMs milliseconds since the epoch; the answer's own `Date` is preferred, so that clocks may differ
 * @param context.dialect the provider's habits
 */
export function readLimitHeaders(
  headers: ResponseHeaders,
  context: { readonly status: number; readonly nowMs: number; readonly dialect?: LimitDialect | undefined },
): LimitReading {
  const { status, nowMs, dialect } = context
  const reader = new HeaderReader(headers, nowMs)
  const usage = dialect?.headers === undefined ? readUsage((name) => reader.value(name)) : undefined
  const limits = [
    ...LIMIT_FIELDS.flatMap((name) => ietfLimits(reader.value(name))),
    ...(dialect?.headers ?? COMMON_HEADERS).flatMap((names) => pairLimits(reader, names, dialect?.reset)),
    ...(usage?.remaining === undefined ? [] : [{ remaining: usage.remaining, resetMs: undefined }]),
  ]
  const { remaining, resetMs } = tightest(limits)
  const policies = POLICY_FIELDS.flatMap((name) => ietfPolicies(reader.value(name)))
  const success = status >= 200 && status < 300
  return {
    retryAfterMs: success ? undefined : (reader.retryAfterMs() ?? usage?.regainMs ?? renewal(limits, status)),
    remaining,
    resetMs,
    usage: usage?.share,
    policies: policies.length > 0 ? policies : undefined,
  }
}

class HeaderReader {
  readonly #headers: ResponseHeaders
  readonly #nowMs: number
  #serverNowMs: number | undefined

  constructor(headers: ResponseHeaders, nowMs: number) {
    this.#headers = headers
    this.#nowMs = nowMs
  }

  value(name: string): string | undefined {
    const value = this.#headers.get(name)
    return value === null || value.length > LONGEST_VALUE ? undefined : value.trim()
  }

  resetMs(text: string, form?: ResetForm): number | undefined {
    this.#serverNowMs ??= parseHttpDate(this.value('date') ?? '', this.#nowMs) ?? this.#nowMs
    return readReset(text, this.#serverNowMs, form)
  }

  retryAfterMs(): number | undefined {
    const precise = this.value('retry-after-ms')
    const plain = this.value('retry-after')
    const preciseMs = precise === undefined ? undefined : this.resetMs(precise, 'milliseconds')
    if (preciseMs !== undefined || plain === undefined) return preciseMs
    // Sent twice, it arrives as a list; a date holds a comma itself.
    return this.resetMs(plain) ?? most(plain.split(',').map((part) => this.resetMs(part.trim())))
  }
}

/** A comma list holds one entry for each limit: `x-ratelimit-remaining: 1, 1000` with `x-ratelimit-reset: 1, 1419704`. */
function pairLimits(reader: HeaderReader, names: LimitHeaders, form: ResetForm | undefined): readonly Limit[] {
  const remaining = names.remaining === undefined ? undefined : reader.value(names.remaining)
  const reset = names.reset === undefined ? undefined : reader.value(names.reset)
  if (remaining === undefined && reset === undefined) return []
  const resetForm = names.form ?? form
  const whole = reset === undefined ? undefined : reader.resetMs(reset, resetForm)
  // A date holds a comma itself.
  if (whole !== undefined) return [{ remaining: readCount(remaining), resetMs: whole }]
  const counts = remaining?.split(',') ?? []
  const resets = reset?.split(',') ?? []
  return Array.from({ length: Math.max(counts.length, resets.length) }, (_, index) => {
    const text = resets[index]?.trim()
    return {
      remaining: readCount(counts[index]),
      resetMs: text === undefined ? undefined : reader.resetMs(text, resetForm),
    }
  })
}

function readCount(text: string | undefined): number | undefined {
  const trimmed = text?.trim() ?? ''
  return /^\d{1,15}(?:\.\d+)?$/.test(trimmed) ? Number(trimmed) : undefined
}

function ietfLimits(field: string | undefined): readonly Limit[] {
  if (field === undefined) return []
  // The draft's seventh version, which much middleware still sends: `limit=100, remaining=0, reset=60`.
  const seventh = /^limit=\d{1,15}, *remaining=(\d{1,15}), *reset=(\d{1,15})$/.exec(field)
  if (seventh !== null) return [{ remaining: Number(seventh[1]), resetMs: readReset(seventh[2] ?? '', 0, 'seconds') }]
  const limits: Limit[] = []
  for (const { parameters } of parseList(field) ?? []) {
    const remaining = parameters.get('r')
    const seconds = parameters.get('t')
    if (!isCount(remaining) || (seconds !== undefined && !isCount(seconds))) return []
    limits.push({ remaining, resetMs: seconds === undefined ? undefined : readReset(String(seconds), 0, 'seconds') })
  }
  return limits
}

/** Reads the draft's form, and the older one in which the quota itself is the item: `100;w=60`. */
function ietfPolicies(field: string | undefined): readonly LimitPolicy[] {
  if (field === undefined) return []
  const policies: LimitPolicy[] = []
  for (const { value, parameters } of parseList(field) ?? []) {
    const quota = parameters.get('q') ?? value
    const seconds = parameters.get('w')
    const unit = parameters.get('qu') ?? 'requests'
    const key = parameters.get('pk')
    if (!isCount(quota) || (seconds !== undefined && !(isCount(seconds) && seconds > 0))) return []
    policies.push({
      name: String(value),
      quota,
      windowMs: seconds === undefined ? undefined : seconds * 1000,
      unit: String(unit),
      partitionKey: key === undefined ? undefined : String(key),
    })
  }
  return policies
}

const isCount = (value: BareItem | undefined): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0

/** The limit with least left; of several that are used up, the one that renews last: all of them must. */
function tightest(limits: readonly Limit[]): Limit {
  const remaining = least(limits.map((limit) => limit.remaining))
  if (remaining === undefined) return { remaining, resetMs: least(limits.map((limit) => limit.resetMs)) }
  return { remaining, resetMs: most(limits.map((limit) => (limit.remaining === remaining ? limit.resetMs : undefined))) }
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

/**
 * When a refused call may come again, by the limits that are used up. A limit with something left was not what refused
 * it: GitHub's abuse limit answers so, with an hour to go on the other one.
 */
function renewal(limits: readonly Limit[], status: number): number | undefined {
  const { remaining, resetMs } = tightest(limits)
  if (remaining === 0) return resetMs
  return remaining === undefined && status === 429 ? resetMs : undefined
}
