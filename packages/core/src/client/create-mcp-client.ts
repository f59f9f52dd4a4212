import { EventEmitter } from 'eventemitter3'
import type { Attempt, Call } from '../pipeline/call.ts'
import type { Principal } from '../identity/principal.ts'
import type { Connector } from '../connector/connector.ts'
import { isCustom } from './custom-connector.ts'
import type { AnyClient } from './client-host.ts'
import type { Mounted } from './custom-connector.ts'
import { DefinedClient } from './defined-client.ts'
import { AuditTrail } from '../vault/audit-trail.ts'
import { ConnectionRows } from '../vault/connection-rows.ts'
import type { PendingAuthorization } from '../vault/pending-authorization.ts'
import { isRefusal, reasonOf } from '../vault/credential-guard.ts'
import { defaultWarningDays } from '../vault/credential-expiry.ts'
import { redactingLogger } from '../redaction/redacting-logger.ts'
import { renewalTiming } from '../vault/renewal/renewal-world.ts'
import { handleEnvelope } from '../envelope/handle.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import { ownFailure } from '../errors/own-failure.ts'
import { send } from '../pipeline/send.ts'
import { compose } from '../pipeline/stage.ts'
import { systemClock } from '../ports/clock.ts'
import { silentLogger } from '../ports/logger.ts'
import { memoryStore } from '../ports/memory-store.ts'
import { kyTransport } from '../transports/ky-transport.ts'
import { loggedError } from './announce-call.ts'
import { checkOptions, checkRegistration } from './check-options.ts'
import { ConnectorRuntime, noConnector } from './connector-runtime.ts'
import type { Clients, ListToolsOptions, McpClient, McpClientOptions } from './mcp-client.ts'
import { policiesOf, withDefaults } from '../pipeline/policies.ts'
import { principalOf } from '../identity/principal.ts'
import { scopeOfConnector } from './scope-of-connector.ts'
import type { ClientParts } from './scope-of-connector.ts'
import { vaultOperations } from '../vault/operations/vault-operations.ts'
import { ViewMaker } from './view-maker.ts'

/**
 * Composes a client out of connectors.
 * @throws ConnectorError CONFIGURATION_ERROR if the composition cannot work
 */
export function createMcpClient<
  const C extends Readonly<Record<string, Connector>>,
  const Single extends boolean = false,
