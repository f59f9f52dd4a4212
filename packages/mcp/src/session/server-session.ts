import { ConnectorError, redact } from '@mcpclient/core'
import type { ClientHost, ExchangeContext } from '@mcpclient/core'
import type { PendingCall } from '../elicitation/question.ts'
import { SessionLost } from '../failures/session-lost.ts'
import type { Elicit, NotificationHandlers } from '../protocol/connect-client.ts'
import type { Sign } from '../protocol/link.ts'
import type { McpProgress, ProtocolClient, RequestContext } from '../protocol/protocol-client.ts'
import { Catalog } from '../tools/catalog.ts'
import type { CatalogChange } from '../tools/catalog.ts'
import { Pins } from '../tools/pins.ts'
import { KeepAlive } from './keep-alive.ts'
import { PendingCalls } from './pending-calls.ts'
import { ResourceWatch, SUBSCRIPTION_FAILED } from './resource-watch.ts'
import type { ServerContext } from './server-context.ts'
import { ServerNotifications } from './server-notifications.ts'
import type { Emit } from './server-notifications.ts'
import { Supervisor } from './supervisor.ts'
import type { VersionCache } from './version-cache.ts'

/** On whose behalf a request is sent. */
export interface Caller {
  readonly call?: PendingCall | undefined
  readonly onProgress?: ((progress: McpProgress) => void) | undefined
}

export interface ServerSessionContext {
  readonly key: string
  readonly host: ClientHost
  /** Undefined if all tenants share the session. */
  readonly tenant: string | undefined
  readonly server: ServerContext
  readonly versions: VersionCache
  /** Lists the tools through the pipeline, for no call in particular. */
  readonly refresh: (session: ServerSession) => Promise<void>
}

/** One session with one server, across the connections that it takes, and what was learned in it. */
export class ServerSession {
  readonly catalog: Catalog
  readonly #context: ServerSessionContext
  readonly #supervisor: Supervisor<ProtocolClient>
  readonly #pending: PendingCalls
  readonly #watch: ResourceWatch
  readonly #notifications: ServerNotifications
  readonly #keepAlive: KeepAlive
  #sign: Sign | undefined
  #usedAt: number

