import { ConnectorError, redact } from '@mcpclient/core'
import type { ClientHost, ExchangeContext } from '@mcpclient/core'
import type { CallUnderWay } from '../elicitation/question.ts'
import type { McpServerEvents } from '../mcp-server-events.ts'
import type { ServerSetup } from '../server-setup.ts'
import { Catalog } from '../tools/catalog.ts'
import { Pins } from '../tools/pins.ts'
import { CallsUnderWay } from './calls-under-way.ts'
import type { EraMemory } from './era-memory.ts'
import type { Link, Sign } from './link.ts'
import type { Elicit, SessionEvents } from './open-session.ts'
import { ResourceWatch } from './resource-watch.ts'
import type { McpProgress, RequestContext, Session } from './session.ts'
import { ServerNews } from './server-news.ts'
import type { Emit } from './server-news.ts'
import { SessionLost } from './session-lost.ts'
import { Supervisor } from './supervisor.ts'

/** Milliseconds between the last call and the moment from which the server does not keep this process alive. */
const LET_GO_AFTER_MS = 100

/** For whom a request is made. */
export interface Caller {
  readonly call?: CallUnderWay | undefined
  readonly onProgress?: ((progress: McpProgress) => void) | undefined
}

export interface ConnectionOptions {
  readonly key: string
  readonly host: ClientHost
  /** Absent where all tenants share the connection. */
  readonly tenant: string | undefined
  readonly setup: ServerSetup
  readonly eras: EraMemory
  /** Lists the tools through the pipeline, on nobody's call in particular. */
  readonly refresh: (connection: Connection) => Promise<void>
}

/** One connection to one server: its session, whatever becomes of that, and what was learnt from it. */
export class Connection {
  readonly catalog: Catalog
  readonly #options: ConnectionOptions
  readonly #link: Link
  readonly #supervisor: Supervisor<Session>
  readonly #underWay: CallsUnderWay
  readonly #watch: ResourceWatch
  #sign: Sign | undefined
  #usedAt: number
  /** The session that keeps this process alive. */
  #held: Session | undefined
  #isLettingGo = false
  readonly #news: ServerNews

