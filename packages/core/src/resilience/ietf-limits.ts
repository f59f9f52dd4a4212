import { readReset } from './reset-time.ts'
import { parseList } from './structured-list.ts'
import type { BareItem } from './structured-list.ts'

/** The remaining count of one limit, and the milliseconds until it resets. */
export interface LimitState {
  readonly remaining?: number | undefined
  readonly resetMs?: number | undefined
}

/** A policy that the server declares in `RateLimit-Policy`. */
export interface LimitPolicy {
  readonly name: string
  readonly quota: number
  readonly windowMs?: number | undefined
  /** `requests`, `content-bytes`, `concurrent-requests`, or a unit of the server. */
  readonly unit: string
  /** As written in the field. */
  readonly partitionKey?: string | undefined
}

/** The seventh version of the draft, which much middleware still sends. */
const SEVENTH = /^limit=\d{1,15}, *remaining=(\d{1,15}), *reset=(\d{1,15})$/

/**
 * Parses the field `RateLimit` (draft-ietf-httpapi-ratelimit-headers-11). Ignores a malformed field as a whole.
 */
export function readRateLimit(field: string): readonly LimitState[] {
  const [, left, reset] = SEVENTH.exec(field) ?? []
  if (left !== undefined && reset !== undefined)
    return [{ remaining: Number(left), resetMs: secondsToMs(Number(reset)) }]
  const limits: LimitState[] = []
  for (const { parameters } of parseList(field) ?? []) {
    const remaining = parameters.get('r')
    const seconds = parameters.get('t')
    if (!isCount(remaining) || (seconds !== undefined && !isCount(seconds))) return []
    limits.push({ remaining, resetMs: seconds === undefined ? undefined : secondsToMs(seconds) })
  }
  return limits
}

/**
 * Parses the field `RateLimit-Policy`, in the draft's form and in the older one where the item is the quota: `100;w=60`.
 * Ignores a malformed field as a whole.
 */
export function readRateLimitPolicy(field: string): readonly LimitPolicy[] {
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

const secondsToMs = (seconds: number): number | undefined => readReset(String(seconds), 0, 'seconds')

const isCount = (value: BareItem | undefined): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0
