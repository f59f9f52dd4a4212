import { EventEmitter } from 'eventemitter3'
import type { Consent, ConsentOptionsOfConnector } from '../credentials/consent.ts'
import type { Attempt, Call, Principal } from '../connector/call.ts'
import type { AnyClient, Connector, ToolDescription } from '../connector/connector.ts'
import { redactingLogger } from '../credentials/redacting-logger.ts'
import type { FlowContext } from '../auth/grant-flow.ts'
import type { ConnectResult } from '../connector/client-host.ts'
import { AuditTrail } from '../credentials/audit-trail.ts'
import type { ConnectionRecord } from '../credentials/connection-record.ts'
import { ConnectionRows } from '../credentials/connection-rows.ts'
import type { CredentialAccess } from '../credentials/credential-access.ts'
import { defaultWarningDays } from '../credentials/credential-expiry.ts'
import { CredentialGuard } from '../credentials/credential-guard.ts'
import { renewalTiming } from '../credentials/renewal-world.ts'
import type { RenewalTiming } from '../credentials/renewal-world.ts'
import { Vault } from '../credentials/vault.ts'
import { handleEnvelope } from '../envelope/handle.ts'
import type { Envelope } from '../envelope/schemas.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import type { ConnectorScope } from '../pipeline/connector-scope.ts'
import { Lifetime } from '../pipeline/lifetime.ts'
import { standardPipeline } from '../pipeline/pipeline.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import type { RuntimeEvents } from '../pipeline/runtime-events.ts'
import { send } from '../pipeline/send.ts'
import { compose } from '../pipeline/stage.ts'
import type { AuditSink } from '../ports/audit-sink.ts'
import type { Clock } from '../ports/clock.ts'
import { systemClock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import { silentLogger } from '../ports/logger.ts'
import { memoryStore } from '../ports/memory-store.ts'
import { keySegments } from '../ports/store.ts'
import type { Store } from '../ports/store.ts'
import type { Transport } from '../ports/transport.ts'
import { CircuitBreaker } from '../resilience/circuit.ts'
import type { CircuitChange } from '../resilience/circuit.ts'
import { kyTransport } from '../transports/ky-transport.ts'
import { announceConnection } from './announce-connection.ts'
import { ConnectorRuntime } from './connector-runtime.ts'
import { policiesOf } from './policies.ts'
import type { PolicyOptions } from './policies.ts'
import { principalOf } from './principal-of.ts'
import { vaultOperations } from './vault-operations/vault-operations.ts'
import type { VaultOperations } from './vault-operations/vault-operations.ts'
import { ViewMaker } from './view-maker.ts'

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
  /** Where providers send people back to: an address of the host that calls `completeAuthorization`. */
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
   * @param callback the whole address that the person came back to, as the host's server sees it
   * @param principal who is signed in with the host now; never taken from the callback itself
   * @throws ConnectorError MCP_AUTHENTICATION_FAILURE with a `reason`: `state_unknown`, `state_replayed`,
   *   `state_expired`, `state_of_another_tenant`, `redirect_mismatch`, `denied_by_user`
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

/**
 * Composes a client out of connectors.
 * @throws ConnectorError CONFIGURATION_ERROR if the composition cannot work
 */
export function createMcpClient<const C extends Readonly<Record<string, Connector>>>(
  options: McpClientOptions<C>,
): McpClient<C> {
  const clock = options.clock ?? systemClock
  const logger = redactingLogger(options.logger ?? silentLogger)
  const transport = options.transport ?? kyTransport()
  const credentials = options.credentials ?? memoryStore({ clock })
  const state = options.state ?? credentials
  const random = options.random ?? Math.random
  const rows = new ConnectionRows(credentials, clock)
  const documents: FlowContext['documents'] = new Map()
  const timing = { ...renewalTiming, ...options.renewal }
  const trail = options.audit && new AuditTrail(options.audit, clock, logger)
  const warningDays = options.expiryWarningDays ?? defaultWarningDays
  // Made when first needed: some runtimes give no randomness while a module is loaded.
  const owner = lazily(() => globalThis.crypto.randomUUID())
  const policies = policiesOf(options)
  const pipeline = (options.pipeline ?? ((stages) => stages))(standardPipeline)
  const events = new EventEmitter()
  const connectors = new Map<string, ConnectorRuntime>()
  /** Which connectors share their grants. */
  const groups = new Map<string, string>()
  const views = new ViewMaker()
  let closed = false

  const scopeOf = (serverId: string, connector: Connector): ConnectorScope => {
    const { profile } = connector
    const emit: ConnectorScope['emit'] = (event, data) => {
      if (events.listenerCount(event) > 0) events.emit(event, data())
    }
    const { app, appCredential, settings } = connector
    const { flow, fields } = profile.auth
    const guard = new CredentialGuard({ serverId, fields, access: options.credentialAccess, trail })
    const vault = new Vault({
      rows,
      store: credentials,
      clock,
      random,
      transport,
      owner,
      documents,
      timing,
      serverId,
      auth: profile.auth,
      appCredential,
      app,
      settings,
      guard,
      warningDays,
      tell: announceConnection(serverId, guard, emit, logger),
    })
    const redirectUri = typeof app?.['redirectUri'] === 'string' ? app['redirectUri'] : options.redirectUri
    groups.set(serverId, vault.group)
    return {
      serverId,
      profile,
      baseUrl: (settings) => connector.baseUrl(settings),
      settings: settingsOf(connector, vault, serverId),
      policies,
      clock,
      random,
      logger,
      transport,
      vault,
      consent: flow && consentLater({ vault, flow, app, redirectUri, state, clock, serverId }),
      shareOf: (group) => [...groups].flatMap(([id, of]) => (of === group ? [id] : [])),
      lifetime: new Lifetime(),
      circuit: new CircuitBreaker({ clock, ...policies.breaker, onChange: announce(serverId, emit) }),
      emit,
    }
  }

  const add = (serverId: string, connector: Connector): void => {
    const scope = scopeOf(serverId, connector)
    const perform = (call: Call) => call.perform(call)
    connectors.set(
      serverId,
      new ConnectorRuntime({
        scope,
        connector,
        mounted: connector.mount(serverId),
        callStages: compose(pipeline.call, scope, perform),
        requestStages: compose<Attempt, Awaited<ReturnType<ReturnType<typeof send>>>>(
          pipeline.request,
          scope,
          send(scope),
        ),
        emit: (event, data) => {
          events.emit(`${serverId}.${event}`, { serverId, data })
        },
      }),
    )
    views.add(serverId)
  }

  const runtimeOf = (serverId: string): ConnectorRuntime => {
    const runtime = connectors.get(serverId)
    if (runtime !== undefined) return runtime
    throw new ConnectorError('ROUTING_ERROR', `There is no connector "${serverId}".`, {
      serverId,
      choices: [...connectors.keys()],
    })
  }

  for (const [serverId, connector] of Object.entries(options.connectors)) add(checkedId(serverId), connector)

  const client: McpClient<C> = {
    as: (principal) => views.make(principalOf(principal), runtimeOf) as unknown as Clients<C>,
    client: (serverId, principal) => runtimeOf(serverId).open(principalOf(principal)),
    handle: (request, principal) => handleEnvelope(request, (serverId) => client.client(serverId, principal)),
    async completeAuthorization(callback, principal) {
      const who = principalOf(principal)
      const url = callbackUrl(callback)
      const { refusedCallback, takePending } = await import('../credentials/pending-authorization.ts')
      const pending = await takePending(state, clock, url.searchParams.get('state') ?? '', ({ tenant }) => {
        if (tenant === who.tenant) return
        throw refusedCallback('state_of_another_tenant', 'another tenant began it')
      })
      const { serverId, connection } = pending
      return { ...(await runtimeOf(serverId).complete(who, pending, url)), serverId, connection }
    },
    vault: vaultOperations({ runtimes: connectors, store: credentials, clock, trail }),
    async listTools(principal) {
      const asked = [...connectors.keys()].map(async (serverId) => {
        const tools = await client.client(serverId, principal).listTools()
        return tools.map((tool) => ({ ...tool, serverId }))
      })
      const answers = await Promise.allSettled(asked)
      const ids = [...connectors.keys()]
      return {
        tools: answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : [])),
        failures: answers.flatMap((answer, index) =>
          answer.status === 'rejected' ? [{ serverId: ids[index] ?? '', error: asError(answer.reason) }] : [],
        ),
      }
    },
    on(event, listener) {
      events.on(event, listener)
      return () => {
        events.off(event, listener)
      }
    },
    register(serverId, connector) {
      if (closed) throw new ConnectorError('CANCELLED', 'The client is closed.')
      if (connectors.has(serverId)) {
        throw new ConnectorError('CONFIGURATION_ERROR', `There is a connector "${serverId}" already.`, {
          hint: 'Remove it first, or choose another id.',
        })
      }
      add(checkedId(serverId), connector)
    },
    async remove(serverId) {
      const runtime = connectors.get(serverId)
      if (runtime === undefined) return false
      connectors.delete(serverId)
      groups.delete(serverId)
      await runtime.close()
      return true
    },
    prewarm: async () => {
      await transport.prewarm?.()
    },
    async close() {
      closed = true
      await Promise.all([...connectors.values()].map((runtime) => runtime.close()))
      await trail?.settled()
      // A transport that the host made is the host's to close.
      if (options.transport === undefined) await transport.close?.()
    },
  }
  return client
}