  constructor(options: ConnectionOptions) {
    const { host, setup, key } = options
    const { clock, background, random, restarts, onDrift, pins, link } = setup
    const { serverId, logger } = host
    this.#options = options
    this.#link = link
    this.#usedAt = clock.monotonic()
    this.#underWay = new CallsUnderWay(background)
    this.#news = new ServerNews({
      clock: background,
      logger,
      markStale: () => {
        this.catalog.markStale()
      },
      isListed: () => this.catalog.isLoaded,
      refresh: () => options.refresh(this),
      emit: (event, data) => {
        this.#emit(event, data)
      },
    })
    this.#watch = new ResourceWatch({ clock: background, random, logger })
    this.catalog = new Catalog({
      clock,
      logger,
      onDrift,
      pins: new Pins(pins, [serverId, key]),
      onDrifted: (tool, blocked) => {
        this.#emit('drifted', { tool, blocked })
      },
    })
    this.#supervisor = new Supervisor<Session>({
      serverId,
      clock,
      random,
      restarts,
      connect: (signal) => this.#connect(signal),
      onState: (to, from) => {
        this.#emit('state', { from, to })
        if (to === 'degraded' && !this.#watch.isEmpty) this.#comeBack()
      },
      onReconnected: () => {
        this.catalog.markStale()
        this.#emit('reconnected', {})
      },
    })
  }

  /** Milliseconds since the connection was last of use. */
  get idleForMs(): number {
    if (this.#isNeeded) return 0
    return this.#options.setup.clock.monotonic() - this.#usedAt
  }

  /**
   * Makes a request on the connection's session, which is opened if need be. A request that the server did not run
   * because it had forgotten the session is made again on a new one, once.
   */
  async use<Value>(
    context: ExchangeContext,
    { call, onProgress }: Caller,
    request: (session: Session, context: RequestContext) => Promise<Value>,
  ): Promise<Value> {
    if (context.sign !== undefined) this.#sign = context.sign
    const extend = () => {
      context.extend()
    }
    const waiting = { call, extend }
    const { signal, requestId } = context
    const asked: RequestContext = {
      signal,
      requestId,
      extend,
      onProgress: (progress) => {
        extend()
        onProgress?.(progress)
      },
    }
    this.#underWay.add(waiting)
    try {
      for (let isFirst = true; ; isFirst = false) {
        const acquired = this.#supervisor.acquire(signal)
        const session = acquired instanceof Promise ? await this.#whileConnecting(acquired, context) : acquired
        this.#holdIfNeeded()
        try {
          return await request(session, asked)
        } catch (error) {
          if (!(error instanceof SessionLost)) throw unsentIf(error, context)
          // A newer server knows no sessions: what may have been wrong is its era, and that was just asked for.
          if (session.modern && !isFirst && error.how === 'forgotten') throw unsentIf(error.error, context)
          if (session.modern) this.#options.eras.doubt(this.#options.key)
          this.#supervisor.lost(session, error.how)
          if (error.how === 'closed' || !isFirst) throw unsentIf(error.error, context)
        }
      }
    } finally {
      this.#underWay.delete(waiting)
      this.#usedAt = this.#options.setup.clock.monotonic()
      this.#holdIfNeeded()
    }
  }

  /** Tells the host's listeners when a resource changes, until `unwatch`. */
  watch(uri: string, context: ExchangeContext): Promise<void> {
    return this.use(context, {}, (session, asked) => this.#watch.add(uri, session, asked))
  }

  async unwatch(uri: string, context: ExchangeContext): Promise<void> {
    if (!this.#watch.delete(uri) || this.#supervisor.session === undefined) return
    await this.use(context, {}, (session, asked) => this.#watch.end(uri, session, asked))
  }

  /** Ends the session; the next request opens another. */
  async rest(): Promise<void> {
    this.#watch.stop()
    await this.#supervisor.rest()
  }

  async close(): Promise<void> {
    this.#watch.stop()
    this.#news.stop()
    this.#options.eras.forget(this.#options.key)
    await this.#supervisor.close()
  }

  async #connect(signal: AbortSignal): Promise<Session> {
    const { setup, host, eras, key } = this.#options
    const { clock, connectTimeoutMs, clientInfo } = setup
    const { openSession } = await import('./open-session.ts')
    const session = await openSession({
      link: this.#link,
      serverId: host.serverId,
      clientInfo,
      logger: host.logger,
      clock,
      sign: () => this.#sign,
      connectTimeoutMs,
      events: this.#events,
      elicit: setup.elicit && this.#elicit,
      prior: eras.recall(key),
      signal,
    })
    const { discover } = session
    eras.learn(key, discover === undefined ? { kind: 'legacy' } : { kind: 'modern', discover })
    this.#watch.start(session, this.#unasked()).catch((error: unknown) => {
      host.logger.debug({ error }, 'An MCP server could not be listened to.')
    })
    return session
  }

  async #whileConnecting(connecting: Promise<Session>, context: ExchangeContext): Promise<Session> {
    context.sent(false)
    // A process may have to be installed before it starts, which takes longer than any request.
    const session = await (this.#link.kind === 'stdio' ? this.#underWay.pausedWhile(connecting) : connecting)
    context.sent(true)
    return session
  }

  /** Tries until the connection stands again, for the sake of those who watch. */
  #comeBack(): void {
    const { background, random } = this.#options.setup
    background.schedule(1000 + 4000 * random(), () => {
      if (this.#watch.isEmpty || this.#supervisor.state !== 'degraded') return
      const acquired = this.#supervisor.acquire(undefined)
      if (acquired instanceof Promise) acquired.catch(() => undefined)
    })
  }

  /**
   * While something waits for the server, or watches it, this process stays alive. It is let go of a moment after the
   * last call, not with each: that costs more than all else that is done for a call.
   */
  #holdIfNeeded(): void {
    const session = this.#supervisor.session
    if (!this.#isNeeded) this.#letGoSoon()
    else if (session !== this.#held) {
      this.#held?.release()
      session?.hold()
      this.#held = session
    }
  }

  #letGoSoon(): void {
    if (this.#held === undefined || this.#isLettingGo) return
    this.#isLettingGo = true
    this.#options.setup.background.schedule(LET_GO_AFTER_MS, () => {
      this.#isLettingGo = false
      if (this.#isNeeded) return
      this.#held?.release()
      this.#held = undefined
    })
  }

  get #isNeeded(): boolean {
    return !this.#underWay.isEmpty || !this.#watch.isEmpty
  }

  readonly #events: SessionEvents = {
    onListChanged: (kind) => {
      this.#news.listChanged(kind)
    },
    onResourceUpdated: (uri) => {
      this.#news.resourceUpdated(uri)
    },
    onLog: ({ level, logger, data }) => {
      this.#emit('log', { level, logger, data: redact(data, this.#link.secrets) })
    },
  }

  /** Tells the host what became of the tools. */
  announce(change: Omit<McpServerEvents['tools_changed'], 'tenant' | 'connection'>): void {
    this.#emit('tools_changed', change)
  }

  readonly #elicit: Elicit = async (params, { signal, server }) => {
    const { host, tenant, setup } = this.#options
    const { ask } = await import('../elicitation/ask.ts')
    const { serverId, logger, connection } = host
    const { calls } = this.#underWay
    const context = { serverId, tenant, connection: connection.name, server, calls, signal }
    // `elicit` is only registered where there is somebody to ask.
    const asking = ask(setup.elicit ?? (() => Promise.resolve({ action: 'cancel' })), params, context, logger)
    return this.#underWay.pausedWhile(asking)
  }

  readonly #emit: Emit = (event, data) => {
    const { host, tenant } = this.#options
    host.emit(event, { tenant, connection: host.connection.name, ...data })
  }

  /** For requests that nobody waits for. */
  #unasked(): RequestContext {
    return { signal: undefined, requestId: crypto.randomUUID(), onProgress: () => undefined, extend: () => undefined }
  }
}

/** Tells the pipeline where a request that failed for want of a connection never left, so that it may be made again. */
function unsentIf(error: unknown, context: ExchangeContext): unknown {
  const neverLeft =
    ConnectorError.is(error) && error.code === 'MCP_CONNECTION_ERROR' && error.details.outcome === 'not_processed'
  if (neverLeft) context.sent(false)
  return error
}
