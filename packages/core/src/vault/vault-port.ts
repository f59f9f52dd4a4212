import type { Connector } from '../connector/connector.ts'
import type { Account, Connection } from '../identity/connection.ts'
import type { Principal } from '../identity/principal.ts'
import type { ConnectResult } from '../ports/accounts.ts'
import type { Clock } from '../ports/clock.ts'
import type { ConnectionEvents } from '../ports/connection-events.ts'
import type { CredentialSource, Signer } from '../ports/credential-source.ts'
import type { Logger } from '../ports/logger.ts'
import type { Store } from '../ports/store.ts'
import type { Transport } from '../ports/transport.ts'
import type { Lifetime } from '../resilience/lifetime.ts'

/** The services that a client provides to its vault. */
export interface VaultHost {
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  readonly transport: Transport
  /** The client's store for shared state, if it has one. */
  readonly state: Store | undefined
  readonly allowPrivateHosts: readonly string[] | undefined
  /** The default time limit of an operation, in milliseconds. */
  readonly callMs: number
  /** Checks a principal that the host passed. */
  identify(principal: unknown): Principal
  emit<E extends keyof ConnectionEvents>(event: E, data: () => ConnectionEvents[E]): void
}

/** One connector of the client. */
export interface VaultConnector {
  readonly serverId: string
  readonly connector: Connector
  readonly lifetime: Lifetime
  /**
   * Asks the provider for the account of a connection.
   * @param candidate a credential that is not stored yet
   * @returns undefined if the connector has no check
   */
  check(connection: Connection, principal: Principal, candidate?: Candidate): Promise<Account | undefined>
  /** @throws ConnectorError INVALID_INPUT if a connection cannot have these settings */
  assertSettings(settings: object): void
}

/** A credential that is being verified before it is stored. */
export interface Candidate {
  readonly signer: Signer
  readonly settings: object | undefined
}

/** The connections of one connector, for the capabilities of a client. */
export interface StoredConnections {
  /** Yields the usable connections of a provider's account, of all tenants. */
  connectionsOf(accountId: string): AsyncIterable<Connection>
  /**
   * Returns the secrets that verify webhooks of a connection: the field of its credentials that the webhook names.
   * @returns an empty list if it has none, or if the vault's policy forbids their use; undefined if it is not in use
   */
  signingSecretsOf(tenant: string, name: string): Promise<readonly string[] | undefined>
}

/** A vault inside one running client. */
export interface BoundVault {
  /** Called for each connector that the client is composed with or registers. */
  add(connector: VaultConnector): CredentialSource
  remove(serverId: string): void
  /**
   * Returns the connections of one connector.
   * @throws ConnectorError ROUTING_ERROR if no connector has this server id
   */
  of(serverId: string): StoredConnections
  completeAuthorization(callback: string | URL, principal: Principal): Promise<CompletedAuthorization>
  /** Lets the vault be composed again, if it is still bound to this client. */
  release(): void
  /** Releases the vault. Resolves once the audit is written. */
  close(): Promise<void>
}

/** The result of an authorization, and the connection that it was for. */
export type CompletedAuthorization = ConnectResult & { readonly serverId: string; readonly connection: string }
