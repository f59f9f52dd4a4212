import type { FlowContext } from '../auth/grant-flow.ts'
import type { Connection } from '../identity/connection.ts'
import type { Store } from '../ports/store.ts'
import type { ConnectionRecord } from './connection-record.ts'
import type { ConnectionRows } from './connection-store.ts'
import type { CredentialGuard } from './credential-guard.ts'
import type { VaultEvent } from './credential-rotation.ts'
import type { RenewalTiming } from './renewal/refresh-timing.ts'
import type { VaultConnector, VaultHost } from './vault-port.ts'

/** The context of a connector's vault, and the group that its rows are stored under. */
export interface StoredGroup {
  readonly context: ConnectorVaultContext
  /** Connectors of a family that are composed with the same app share their connections: their group. */
  readonly group: string
}

/** The dependencies of the vault of one connector. */
export interface ConnectorVaultContext {
  readonly host: VaultHost
  readonly composed: VaultConnector
  readonly rows: ConnectionRows
  /** The store of the credentials. */
  readonly store: Store
  /** The store of authorizations that have started. */
  readonly state: Store
  /** A unique id for this process. */
  readonly owner: () => string
  readonly documents: FlowContext['documents']
  readonly timing: RenewalTiming
  readonly redirectUri: string | undefined
  /** Asks the host's policy, and writes the audit. */
  readonly guard: CredentialGuard
  /** Days before it expires at which a credential is reported. */
  readonly warningDays: readonly number[]
  /** Emits an event of a connection, and writes it to the log and the audit. */
  readonly emit: (event: VaultEvent, connection: Connection, record: ConnectionRecord) => void
  /** The connectors of this client that share the connections of a group. */
  readonly membersOf: (group: string) => readonly string[]
}
