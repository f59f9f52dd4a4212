import { withDefaults } from '../errors/option-rules.ts'
import type { Permissions } from './permissions.ts'

/** What a host decides for all its connectors, with every default filled in. Durations are milliseconds. */
export interface Policies {
  readonly permissions: Permissions | undefined
  readonly retry: RetryPolicy
  readonly timeouts: TimeoutPolicy
  readonly limits: LimitPolicy
  readonly breaker: BreakerPolicy
  /** Bytes of an answer that are read at most; a longer one is an error, not a crash. */
  readonly maxResponseBytes: number
}

export interface RetryPolicy {
  /** Times that a request is sent at most, the first one included. */
  readonly attempts: number
  /** The longest wait before the first retry; it doubles with each. The wait itself is drawn at random below it. */
  readonly baseMs: number
  readonly maxMs: number
}

export interface TimeoutPolicy {
  /** For one call, waiting and retries included. */
  readonly callMs: number
  /** For one request. */
  readonly requestMs: number
}

export interface LimitPolicy {
  /** What a request does that a limit has no room for: wait its turn, or fail at once with `retryAfterMs`. */
  readonly whenLimited: 'wait' | 'refuse'
  /** The longest wait; one that would take longer fails at once. */
  readonly maxWaitMs: number
}

export interface BreakerPolicy {
  /** The window that is looked at. */
  readonly windowMs: number
  /** Calls in the window before it may open. */
  readonly minimumCalls: number
  /** The share of failures, 0 to 1, at which it opens. */
  readonly failureRate: number
  /** How long it stays open before probes are let through; doubles, up to `maxOpenMs`, each time they fail. */
  readonly openMs: number
  readonly maxOpenMs: number
  /** How many probes are let through; the rest is refused at once. */
  readonly probes: number
}

export const defaultPolicies: Policies = {
  permissions: undefined,
  retry: { attempts: 3, baseMs: 500, maxMs: 20_000 },
  timeouts: { callMs: 120_000, requestMs: 30_000 },
  limits: { whenLimited: 'wait', maxWaitMs: 60_000 },
  breaker: { windowMs: 10_000, minimumCalls: 10, failureRate: 0.5, openMs: 10_000, maxOpenMs: 60_000, probes: 1 },
  maxResponseBytes: 16 * 1024 * 1024,
}

/** What a host decides for all its connectors. Durations are milliseconds. */
export interface PolicyOptions {
  /** Who may call what, and who approves a write. @default every call is allowed */
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
  /** Decoded bytes of a response that are read. A longer one is an error. @default 16_777_216 */
  readonly maxResponseBytes?: number | undefined
}

/** Returns the host's choices over the defaults; an option that is undefined counts as left out. */
export const policiesOf = (options: PolicyOptions): Policies => ({
  permissions: options.permissions,
  retry: withDefaults(defaultPolicies.retry, options.retry),
  timeouts: withDefaults(defaultPolicies.timeouts, options.timeouts),
  limits: withDefaults(defaultPolicies.limits, options.limits),
  breaker: withDefaults(defaultPolicies.breaker, options.breaker),
  maxResponseBytes: options.maxResponseBytes ?? defaultPolicies.maxResponseBytes,
})