/** Loaded when somebody is first asked to agree. */
function consentLater(options: ConsentOptionsOfConnector): () => Promise<Consent> {
  let consent: Promise<Consent> | undefined
  const load = async () => {
    const { Consent } = await import('../credentials/consent.ts')
    return new Consent(options)
  }
  return () => (consent ??= load())
}

function callbackUrl(callback: string | URL): URL {
  const url = typeof callback === 'string' && URL.canParse(callback) ? new URL(callback) : callback
  if (url instanceof URL && url.searchParams.has('state')) return url
  // Not repeated: it may hold a code.
  throw new ConnectorError('INVALID_INPUT', 'This is not the address of a callback.', {
    hint: 'Pass the whole address that the person came back to, with its query: state, and code or error.',
  })
}

function lazily(make: () => string): () => string {
  let made: string | undefined
  return () => (made ??= make())
}

/** An id becomes part of store keys, event names and tool names. */
function checkedId(serverId: string): string {
  if (/^[a-z][a-zA-Z0-9_-]{0,47}$/.test(serverId)) return serverId
  throw new ConnectorError('CONFIGURATION_ERROR', `"${serverId}" cannot be a connector's id.`, {
    hint: 'Use letters, digits, _ and -, starting with a small letter, at most 48 of them.',
  })
}

