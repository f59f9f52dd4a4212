import type { Clock, Logger } from '@mcpclient/core'
import type { Session } from './session.ts'
import type { RequestContext } from './session.ts'

interface Listening {
  readonly session: Session
  close(): Promise<void>
}

/** The longest wait before listening again; it doubles each time. */
const BASE_MS = 1000
const LONGEST_MS = 60_000

export interface ResourceWatchOptions {
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
}

/**
 * What the host wants to hear of from a server without asking. Older servers are told of each resource, and the rest
 * comes by itself; newer ones are asked for all of it on one stream, again whenever that breaks off.
 */
export class ResourceWatch {
  readonly #options: ResourceWatchOptions
  /** How many watch each. */
  readonly #wanted = new Map<string, number>()
  #listening: Listening | undefined
  #failures = 0
  #cancelRetry: (() => void) | undefined

  constructor(options: ResourceWatchOptions) {
    this.#options = options
  }

  get isEmpty(): boolean {
    return this.#wanted.size === 0
  }

  async add(uri: string, session: Session, context: RequestContext): Promise<void> {
    const watchers = this.#wanted.get(uri) ?? 0
    if (watchers === 0 && !session.modern) await session.watch(uri, context)
    this.#wanted.set(uri, watchers + 1)
    if (watchers === 0 && session.modern) await this.#listen(session)
  }

  /** Forgets one watcher of `uri`; true if it was the last. */
  delete(uri: string): boolean {
    const watchers = (this.#wanted.get(uri) ?? 0) - 1
    if (watchers > 0) {
      this.#wanted.set(uri, watchers)
      return false
    }
    return this.#wanted.delete(uri)
  }

  /** Tells the server that nobody watches `uri` any more. */
  async end(uri: string, session: Session, context: RequestContext): Promise<void> {
    if (session.modern) await this.#listen(session)
    else await session.unwatch(uri, context)
  }

  /** A connection stands: the server is told what is wanted. */
  async start(session: Session, context: RequestContext): Promise<void> {
    this.#failures = 0
    if (session.modern) await this.#listen(session)
    else await Promise.all([...this.#wanted.keys()].map((uri) => session.watch(uri, context)))
  }

  stop(): void {
    this.#cancelRetry?.()
    this.#listening = undefined
  }

  async #listen(session: Session): Promise<void> {
    this.#cancelRetry?.()
    const { changes, resourceSubscriptions } = session.capabilities
    const uris = resourceSubscriptions ? [...this.#wanted.keys()] : []
    const filter = {
      ...(changes.tools && { toolsListChanged: true }),
      ...(changes.resources && { resourcesListChanged: true }),
      ...(changes.prompts && { promptsListChanged: true }),
      ...(uris.length > 0 && { resourceSubscriptions: uris }),
    }
    const before = this.#listening
    this.#listening = undefined
    if (Object.keys(filter).length > 0) {
      const subscription = await session.listen(filter)
      const listening: Listening = { session, close: () => subscription.close() }
      this.#listening = listening
      subscription.closed
        .then((how) => {
          if (how === 'local' || this.#listening !== listening) return
          this.#retry(session)
        })
        .catch(() => undefined)
    }
    // The new stream stands before the old one goes, so that nothing is missed in between.
    if (before?.session === session) await before.close().catch(() => undefined)
  }

  #retry(session: Session): void {
    const { clock, random, logger } = this.#options
    const longest = Math.min(LONGEST_MS, BASE_MS * 2 ** this.#failures)
    this.#failures += 1
    this.#cancelRetry = clock.schedule(longest * (0.5 + 0.5 * random()), () => {
      if (!session.isOpen) return
      this.#listen(session).catch((error: unknown) => {
        logger.debug({ error }, 'An MCP server could not be listened to.')
        this.#retry(session)
      })
    })
  }
}
