import type { Principal } from '../connector/call.ts'
import type { ConnectResult } from '../connector/client-host.ts'
import type { AnyClient, Connector, ToolDescription } from '../connector/connector.ts'
import type { CredentialAccess } from '../credentials/credential-access.ts'
import type { RenewalTiming } from '../credentials/renewal/renewal-world.ts'
import type { Envelope } from '../envelope/schemas.ts'
import type { ConnectorError } from '../errors/connector-error.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import type { RuntimeEvents } from '../pipeline/runtime-events.ts'
import type { AuditSink } from '../ports/audit-sink.ts'
import type { Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import type { Store } from '../ports/store.ts'
import type { Transport } from '../ports/transport.ts'
import type { PolicyOptions } from './policies.ts'
import type { VaultOperations } from './vault-operations/vault-operations.ts'

/** The client of each connector, under the key that it was composed with. */
export type Clients<C> = {
  readonly [K in keyof C]: C[K] extends Connector<infer _Types, infer Client> ? Client : never
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

export interface McpClientOptions<C> extends PolicyOptions {
  /** The connectors, each under the name by which calls, envelopes and events know it: its `server_id`. */
  readonly connectors: C
  /** Where credentials are kept; memory unless given. Wrap it in `encrypted` for anything that is not a test. */
  readonly credentials?: Store | undefined
  /**
   * Where everything else is kept that several processes share: authorizations under way. The credentials' store unless
   * given; it may be read by others without harm.
   */
  readonly state?: Store | undefined
  /**
   * The public URL of the host's route that calls `completeAuthorization`. With `{serverId}` in its path, each connector
   * has a redirect URI of its own, which tells the callbacks of different servers apart (RFC 9700, section 4.4.2).
   */
  readonly redirectUri?: string | undefined
  /** How workers share the renewal of a grant; see `docs/guide/connections`. Durations are milliseconds. */
  readonly renewal?: Partial<RenewalTiming> | undefined
  /** Who may do what with credentials; anybody may do anything unless given. */
  readonly credentialAccess?: CredentialAccess | undefined
  /** Where every operation on a credential is written down; never a secret. */
  readonly audit?: AuditSink | undefined
  /** Days before its end at which the host is told of a credential, by `credential.expiring`; 30, 7 and 1 unless given. */
  readonly expiryWarningDays?: readonly number[] | undefined
  /** The order of the stages, and stages of the host's own. */
  readonly pipeline?: Pipeline | undefined
  readonly logger?: Logger | undefined
  readonly clock?: Clock | undefined
  /** What carries requests; ky over `fetch` unless given. */
  readonly transport?: Transport | undefined
  /** Numbers from 0 to below 1, for jitter; `Math.random` unless given. */
  readonly random?: (() => number) | undefined
}

export interface McpClient<C> {
  /**
   * The view of one tenant: the client of each connector, for its accounts only.
   * @param principal the tenant's id in the host's own database, or with the user and agent that act for it; the
   *   tenant `default` if absent, for apps that have only one
   */
  as(principal?: string | Principal): Clients<C>
  /**
   * The untyped door: takes an envelope, answers an envelope, and never throws.
   * @param request an `EnvelopeRequest`, or anything: what is none is answered with an error
   */
  handle(request: unknown, principal?: string | Principal): Promise<Envelope>
  /**
   * Ends what `connect` began: the person has come back from the provider. Each callback counts once, only for the
   * tenant that began it, and only inside ten minutes.
   * @param callback the URL that the user came back to, or its path and query. Behind a proxy that ends TLS, the scheme
   *   and the port may differ from the redirect URI
   * @param principal who is signed in with the host now; never taken from the callback itself
   * @throws ConnectorError MCP_AUTHENTICATION_FAILURE with a `reason`: `state_unknown`, `state_replayed`,
   *   `state_expired`, `state_of_another_tenant`, `redirect_mismatch`, `issuer_mismatch`, `denied_by_user`
   */
  completeAuthorization(callback: string | URL, principal?: string | Principal): Promise<CompletedAuthorization>
  /** What an operator does to many connections at once: list, maintain, migrate, rotate keys, and the emergencies. */
  readonly vault: VaultOperations
  /** The tools of all connectors. One that cannot tell its own is named in `failures`, and costs nobody else theirs. */
  listTools(principal?: string | Principal): Promise<ToolList>
  on<E extends keyof ClientEvents<C> & string>(event: E, listener: (data: ClientEvents<C>[E]) => void): () => void
  /**
   * Takes another connector in while running.
   * @throws ConnectorError CONFIGURATION_ERROR if the id is taken
   */
  register(serverId: string, connector: Connector): void
  /** Takes a connector out, ending its calls under way; false if there was none. */
  remove(serverId: string): Promise<boolean>
  /** The client of a connector that was registered while running. */
  client(serverId: string, principal?: string | Principal): AnyClient
  /** Loads what the first call would have to load. */
  prewarm(): Promise<void>
  /** Ends every call under way and everything the connectors hold open. */
  close(): Promise<void>
}

/** Which connection it was, besides what came of it. */
export type CompletedAuthorization = ConnectResult & { readonly serverId: string; readonly connection: string }

export interface ToolList {
  readonly tools: readonly (ToolDescription & { readonly serverId: string })[]
  readonly failures: readonly { readonly serverId: string; readonly error: ConnectorError }[]
}
