import { defaultPolicies } from '../pipeline/connector-scope.ts'
import type { BreakerPolicy, LimitPolicy, Policies, RetryPolicy, TimeoutPolicy } from '../pipeline/connector-scope.ts'
import type { Permissions } from '../pipeline/permit.ts'

/** What a host decides for all its connectors. Durations are milliseconds. */
export interface PolicyOptions {
  readonly permissions?: Permissions | undefined
  readonly retry?: Partial<RetryPolicy> | undefined
  readonly timeouts?: Partial<TimeoutPolicy> | undefined
  readonly limits?: Partial<LimitPolicy> | undefined
  readonly breaker?: Partial<BreakerPolicy> | undefined
  /** Bytes of an answer that are read at most; 16 MiB unless given. */
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

export function withDefaults<Options extends object>(defaults: Options, given: Partial<Options> = {}): Options {
  const chosen = Object.entries(given).filter(([, value]) => value !== undefined)
  return { ...defaults, ...(Object.fromEntries(chosen) as Partial<Options>) }
}
