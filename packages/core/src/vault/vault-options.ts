import type { FlowContext } from '../auth/grant-flow.ts'
import type { AuthStrategy } from '../auth/strategy.ts'
import type { Connection } from '../identity/connection.ts'
import type { Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import type { Store } from '../ports/store.ts'
import type { Transport } from '../ports/transport.ts'
import type { ConnectionRecord } from './connection-record.ts'
import type { ConnectionRows } from './connection-rows.ts'
import type { CredentialGuard } from './credential-guard.ts'
import type { RenewalTiming } from './renewal/renewal-world.ts'
import type { ConnectionNews } from './succession.ts'

/** What the vault of one connector stands on. */
export interface VaultOptions {
  readonly rows: ConnectionRows
  readonly store: Store
  readonly clock: Clock
  readonly random: () => number
  readonly transport: Transport
  readonly logger?: Logger | undefined
  readonly allowPrivateHosts?: readonly string[] | undefined
  /** This worker, as no other one is called. */
  readonly owner: () => string
  readonly documents: FlowContext['documents']
  readonly timing: RenewalTiming
  readonly serverId: string
  readonly auth: AuthStrategy
  /** The credential of the app itself; then there are no connections. */
  readonly appCredential: Readonly<Record<string, string>> | undefined
  /** What the app registered with the provider. */
  readonly app: Readonly<Record<string, unknown>> | undefined
  /** The composition's settings, for a provider whose endpoints depend on them. */
  readonly settings: object
  /** Asks the host's policy, and keeps the audit. */
  readonly guard: CredentialGuard
  /** Days before its end at which a credential is reported. */
  readonly warningDays: readonly number[]
  readonly tell: (news: ConnectionNews, connection: Connection, record: ConnectionRecord) => void
}
