import { withDefaults } from '../errors/option-rules.ts'
import type { Permissions } from './permissions.ts'

/** The host's policies for all connectors, with defaults applied. Durations are in milliseconds. */
export interface Policies {
  readonly permissions: Permissions | undefined
  readonly retry: RetryPolicy
  readonly timeouts: TimeoutPolicy
  /** Whether the host set `timeouts.callMs`. Otherwise a tool with a longer limit of its own has that one. */
  readonly isCallMsSet: boolean
  readonly limits: LimitPolicy
  readonly breaker: BreakerPolicy
  /** Maximum size of a response in bytes. A longer one is an error. */
  readonly maxResponseBytes: number
}

export interface RetryPolicy {
  /** Maximum number of attempts of a request, including the first. @default 3 */
  readonly attempts: number
  /** Maximum wait before the first retry; it doubles with each retry. The wait is random below it. @default 500 */
  readonly baseMs: number
  /** Maximum wait before any retry. @default 20_000 */
  readonly maxMs: number
}

export interface TimeoutPolicy {
  /** Time limit of one call, including waits and retries. @default 120_000, or the longer limit of the tool */
  readonly callMs: number
  /** Time limit of one request. @default 30_000 */
  readonly requestMs: number
}

export interface LimitPolicy {
  /** The behaviour at a limit: the request waits, or fails immediately with `retryAfterMs`. @default 'wait' */
  readonly whenLimited: 'wait' | 'refuse'
  /** Maximum wait. A request that would wait longer fails immediately. @default 60_000 */
  readonly maxWaitMs: number
}

export interface BreakerPolicy {
  /** Length of the sliding window. @default 10_000 */
  readonly windowMs: number
  /** Minimum number of requests in the window before the breaker can open. @default 10 */
  readonly minimumCalls: number
  /** Share of failures, from 0 to 1, at which the breaker opens. @default 0.5 */
  readonly failureRate: number
  /** Time that the breaker stays open before it sends probes. It doubles, up to `maxOpenMs`, if they fail. @default 10_000 */
  readonly openMs: number
  /** Maximum time that the breaker stays open. @default 60_000 */
  readonly maxOpenMs: number
  /** Number of concurrent probes. Other requests fail immediately. @default 1 */
  readonly probes: number
}

export const defaultPolicies: Policies = {
  permissions: undefined,
  retry: { attempts: 3, baseMs: 500, maxMs: 20_000 },
  timeouts: { callMs: 120_000, requestMs: 30_000 },
  isCallMsSet: false,
  limits: { whenLimited: 'wait', maxWaitMs: 60_000 },
  breaker: { windowMs: 10_000, minimumCalls: 10, failureRate: 0.5, openMs: 10_000, maxOpenMs: 60_000, probes: 1 },
  maxResponseBytes: 16 * 1024 * 1024,
}

/** The host's policies for all connectors. Durations are in milliseconds. */
export interface PolicyOptions {
  /** The permissions of callers, and the approval of writes. @default every call is allowed */
  readonly permissions?: Permissions | undefined
  /** @default { attempts: 3, baseMs: 500, maxMs: 20_000 } */
  readonly retry?: Partial<RetryPolicy> | undefined
  /** @default { callMs: 120_000, requestMs: 30_000 } */
  readonly timeouts?: Partial<TimeoutPolicy> | undefined
  /** @default { whenLimited: 'wait', maxWaitMs: 60_000 } */
  readonly limits?: Partial<LimitPolicy> | undefined
  /**
   * The breaker of each connection.
   * @default { windowMs: 10_000, minimumCalls: 10, failureRate: 0.5, openMs: 10_000, maxOpenMs: 60_000, probes: 1 }
   */
  readonly breaker?: Partial<BreakerPolicy> | undefined
  /** Maximum size of a response in decoded bytes. A longer one is an error. @default 16_777_216 */
  readonly maxResponseBytes?: number | undefined
}

/** Merges the host's policies over the defaults. An option that is undefined counts as absent. */
export const policiesOf = (options: PolicyOptions): Policies => ({
  permissions: options.permissions,
  retry: withDefaults(defaultPolicies.retry, options.retry),
  timeouts: withDefaults(defaultPolicies.timeouts, options.timeouts),
  isCallMsSet: options.timeouts?.callMs !== undefined,
  limits: withDefaults(defaultPolicies.limits, options.limits),
  breaker: withDefaults(defaultPolicies.breaker, options.breaker),
  maxResponseBytes: options.maxResponseBytes ?? defaultPolicies.maxResponseBytes,
})
