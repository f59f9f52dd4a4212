import { ConnectorError } from '../errors/connector-error.ts'
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

/** The host's choices over the defaults. */
export function policiesOf(options: PolicyOptions): Policies {
  const policies: Policies = {
    permissions: options.permissions,
    retry: { ...defaultPolicies.retry, ...options.retry },
    timeouts: { ...defaultPolicies.timeouts, ...options.timeouts },
    limits: { ...defaultPolicies.limits, ...options.limits },
    breaker: { ...defaultPolicies.breaker, ...options.breaker },
    maxResponseBytes: options.maxResponseBytes ?? defaultPolicies.maxResponseBytes,
  }
  const { permissions: _permissions, ...numbers } = policies
  refuseNonsense(numbers, '')
  return policies
}

function refuseNonsense(values: object, path: string): void {
  for (const [name, value] of Object.entries(values) as [string, unknown][]) {
    if (typeof value === 'object' && value !== null) refuseNonsense(value, `${path}${name}.`)
    else if (typeof value === 'number' && !(value >= 0)) {
      throw new ConnectorError('CONFIGURATION_ERROR', `${path}${name} is ${value}.`, {
        hint: 'Pass a number of at least 0.',
      })
    }
  }
}
