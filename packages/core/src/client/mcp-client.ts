import type { Connector, ConnectorTypes, OmittedTool, ToolDescription } from '../connector/connector.ts'
import type { Vault } from '../vault/vault.ts'
import type { CompletedAuthorization } from '../vault/vault-port.ts'
import type { Capability } from './capability.ts'
import type { CustomConnector } from './custom-connector.ts'
import type { DefinedClient } from './defined-client.ts'
import type { AnyClient } from './client-host.ts'
import type { Envelope } from '../envelope/schemas.ts'
import type { ConnectorError } from '../errors/connector-error.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import type { RuntimeEvents } from '../pipeline/runtime-events.ts'
import type { Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import type { Store } from '../ports/store.ts'
import type { Transport } from '../ports/transport.ts'
import type { PolicyOptions } from '../pipeline/policies.ts'
import type { PrincipalArgument } from '../identity/principal.ts'

/** The client of each connector, under the key that it was composed with. */
export type Clients<C> = {
  readonly [K in keyof C]: C[K] extends CustomConnector<infer _Types, infer Client>
    ? Client
    : C[K] extends Connector<infer Types extends ConnectorTypes>
      ? DefinedClient<Types>
      : never
}

type ConnectorEvents<C> = {
  [K in keyof C & string]: C[K] extends Connector<infer Types>
    ? Types extends { readonly events: infer Events }
      ? { [E in keyof Events & string as `${K}.${E}`]: ConnectorEvent<Events[E]> }
      : {}
    : {}
}[keyof C & string]
type Intersection<U> = (U extends unknown ? (each: U) => void : never) extends (all: infer I) => void ? I : never

/** The payload of a connector's own event. */
export interface ConnectorEvent<Data> {
  readonly serverId: string
  /** The tenant and the connection that it is about, if a webhook delivered it. */
  readonly tenant?: string | undefined
  readonly connection?: string | undefined
  readonly data: Data
}

/** The events that `on` accepts: the runtime's events, and those of each connector as `${key}.${event}`. */
export type ClientEvents<C> = RuntimeEvents & Intersection<ConnectorEvents<C>>

export interface McpClientOptions<C, Single extends boolean = false> extends PolicyOptions {
  /** The connectors by `server_id`: the name that calls, envelopes and events use. */
  readonly connectors: C
  /**
   * Set to true for an app with a single tenant. A principal then names only a user and an agent, and can be left out.
   * @default false
   */
  readonly singleTenant?: Single | undefined
  /**
   * The vault, which connects accounts and stores and refreshes their credentials: `vault({ store })` of
   * `@mcpclient/core/vault`. Without it, only credentials passed at composition work.
   */
  readonly vault?: Vault | undefined
  /** The capabilities that the host adds, such as an audit log or webhooks. */
  readonly capabilities?: readonly Capability[] | undefined
  /**
   * The store in which processes share state that is not secret: pending authorizations and the state of capabilities.
   * @default the vault's store for authorizations, and memory for the rest
   */
  readonly state?: Store | undefined
  /**
   * Hosts with a private address that users and servers may name. An entry is an exact host, or `*.example.internal` for
   * all its subdomains. Hosts that the composition itself names need no entry.
   */
  readonly allowPrivateHosts?: readonly string[] | undefined
  /** Returns the order of the stages, which may include the host's own. @default the standard order */
  readonly pipeline?: Pipeline | undefined
  /** Gets a structured line for each call and each change of a connection. @default none */
  readonly logger?: Logger | undefined
  /** The source of time, for tests. @default systemClock */
  readonly clock?: Clock | undefined
  /** The transport that sends requests. @default fetchTransport() */
  readonly transport?: Transport | undefined
  /** Returns a number from 0 to below 1, for jitter. @default Math.random */
  readonly random?: (() => number) | undefined
}

export interface McpClient<C, Single extends boolean = false> {
  /**
   * Returns one client for each connector, limited to the accounts of one tenant.
   * @param principal the tenant's id in the host's database, or the tenant with the user and agent that act for it. With
   *   `singleTenant: true`, the user and agent, or nothing.
   * @throws ConnectorError INVALID_INPUT if the principal names no tenant
   */
  as(...principal: PrincipalArgument<Single>): Clients<C>
  /**
   * Calls the tool that an envelope names, and returns an envelope. Never throws or rejects.
   * @param request an `EnvelopeRequest`. Any other value results in an error envelope.
   */
  handle(request: unknown, ...principal: PrincipalArgument<Single>): Promise<Envelope>
  /**
   * Completes the authorization that `connect` started, after the provider redirected the user back. A callback is valid
   * once, for 10 minutes, and only for the tenant and user that started it.
   * @param callback the full callback URL, or its path and query. Its scheme and port may differ from the redirect URI, as
   *   behind a proxy that terminates TLS.
   * @param principal the signed-in user, from the host's own session and never from the callback
   * @throws ConnectorError MCP_AUTHENTICATION_FAILURE with a `reason`: `state_unknown`, `state_replayed`,
   *   `state_expired`, `state_of_another_tenant`, `state_of_another_user`, `redirect_mismatch`, `issuer_mismatch`,
   *   `denied_by_user`
   */
  completeAuthorization(
    callback: string | URL,
    ...principal: PrincipalArgument<Single>
  ): Promise<CompletedAuthorization>
  /**
   * The vault of this client.
   * @throws ConnectorError CONFIGURATION_ERROR if the client has none
   */
  readonly vault: Vault
  /**
   * Lists the tools of all connectors, 8 connectors at a time. A connector that fails or times out is in `failures`.
   * @throws ConnectorError CANCELLED if the signal aborts
   */
  listTools(...args: [...principal: PrincipalArgument<Single>, options?: ListToolsOptions]): Promise<ToolList>
  /** Listens to an event. Returns a function that removes the listener. */
  on<E extends keyof ClientEvents<C> & string>(event: E, listener: (data: ClientEvents<C>[E]) => void): () => void
  /**
   * Registers a connector at run time.
   * @throws ConnectorError CONFIGURATION_ERROR if the id is taken
   */
  register(serverId: string, connector: Connector): void
  /** Removes a connector and aborts its running calls. Resolves to false if there is none. */
  remove(serverId: string): Promise<boolean>
  /** Returns the client of a connector by its server id, such as one that was registered at run time. */
  client(serverId: string, ...principal: PrincipalArgument<Single>): AnyClient
  /** Loads the modules that the first call would otherwise load. */
  prewarm(): Promise<void>
  /**
   * Aborts every running call, closes connectors and capabilities, and releases the vault for another client. A part that
   * fails to close does not stop the others. Calling it again returns the same promise.
   */
  close(): Promise<void>
}

export interface ListToolsOptions {
  readonly signal?: AbortSignal | undefined
  /** Time limit of each connector; the whole list has the time limit of a call. @default timeouts.requestMs */
  readonly timeoutMs?: number | undefined
}

export interface ToolList {
  readonly tools: readonly (ToolDescription & { readonly serverId: string })[]
  readonly failures: readonly { readonly serverId: string; readonly error: ConnectorError }[]
  /** The tools that a server lists but that cannot be used, with the reason. */
  readonly omitted: readonly (OmittedTool & { readonly serverId: string })[]
}