>(options: McpClientOptions<C, Single>): McpClient<C, Single> {
  const pipeline = checkOptions(options)
  const isSingleTenant: boolean = options.singleTenant === true
  const identify = (principal: unknown): Principal => principalOf(principal, isSingleTenant)
  const clock = options.clock ?? systemClock
  const logger = redactingLogger(options.logger ?? silentLogger)
  const transport = options.transport ?? kyTransport()
  const credentials = options.credentials ?? memoryStore({ clock })
  const state = options.state ?? credentials
  const trail = options.audit && new AuditTrail(options.audit, clock, logger)
  const events = new EventEmitter()
  const connectors = new Map<string, ConnectorRuntime>()
  const views = new ViewMaker()
  let closed = false

  const parts: ClientParts = {
    credentials,
    state,
    clock,
    logger,
    transport,
    trail,
    rows: new ConnectionRows(credentials, clock),
    documents: new Map(),
    timing: withDefaults(renewalTiming, options.renewal),
    policies: policiesOf(options),
    random: options.random ?? Math.random,
    // Made when first needed: some runtimes give no randomness while a module is loaded.
    owner: lazily(() => globalThis.crypto.randomUUID()),
    access: options.credentialAccess,
    warningDays: options.expiryWarningDays ?? defaultWarningDays,
    redirectUri: options.redirectUri,
    allowPrivateHosts: options.allowPrivateHosts,
    shareOf: (group) =>
      [...connectors].flatMap(([serverId, { scope }]) => (scope.vault.group === group ? [serverId] : [])),
    emit: (event, data) => {
      if (events.listenerCount(event) > 0) events.emit(event, data())
    },
  }

  const build = (serverId: string, connector: Connector): ConnectorRuntime => {
    const scope = scopeOfConnector(serverId, connector, parts)
    const perform = (call: Call) => call.perform(call)
    const mounted: Mounted = isCustom(connector) ? connector.mount(serverId) : definedClients
    return new ConnectorRuntime({
      scope,
      connector,
      mounted,
      isBounded: connector.tools !== undefined && options.pipeline === undefined,
      callStages: compose(pipeline.call, scope, perform),
      requestStages: compose<Attempt, Awaited<ReturnType<ReturnType<typeof send>>>>(
        pipeline.request,
        scope,
        send(scope),
      ),
      emit: (event, data) => {
        events.emit(`${serverId}.${event}`, { serverId, data })
      },
    })
  }

  const add = (serverId: string, connector: Connector): void => {
    try {
      connectors.set(serverId, build(serverId, connector))
    } catch (error) {
      throw ConnectorError.is(error) ? error : notBuilt(serverId, error)
    }
    views.add(serverId)
  }

  const runtimeOf = (serverId: string): ConnectorRuntime => {
    const runtime = connectors.get(serverId)
    if (runtime !== undefined) return runtime
    throw noConnector(serverId, [...connectors.keys()])
  }

  const clientsOf =
    (who: Principal) =>
    (serverId: string): AnyClient =>
      runtimeOf(serverId).open(who)

  for (const [serverId, connector] of Object.entries(options.connectors)) add(serverId, connector)

  const client: McpClient<C, Single> = {
    as: (...[principal]) => views.make(identify(principal), runtimeOf) as unknown as Clients<C>,
    client: (serverId, ...[principal]) => clientsOf(identify(principal))(serverId),
    handle: (request, ...[principal]) => handleEnvelope(request, () => clientsOf(identify(principal))),
    async completeAuthorization(callback, ...[principal]) {
      const who = identify(principal)
      const [{ assertCallbackAddress, parseCallback }, { assertOwn, takePending }] = await Promise.all([
        import('../vault/callback-address.ts'),
        import('../vault/pending-authorization.ts'),
      ])
      const parsed = parseCallback(callback)
      const { url } = parsed
      // What fails in here is the host's mistake or another user's callback, so the state is not used up.
      const check = async (started: PendingAuthorization): Promise<void> => {
        assertOwn(started, who)
        assertCallbackAddress(started.redirectUri, parsed)
        await runtimeOf(started.serverId).host(who, started.connection).assertCompletable()
      }
      const pending = await takePending(state, clock, url.searchParams.get('state') ?? '', check).catch(
        async (error: unknown) => {
          // The guard has recorded what `credentialAccess` refused.
          if (!isDenied(error)) {
            const outcome = isRefusal(error) ? 'refused' : 'failed'
            const reason = reasonOf(error)
            await trail?.record({ operation: 'connect', outcome, actor: who, tenant: who.tenant, reason })
          }
          const failure = ownFailure(error, 'Completing an authorization')
          const about = { event: 'callback.refused', tenant: who.tenant, user: who.user, error: loggedError(failure) }
          logger.warn(about, 'A callback was refused.')
          throw failure
        },
      )
      const { serverId, connection } = pending
      const result = await runtimeOf(serverId).host(who, connection).complete(pending, url)
      return { ...result, serverId, connection }
    },
    vault: vaultOperations({ runtimes: connectors, store: credentials, clock, trail, identify }),
    async listTools(...args) {
      const [principal, limits = {}] = args as readonly unknown[] as readonly [unknown, ListToolsOptions?]
      const who = identify(principal)
      const { listTools } = await import('./list-tools.ts')
      return listTools({ runtimes: connectors, clock, timeouts: parts.policies.timeouts }, who, limits)
    },
    on(event, listener) {
      events.on(event, listener)
      return () => {
        events.off(event, listener)
      }
    },
    register(serverId, connector) {
      if (closed) throw new ConnectorError('CANCELLED', 'The client is closed.')
      checkRegistration(serverId, connector)
      if (connectors.has(serverId)) {
        throw new ConnectorError('CONFIGURATION_ERROR', `There is a connector "${serverId}" already.`, {
          hint: 'Remove it first, or choose another id.',
        })
      }
      add(serverId, connector)
    },
    async remove(serverId) {
      const runtime = connectors.get(serverId)
      if (runtime === undefined) return false
      connectors.delete(serverId)
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

const notBuilt = (serverId: string, cause: unknown): ConnectorError =>
  new ConnectorError(
    'CONFIGURATION_ERROR',
    `The connector ${serverId} or a stage of the pipeline cannot be built.`,
    { serverId, hint: 'Look at the cause of this error with causeOf().' },
    { cause },
  )

/** Opens the connectors that `defineConnector` makes. */
const definedClients: Mounted = { open: (host) => new DefinedClient(host) }

const isDenied = (error: unknown): boolean => ConnectorError.is(error) && error.code === 'PERMISSION_DENIED'

function lazily(make: () => string): () => string {
  let made: string | undefined
  return () => (made ??= make())
}