const asError = (error: unknown): ConnectorError =>
  ConnectorError.is(error)
    ? error
    : new ConnectorError('API_INTERNAL_ERROR', 'The tools could not be listed.', {}, { cause: error })

/** The composition's settings with a connection's over them, merged once for each record. */
function settingsOf(connector: Connector, vault: Vault, serverId: string): ConnectorScope['settings'] {
  if (vault.holdsForTheApp) return () => connector.settings
  const merged = new WeakMap<object, object>()
  const merge = (record: ConnectionRecord): object => {
    const settings = record.settings?.[serverId]
    if (settings === undefined) return connector.settings
    const known = merged.get(settings)
    if (known !== undefined) return known
    const both = connector.parseSettings({ ...connector.settings, ...settings })
    merged.set(settings, both)
    return both
  }
  return (connection) => {
    const record = vault.find(connection)
    return record instanceof Promise ? record.then(merge) : merge(record)
  }
}

const announce =
  (serverId: string, emit: ConnectorScope['emit']) =>
  ({ key, to, openMs }: CircuitChange): void => {
    const [, tenant, connection] = keySegments(key)
    const about = { serverId, tenant, connection: connection ?? 'app' }
    if (to === 'open') emit('breaker.opened', () => ({ ...about, forMs: openMs }))
    else if (to === 'half_open') emit('breaker.half_opened', () => about)
    else emit('breaker.closed', () => about)
  }
