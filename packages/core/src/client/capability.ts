import type { Connector } from '../connector/connector.ts'
import type { Connection } from '../identity/connection.ts'
import type { Principal } from '../identity/principal.ts'
import type { CapabilityStages } from '../pipeline/slots.ts'
import type { RuntimeEvents } from '../pipeline/runtime-events.ts'
import type { Clock } from '../ports/clock.ts'
import type { Jobs } from '../ports/jobs.ts'
import type { Logger } from '../ports/logger.ts'
import type { Store } from '../ports/store.ts'
import type { Transport } from '../ports/transport.ts'
import type { AnyClient } from './client-host.ts'
import type { ClientOperation } from './operation.ts'
import type { SyncEngine } from './sync-engine.ts'

/**
 * A part of the runtime that a host composes: `createMcpClient({ capabilities: [audit] })`. It has its own API, and adds
 * stages to the slots of the pipeline.
 */
export interface Capability extends CapabilityStages {
  /** The name in kebab-case; unique in a client. */
  readonly name: string
  /** Runs `syncData` of the client. At most one capability has it. */
  readonly syncEngine?: SyncEngine | undefined
  /** Runs the jobs of all capabilities. At most one capability has it: `jobs()` of `@mcpclient/core/jobs`. */
  readonly jobs?: Jobs | undefined
  /**
   * Runs before a connection is disconnected, while it can still send requests. It has ten seconds, and its failure
   * does not stop the rest.
   */
  readonly beforeDisconnect?: ((connection: Connection, principal: Principal) => Promise<void>) | undefined
  /**
   * Binds the capability to a client. Called once all connectors are composed, and again for the next client that composes
   * the same value.
   * @returns a cleanup function, or nothing. It runs when the client closes, or when the rest of its composition fails.
   */
  bind(client: ClientContext): (() => Promise<void> | void) | void
}

/** The connector that an event is from, and the connection that it is about. */
export interface EventSource {
  readonly serverId: string
  readonly tenant?: string | undefined
  readonly connection?: string | undefined
}

/** The view of a client that its capabilities get. */
export interface ClientContext {
  /** The current connectors by server id. A live view: `register` and `remove` of the client change it. */
  readonly connectors: ReadonlyMap<string, Connector>
  /** The client's store for shared state. */
  readonly state: Store
  readonly clock: Clock
  readonly logger: Logger
  readonly transport: Transport
  /**
   * Validates a principal that the host passed, and returns a copy.
   * @throws ConnectorError INVALID_INPUT if it names no tenant
   */
  identify(principal: unknown): Principal
  /**
   * Returns the client of a connector for a principal. Its calls go through the pipeline.
   * @throws ConnectorError ROUTING_ERROR if no connector has this server id
   */
  client(serverId: string, principal: Principal): AnyClient
  /**
   * Yields the usable connections of a provider's account, of all tenants. Only for a connector with a webhook.
   * @throws ConnectorError CONFIGURATION_ERROR if the client has no vault; ROUTING_ERROR if no connector has this server id
   */
  connectionsOf(serverId: string, accountId: string): AsyncIterable<Connection>
  /**
   * Returns the secrets that verify webhooks of a connection: the field of its credentials that the connector's webhook names.
   * @returns an empty list if it has none, or if the vault's policy forbids their use; undefined if it is not in use
   * @throws ConnectorError CONFIGURATION_ERROR if the client has no vault; ROUTING_ERROR if no connector has this server id
   */
  signingSecretsOf(serverId: string, tenant: string, connection: string): Promise<readonly string[] | undefined>
  /**
   * Sends requests for a connection as one call of the pipeline: permitted, limited and audited under the operation's name.
   * Returns the response, unparsed, or what the generator returned.
   * @param principal with an `agent` that names the capability
   * @throws ConnectorError as any call does; ROUTING_ERROR if no connector has this server id
   */
  send(serverId: string, principal: Principal, connection: string, operation: ClientOperation): Promise<unknown>
  /** The engine that runs syncs, if a capability has one. */
  readonly syncEngine: SyncEngine | undefined
  /** @throws ConnectorError CONFIGURATION_ERROR if no capability runs jobs */
  readonly jobs: Jobs
  /** Whether a capability runs jobs. */
  readonly hasJobs: boolean
  /** Emits an event of the runtime. */
  emit<E extends keyof RuntimeEvents>(event: E, data: RuntimeEvents[E]): void
  /** Emits an event that a connector defines, under the name `${serverId}.${event}`. */
  emitOf(source: EventSource, event: string, data: unknown): void
  /** Listens to an event. Returns a function that removes the listener. */
  on<E extends keyof RuntimeEvents>(event: E, listener: (data: RuntimeEvents[E]) => void): () => void
}
