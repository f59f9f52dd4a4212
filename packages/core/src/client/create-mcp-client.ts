import { EventEmitter } from 'eventemitter3'
import type { Connector } from '../connector/connector.ts'
import type { Reply } from '../connector/reply.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import { noConnector } from '../errors/no-connector.ts'
import { shownName } from '../errors/shown-name.ts'
import { principalOf } from '../identity/principal.ts'
import type { Principal } from '../identity/principal.ts'
import type { Attempt, Call } from '../pipeline/call.ts'
import { assertConnectionSettings } from '../pipeline/connection-settings.ts'
import type { ConnectorContext } from '../pipeline/connector-context.ts'
import { policiesOf } from '../pipeline/policies.ts'
import type { RuntimeEvents } from '../pipeline/runtime-events.ts'
import { send } from '../pipeline/send.ts'
import { fillSlots } from '../pipeline/slots.ts'
import { compose } from '../pipeline/stage.ts'
import { systemClock } from '../ports/clock.ts'
import { silentLogger } from '../ports/logger.ts'
import { memoryStore } from '../ports/memory-store.ts'
import type { Store } from '../ports/store.ts'
import { redactingLogger } from '../redaction/redacting-logger.ts'
import { CircuitBreaker } from '../resilience/circuit.ts'
import { Lifetime } from '../resilience/lifetime.ts'
import { fetchTransport } from '../transports/fetch-transport.ts'
import { announceBreaker } from './announce-breaker.ts'
import { AppCredentials, withoutVault } from './app-credentials.ts'
import type { Capability, ClientContext } from './capability.ts'
import { checkClientOptions, checkRegistration } from './check-options.ts'
import type { AnyClient } from './client-host.ts'
import { ConnectionHost } from './connection-host.ts'
import type { ConnectionHostContext } from './connection-host.ts'
import { ConnectorRuntime } from './connector-runtime.ts'
import { isCustom } from './custom-connector.ts'
import type { Mounted } from './custom-connector.ts'
import { DefinedClient } from './defined-client.ts'
import type { Clients, ListToolsOptions, McpClient, McpClientOptions } from './mcp-client.ts'
import { ViewMaker } from './view-maker.ts'

/**
 * Creates a client from connectors, and optionally a vault and capabilities.
 * @throws ConnectorError CONFIGURATION_ERROR if the options are invalid or a part cannot be built
 */
export function createMcpClient<
  const C extends Readonly<Record<string, Connector>>,
  const Single extends boolean = false,
