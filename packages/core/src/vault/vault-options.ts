import { aFunction, aPort, aStore, checkOptions, durationMs, listOf, waitMs } from '../errors/option-rules.ts'
import type { Rules } from '../errors/option-rules.ts'
import { redirectUriProblem } from '../oauth/redirect-uri.ts'
import type { AuditSink } from '../ports/audit-sink.ts'
import type { Store } from '../ports/store.ts'
import type { CredentialAccess } from './credential-guard.ts'
import type { RenewalTiming } from './renewal/refresh-timing.ts'

export interface VaultOptions {
  /**
   * The store of the credentials. Wrap it in `encrypted` for anything but a test.
   * @default memoryStore()
   */
  readonly store?: Store | undefined
  /**
   * The public URL of the host's route that calls `completeAuthorization`. With `{serverId}` in its path, each connector
   * has a redirect URI of its own, which distinguishes the callbacks of servers (RFC 9700, section 4.4.2).
   */
  readonly redirectUri?: string | undefined
  /** Timing of the refresh that processes share; see `docs/guide/connections`. Durations are milliseconds. */
  readonly renewal?: Partial<RenewalTiming> | undefined
  /** Decides which principal may do what with credentials. @default every operation is allowed */
  readonly access?: CredentialAccess | undefined
  /** Receives an entry for every operation on a credential; never a secret. */
  readonly audit?: AuditSink | undefined
  /** Days before a credential expires at which `credential.expiring` is emitted. @default [30, 7, 1] */
  readonly expiryWarningDays?: readonly number[] | undefined
}

/** Every option, so that the compiler refuses one without a rule. */
const optionRules = {
  store: aStore,
  redirectUri: redirectUriProblem,
  renewal: { leaseMs: durationMs, pollMs: durationMs, clockSkewMs: waitMs } satisfies Rules<RenewalTiming>,
  access: aFunction,
  audit: aPort('memoryAuditLog()', 'record'),
  expiryWarningDays: listOf('days', (item) => typeof item === 'number' && item >= 0 && item < Infinity),
} satisfies Record<keyof VaultOptions, unknown>

/** @throws ConnectorError CONFIGURATION_ERROR that lists every mistake */
export const checkVaultOptions = (options: unknown): void => {
  checkOptions('vault', options, optionRules)
}