  constructor(context: ServerSessionContext) {
    const { host, server, key } = context
    const { clock, background, random, restarts, onDrift, pins } = server
    const { serverId, logger } = host
    this.#context = context
    this.#usedAt = clock.monotonic()
    this.#pending = new PendingCalls(background)
    this.#notifications = new ServerNotifications({
      clock: background,
      logger,
      markStale: () => {
        this.catalog.markStale()
      },
      isListed: () => this.catalog.isLoaded,
      refresh: () => context.refresh(this),
      emit: (event, data) => {
        this.#emit(event, data)
      },
    })
    this.#watch = new ResourceWatch({ clock: background, random, logger })
    this.#keepAlive = new KeepAlive({
      clock: background,
      isNeeded: () => this.#isNeeded,
      client: () => this.#supervisor.client,
    })
    this.catalog = new Catalog({
      clock,
      logger,
      onDrift,
      pins: new Pins(pins, [serverId, key]),
      onDrifted: (tool, blocked) => {
        this.#emit('drifted', { tool, blocked })
      },
    })
    this.#supervisor = new Supervisor<ProtocolClient>({
      serverId,
      clock,
      random,
      restarts,
      connect: (signal) => this.#connect(signal),
      onState: (to, from) => {
        this.#emit('state', { from, to })
        if (to === 'degraded' && !this.#watch.isEmpty) this.#reconnectLater()
      },
      onReconnected: () => {
        this.catalog.markStale()
        this.#emit('reconnected', {})
      },
    })
  }

  /** Milliseconds since the session was last needed. */
  get idleForMs(): number {
    if (this.#isNeeded) return 0
    return this.#context.server.clock.monotonic() - this.#usedAt
  }

  /**
   * Sends a request over the session's connection, which is opened first if there is none. If the server did not run the
   * request because it does not know the session any more, sends it once again in a new one.
   */
  async use<Value>(
    exchange: ExchangeContext,
    { call, onProgress }: Caller,
    send: (client: ProtocolClient, request: RequestContext) => Promise<Value>,
  ): Promise<Value> {
    if (exchange.sign !== undefined) this.#sign = exchange.sign
    const extend = () => {
      exchange.extend()
    }
    const pending = { call, extend }
    const { signal, requestId } = exchange
    const request: RequestContext = {
      signal,
      requestId,
      extend,
      onProgress: (progress) => {
        extend()
        onProgress?.(progress)
      },
    }
    this.#pending.add(pending)
    try {
      for (let isFirst = true; ; isFirst = false) {
        const acquired = this.#supervisor.acquire(signal)
        const client = acquired instanceof Promise ? await this.#whileConnecting(acquired, exchange) : acquired
        this.#keepAlive.update()
        try {
          return await send(client, request)
        } catch (error) {
          if (!(error instanceof SessionLost)) throw reported(error, exchange)
          const { reason, failure } = error
          // A modern server has no sessions, so its revision is in doubt. The second attempt has probed that already.
          if (client.modern && !isFirst && reason === 'expired') throw reported(failure, exchange)
          if (client.modern) this.#context.versions.invalidate(this.#context.key)
          this.#supervisor.lost(client, reason)
          if (reason === 'closed' || !isFirst) throw reported(failure, exchange)
        }
      }
    } finally {
      this.#pending.delete(pending)
      this.#usedAt = this.#context.server.clock.monotonic()
      this.#keepAlive.update()
    }
  }

  /** Emits `resource_updated` when a resource changes, until `unwatch`. */
  watch(uri: string, exchange: ExchangeContext): Promise<void> {
    return this.use(exchange, {}, (client, request) => this.#watch.add(uri, client, request))
  }

  async unwatch(uri: string, exchange: ExchangeContext): Promise<void> {
    if (!this.#watch.delete(uri) || this.#supervisor.client === undefined) return
    await this.use(exchange, {}, (client, request) => this.#watch.unsubscribe(uri, client, request))
  }

  /** Emits what changed in the list of tools. */
  emitToolsChanged(change: CatalogChange): void {
    this.#emit('tools_changed', change)
  }

  async close(): Promise<void> {
    this.#watch.stop()
    this.#notifications.stop()
    this.#context.versions.delete(this.#context.key)
    await this.#supervisor.close()
  }

  async #connect(signal: AbortSignal): Promise<ProtocolClient> {
    const { server, host, versions, key } = this.#context
    const { link, clock, connectTimeoutMs, clientInfo, elicit } = server
    const { connectClient } = await import('../protocol/connect-client.ts')
    const client = await connectClient({
      link,
      serverId: host.serverId,
      clientInfo,
      logger: host.logger,
      clock,
      sign: () => this.#sign,
      connectTimeoutMs,
      notifications: this.#handlers,
      elicit: elicit && this.#elicit,
      prior: versions.get(key),
      signal,
    })
    const { discover } = client
    versions.set(key, discover === undefined ? { kind: 'legacy' } : { kind: 'modern', discover })
    this.#watch.start(client, backgroundRequest()).catch((error: unknown) => {
      host.logger.debug({ error }, SUBSCRIPTION_FAILED)
    })
    return client
  }

  async #whileConnecting(connecting: Promise<ProtocolClient>, exchange: ExchangeContext): Promise<ProtocolClient> {
    exchange.sent(false)
    // A program may have to be installed before it starts, which takes longer than any request.
    const isProcess = this.#context.server.link.kind === 'stdio'
    const client = await (isProcess ? this.#pending.pausedWhile(connecting) : connecting)
    exchange.sent(true)
    return client
  }

  /** Connects again without a call, because resources are watched. */
  #reconnectLater(): void {
    const { background, random } = this.#context.server
    background.schedule(1000 + 4000 * random(), () => {
      if (this.#watch.isEmpty || this.#supervisor.state !== 'degraded') return
      const acquired = this.#supervisor.acquire(undefined)
      if (acquired instanceof Promise) acquired.catch(() => undefined)
    })
  }

  get #isNeeded(): boolean {
    return !this.#pending.isEmpty || !this.#watch.isEmpty
  }

  readonly #handlers: NotificationHandlers = {
    onListChanged: (kind) => {
      this.#notifications.listChanged(kind)
    },
    onResourceUpdated: (uri) => {
      this.#notifications.resourceUpdated(uri)
    },
    onLog: ({ level, logger, data }) => {
      this.#emit('log', { level, logger, data: redact(data, this.#context.server.link.secrets) })
    },
  }

  readonly #elicit: Elicit = async (params, { signal, server: name }) => {
    const { host, tenant, server } = this.#context
    const { ask } = await import('../elicitation/ask.ts')
    const { serverId, logger, connection } = host
    const context = { serverId, tenant, connection: connection.name, server: name, calls: this.#pending.calls, signal }
    // This handler is registered only if the host passed `elicit`.
    const elicitor = server.elicit ?? (() => Promise.resolve({ action: 'cancel' as const }))
    return this.#pending.pausedWhile(ask(elicitor, params, context, logger))
  }

  readonly #emit: Emit = (event, data) => {
    const { host, tenant } = this.#context
    host.emit(event, { tenant, connection: host.connection.name, ...data })
  }
}

/** Returns the context of a request that no caller waits for. */
const backgroundRequest = (): RequestContext => ({
  signal: undefined,
  requestId: crypto.randomUUID(),
  onProgress: () => undefined,
  extend: () => undefined,
})

/** Returns the error and marks it for the pipeline if its request was never sent and may be sent again. */
function reported(error: unknown, exchange: ExchangeContext): unknown {
  if (wasNeverSent(error)) exchange.sent(false)
  return error
}

const wasNeverSent = (error: unknown): boolean =>
  ConnectorError.is(error) && error.code === 'MCP_CONNECTION_ERROR' && error.details.outcome === 'not_processed'