>(options: McpClientOptions<C, Single>): McpClient<C, Single> {
  const pipeline = checkClientOptions(options)
  const { vault, capabilities = [], allowPrivateHosts, random = Math.random } = options
  const isSingleTenant: boolean = options.singleTenant === true
  const identify = (principal: unknown): Principal => principalOf(principal, isSingleTenant)
  const clock = options.clock ?? systemClock
  const logger = redactingLogger(options.logger ?? silentLogger)
  const transport = options.transport ?? fetchTransport()
  const policies = policiesOf(options)
  const events = new EventEmitter()
  const runtimes = new Map<string, ConnectorRuntime>()
  const connectors = new Map<string, Connector>()
  const views = new ViewMaker()
  const emit = <E extends keyof RuntimeEvents>(event: E, data: () => RuntimeEvents[E]): void => {
    if (events.listenerCount(event) > 0) events.emit(event, data())
  }
  const emitOf: ClientContext['emitOf'] = (source, event, data) => {
    events.emit(`${source.serverId}.${event}`, { ...source, data })
  }
  const on = (event: string, listener: unknown) => {
    events.on(event, listener as () => void)
    return () => {
      events.off(event, listener as () => void)
    }
  }
  let closed = false

  const { callMs } = policies.timeouts
  const { state } = options
  const callStages = fillSlots(
    pipeline.call,
    capabilities.map((each) => each.callStages),
  )
  const requestStages = fillSlots(
    pipeline.request,
    capabilities.map((each) => each.requestStages),
  )
  const syncEngine = capabilities.find((each) => each.syncEngine !== undefined)?.syncEngine
  const jobs = capabilities.find((each) => each.jobs !== undefined)?.jobs
  const farewells = capabilities.flatMap(({ beforeDisconnect }) => beforeDisconnect ?? [])
  const isOurs = options.pipeline === undefined && capabilities.length === 0
  // A failure below has to release the vault: see the catch at the end of the composition.
  const bound = vault?.bind({ clock, random, logger, transport, state, allowPrivateHosts, callMs, identify, emit })

  const vaultOf = () => {
    if (bound === undefined) throw withoutVault()
    return bound
  }

  const build = (serverId: string, connector: Connector): ConnectorRuntime => {
    const { profile } = connector
    const lifetime = new Lifetime(clock)
    const settingsContext = { connector, serverId, allowPrivateHosts }
    const credentials =
      bound?.add({
        serverId,
        connector,
        lifetime,
        check: (connection, principal, candidate) =>
          new ConnectionHost(host, principal, undefined).check(connection, candidate),
        assertSettings: (settings) => {
          assertConnectionSettings(settingsContext, settings)
        },
      }) ?? new AppCredentials(serverId, connector)
    const onChange = announceBreaker(serverId, emit, logger)
    const circuit = new CircuitBreaker({ clock, ...policies.breaker, onChange })
    const shared = { ...settingsContext, profile, credentials, policies, clock, random, logger, transport }
    const scope: ConnectorContext = { ...shared, lifetime, circuit, emit }
    const host: ConnectionHostContext = {
      scope,
      isBounded: connector.tools !== undefined && isOurs,
      syncEngine,
      farewells,
      callStages: compose<Call, unknown>(callStages, scope, (call) => call.perform(call)),
      requestStages: compose<Attempt, Reply>(requestStages, scope, send(scope)),
      emit: (event, data) => {
        emitOf({ serverId }, event, data)
      },
      // Mounted last, because a stage that fails to build would leave it open.
      mounted: isCustom(connector) ? connector.mount(serverId) : definedClients,
    }
    return new ConnectorRuntime(host)
  }

  const add = (serverId: string, connector: Connector): void => {
    try {
      runtimes.set(serverId, build(serverId, connector))
    } catch (error) {
      bound?.remove(serverId)
      throw ConnectorError.is(error) ? error : notBuilt(serverId, error)
    }
    connectors.set(serverId, connector)
    views.add(serverId)
  }

  const runtimeOf = (serverId: string): ConnectorRuntime => {
    const runtime = runtimes.get(serverId)
    if (runtime !== undefined) return runtime
    throw noConnector(serverId, [...runtimes.keys()])
  }

  const clientsOf =
    (who: Principal) =>
    (serverId: string): AnyClient =>
      runtimeOf(serverId).open(who)

  let ownState: Store | undefined
  const context: ClientContext = {
    connectors,
    // Created lazily, for the first capability that shares state.
    get state() {
      return options.state ?? (ownState ??= memoryStore({ clock }))
    },
    clock,
    logger,
    transport,
    identify,
    client: (serverId, principal) => clientsOf(identify(principal))(serverId),
    connectionsOf: (serverId, accountId) => vaultOf().of(serverId).connectionsOf(accountId),
    signingSecretsOf: async (serverId, ...connection) =>
      vaultOf()
        .of(serverId)
        .signingSecretsOf(...connection),
    send: (serverId, principal, connection, operation) =>
      runtimeOf(serverId).send(identify(principal), connection, operation),
    syncEngine,
    hasJobs: jobs !== undefined,
    get jobs() {
      if (jobs === undefined) throw withoutJobs()
      return jobs
    },
    emit: (event, data) => {
      emit(event, () => data)
    },
    emitOf,
    on,
  }
  const closers: ReturnType<Capability['bind']>[] = []
  const closeAll = async (): Promise<void> => {
    closed = true
    // A failed close does not stop the others. The host closes its own transport, and the default one holds no resources.
    const results = [
      ...(await Promise.allSettled([...runtimes.values()].map((runtime) => runtime.close()))),
      ...(await Promise.allSettled(closers.map(async (close) => close?.()))),
      ...(await Promise.allSettled([bound?.close()])),
    ]
    const failed = results.find((result) => result.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }
  let closing: Promise<void> | undefined

  try {
    for (const [serverId, connector] of Object.entries(options.connectors)) add(serverId, connector)
    for (const capability of capabilities) closers.push(bindCapability(capability, context))
  } catch (error) {
    // The host may correct the composition and try again with the same vault and capabilities.
    bound?.release()
    closeAll().catch((failure: unknown) => {
      logger.warn({ error: failure }, 'A part of a failed composition did not close.')
    })
    throw error
  }

  const client: McpClient<C, Single> = {
    as: (...[principal]) => views.make(identify(principal), runtimeOf) as unknown as Clients<C>,
    client: (serverId, ...[principal]) => clientsOf(identify(principal))(serverId),
    async handle(request, ...[principal]) {
      const { handleEnvelope } = await import('../envelope/handle.ts')
      return handleEnvelope(request, () => clientsOf(identify(principal)))
    },
    async completeAuthorization(callback, ...[principal]) {
      const who = identify(principal)
      return vaultOf().completeAuthorization(callback, who)
    },
    get vault() {
      if (vault === undefined) throw withoutVault()
      return vault
    },
    async listTools(...args) {
      const [principal, limits = {}] = args as readonly unknown[] as readonly [unknown, ListToolsOptions?]
      const who = identify(principal)
      const { listTools } = await import('./list-tools.ts')
      return listTools({ runtimes, clock, timeouts: policies.timeouts }, who, limits)
    },
    on,
    register(serverId, connector) {
      if (closed) throw new ConnectorError('CANCELLED', 'The client is closed.')
      checkRegistration(serverId, connector)
      if (runtimes.has(serverId)) {
        throw new ConnectorError('CONFIGURATION_ERROR', `A connector "${serverId}" is already registered.`, {
          hint: 'Remove it first, or choose another id.',
        })
      }
      add(serverId, connector)
    },
    async remove(serverId) {
      const runtime = runtimes.get(serverId)
      if (runtime === undefined) return false
      runtimes.delete(serverId)
      connectors.delete(serverId)
      bound?.remove(serverId)
      await runtime.close()
      return true
    },
    prewarm: async () => {
      await transport.prewarm?.()
    },
    close: () => (closing ??= closeAll()),
  }
  return client
}

/** Opens the connectors that `defineConnector` makes. */
const definedClients: Mounted = { open: (host) => new DefinedClient(host) }

/** @throws ConnectorError CONFIGURATION_ERROR if the capability does not bind */
function bindCapability(capability: Capability, context: ClientContext): ReturnType<Capability['bind']> {
  try {
    return capability.bind(context)
  } catch (cause) {
    if (ConnectorError.is(cause)) throw cause
    const message = `The capability ${shownName(capability.name)} cannot be bound.`
    const hint = 'Read the cause of this error with causeOf().'
    throw new ConnectorError('CONFIGURATION_ERROR', message, { hint }, { cause })
  }
}

const withoutJobs = (): ConnectorError =>
  new ConnectorError('CONFIGURATION_ERROR', 'No composed capability runs jobs.', {
    hint: 'Compose jobs() of @mcpclient/core/jobs: createMcpClient({ capabilities: [jobs(), ...] }).',
    outcome: 'not_processed',
  })

const notBuilt = (serverId: string, cause: unknown): ConnectorError =>
  new ConnectorError(
    'CONFIGURATION_ERROR',
    `The connector ${serverId} or a stage of the pipeline cannot be built.`,
    { serverId, hint: 'Read the cause of this error with causeOf().' },
    { cause },
  )
