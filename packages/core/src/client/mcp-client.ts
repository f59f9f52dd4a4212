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

/** What listeners of a connector's own event get. */
export interface ConnectorEvent<Data> {
  readonly serverId: string
  readonly data: Data
}

/** Everything that `on` can listen to: the runtime's events, and those of each connector as `${key}.${event}`. */
export type ClientEvents<C> = RuntimeEvents & Intersection<ConnectorEvents<C>>

export interface McpClientOptions<C, Single extends boolean = false> extends PolicyOptions {
  /** The connectors, each under the name by which calls, envelopes and events know it: its `server_id`. */
  readonly connectors: C
  /**
   * True for an app that has a single tenant: then a principal names a user and an agent at most, and may be left out.
   * @default false
   */
  readonly singleTenant?: Single | undefined
  /**
   * Connects accounts, and stores and refreshes their credentials: `vault({ store })` of `@mcpclient/core/vault`. Without
   * it, only credentials given at composition work.
   */
  readonly vault?: Vault | undefined
  /** Parts of the runtime that the host adds, such as an audit log or webhooks. */
  readonly capabilities?: readonly Capability[] | undefined
  /**
   * Where processes share state that is not secret: authorizations that have started, the state of capabilities.
   * @default the vault's store for authorizations, and memory for the rest
   */
  readonly state?: Store | undefined
  /**
   * Hosts with a private address that users and servers may name: exact, or `*.example.internal` for all below. Hosts that
   * the composition itself names need no entry.
   */
  readonly allowPrivateHosts?: readonly string[] | undefined
  /** The order of the stages, and stages of the host's own. */
  readonly pipeline?: Pipeline | undefined
  /** Gets a structured line for each call and each change of a connection. @default none */
  readonly logger?: Logger | undefined
  /** The source of time, for tests. @default systemClock */
  readonly clock?: Clock | undefined
  /** What carries requests. @default kyTransport() */
  readonly transport?: Transport | undefined
  /** Returns numbers from 0 to below 1, for jitter. @default Math.random */
  readonly random?: (() => number) | undefined
}

export interface McpClient<C, Single extends boolean = false> {
  /**
   * Returns the clients of one tenant: one for each connector, for the tenant's accounts only.
   * @param principal the tenant's id in the host's own database, or the tenant with the user and agent that act for it;
   *   in a client with `singleTenant: true` the user and agent, or nothing
   * @throws ConnectorError INVALID_INPUT if the principal names no tenant
   */
  as(...principal: PrincipalArgument<Single>): Clients<C>
  /**
   * Calls the tool that an envelope names, and returns an envelope. Never throws and never rejects.
   * @param request an `EnvelopeRequest`, or anything: any other value gets an error envelope
   */
  handle(request: unknown, ...principal: PrincipalArgument<Single>): Promise<Envelope>
  /**
   * Completes what `connect` started: the user has come back from the provider. A callback is valid once, for 10
   * minutes, and only for the tenant and the user that started it.
   * @param callback the URL that the user came back to, or its path and query. Behind a proxy that ends TLS, the scheme
   *   and the port may differ from the redirect URI
   * @param principal who is signed in with the host now; never take it from the callback itself
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
   * Lists the tools of all connectors, 8 connectors at a time. One that fails or takes too long is in `failures`.
   * @throws ConnectorError CANCELLED if the signal aborts
   */
  listTools(...args: [...principal: PrincipalArgument<Single>, options?: ListToolsOptions]): Promise<ToolList>
  on<E extends keyof ClientEvents<C> & string>(event: E, listener: (data: ClientEvents<C>[E]) => void): () => void
  /**
   * Takes another connector in while running.
   * @throws ConnectorError CONFIGURATION_ERROR if the id is taken
   */
  register(serverId: string, connector: Connector): void
  /** Takes a connector out, ending its calls under way; false if there was none. */
  remove(serverId: string): Promise<boolean>
  /** The client of a connector that was registered while running. */
  client(serverId: string, ...principal: PrincipalArgument<Single>): AnyClient
  /** Loads what the first call would have to load. */
  prewarm(): Promise<void>
  /**
   * Ends every call under way, closes what connectors and capabilities hold open, and releases the vault for another
   * client. Closes everything, even if one part fails. Calling it again returns the same promise.
   */
  close(): Promise<void>
}

export interface ListToolsOptions {
  readonly signal?: AbortSignal | undefined
  /** Time that each connector may take. All together may take the limit of a call. @default timeouts.requestMs */
  readonly timeoutMs?: number | undefined
}

export interface ToolList {
  readonly tools: readonly (ToolDescription & { readonly serverId: string })[]
  readonly failures: readonly { readonly serverId: string; readonly error: ConnectorError }[]
  /** Tools that a server lists and that cannot be used, and why. */
  readonly omitted: readonly (OmittedTool & { readonly serverId: string })[]
}
