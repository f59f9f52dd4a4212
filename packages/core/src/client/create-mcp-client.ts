import { EventEmitter } from 'eventemitter3'
import type { Attempt, Call } from '../connector/call.ts'
import type { Connector } from '../connector/connector.ts'
import { AuditTrail } from '../credentials/audit-trail.ts'
import { ConnectionRows } from '../credentials/connection-rows.ts'
import type { PendingAuthorization } from '../credentials/pending-authorization.ts'
import { isRefusal, reasonOf } from '../credentials/credential-guard.ts'
import { defaultWarningDays } from '../credentials/credential-expiry.ts'
import { redactingLogger } from '../credentials/redaction/redacting-logger.ts'
import { renewalTiming } from '../credentials/renewal/renewal-world.ts'
import { handleEnvelope } from '../envelope/handle.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import { ownFailure } from '../errors/own-failure.ts'
import { standardPipeline } from '../pipeline/pipeline.ts'
import { send } from '../pipeline/send.ts'
import { compose } from '../pipeline/stage.ts'
import { systemClock } from '../ports/clock.ts'
import { silentLogger } from '../ports/logger.ts'
import { memoryStore } from '../ports/memory-store.ts'
import { kyTransport } from '../transports/ky-transport.ts'
import { ConnectorRuntime } from './connector-runtime.ts'
import type { Clients, McpClient, McpClientOptions } from './mcp-client.ts'
import { policiesOf } from './policies.ts'
import { principalOf } from './principal-of.ts'
import { scopeOfConnector } from './scope-of-connector.ts'
import type { ClientParts } from './scope-of-connector.ts'
import { vaultOperations } from './vault-operations/vault-operations.ts'
import { ViewMaker } from './view-maker.ts'

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
  const trail = options.audit && new AuditTrail(options.audit, clock, logger)
  const pipeline = (options.pipeline ?? ((stages) => stages))(standardPipeline)
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
    timing: { ...renewalTiming, ...options.renewal },
    policies: policiesOf(options),
    random: options.random ?? Math.random,
    // Made when first needed: some runtimes give no randomness while a module is loaded.
    owner: lazily(() => globalThis.crypto.randomUUID()),
    access: options.credentialAccess,
    warningDays: options.expiryWarningDays ?? defaultWarningDays,
    redirectUri: options.redirectUri,
    shareOf: (group) =>
      [...connectors].flatMap(([serverId, { scope }]) => (scope.vault.group === group ? [serverId] : [])),
    emit: (event, data) => {
      if (events.listenerCount(event) > 0) events.emit(event, data())
    },
  }

  const add = (serverId: string, connector: Connector): void => {
    const scope = scopeOfConnector(serverId, connector, parts)
    const perform = (call: Call) => call.perform(call)
    const mounted = connector.mount(serverId)
    connectors.set(
      serverId,
      new ConnectorRuntime({
        scope,
        connector,
        mounted,
        isBounded: mounted.tools !== undefined && options.pipeline === undefined,
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
      const [{ assertCallbackAddress, parseCallback }, { refusedCallback, takePending }] = await Promise.all([
        import('../credentials/callback-address.ts'),
        import('../credentials/pending-authorization.ts'),
      ])
      const parsed = parseCallback(callback)
      const { url } = parsed
      // What fails in here is the host's mistake or another user's callback, so the state is not used up.
      const mayHave = (begun: PendingAuthorization): void => {
        if (begun.tenant !== who.tenant) throw refusedCallback('state_of_another_tenant', 'another tenant began it')
        assertCallbackAddress(begun.redirectUri, parsed)
        runtimeOf(begun.serverId)
      }
      const pending = await takePending(state, clock, url.searchParams.get('state') ?? '', mayHave).catch(
        async (error: unknown) => {
          const outcome = isRefusal(error) ? 'refused' : 'failed'
          await trail?.record({
            operation: 'connect',
            outcome,
            actor: who,
            tenant: who.tenant,
            reason: reasonOf(error),
          })
          throw ownFailure(error, 'Completing an authorization')
        },
      )
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
