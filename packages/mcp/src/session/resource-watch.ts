import type { Clock, Logger } from '@mcpclient/core'
import type { ProtocolClient, RequestContext } from '../protocol/protocol-client.ts'

interface Subscription {
  readonly client: ProtocolClient
  close(): Promise<void>
}

/** The wait before the first attempt to subscribe again. It doubles each time. */
const MIN_WAIT_MS = 1000
const MAX_WAIT_MS = 60_000

export interface ResourceWatchContext {
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
}

/**
 * Subscribes to a server's changes. A legacy server gets a subscription for each resource, and sends the changes of its
 * lists unasked. A modern one gets one stream for everything, which is opened again whenever it breaks off.
 */
export class ResourceWatch {
  readonly #context: ResourceWatchContext
  /** The number of watchers of each resource. */
  readonly #watchers = new Map<string, number>()
  #subscription: Subscription | undefined
  #failures = 0
  #cancelRetry: (() => void) | undefined

  constructor(context: ResourceWatchContext) {
    this.#context = context
  }

  get isEmpty(): boolean {
    return this.#watchers.size === 0
  }

  async add(uri: string, client: ProtocolClient, context: RequestContext): Promise<void> {
    const watchers = this.#watchers.get(uri) ?? 0
    if (watchers === 0 && !client.modern) await client.subscribe(uri, context)
    this.#watchers.set(uri, watchers + 1)
    if (watchers === 0 && client.modern) await this.#listen(client)
  }

  /** Removes one watcher of `uri`. Returns whether it was the last. */
  delete(uri: string): boolean {
    const watchers = (this.#watchers.get(uri) ?? 0) - 1
    if (watchers > 0) {
      this.#watchers.set(uri, watchers)
      return false
    }
    return this.#watchers.delete(uri)
  }

  /** Unsubscribes from a resource whose last watcher was removed. */
  async unsubscribe(uri: string, client: ProtocolClient, context: RequestContext): Promise<void> {
    if (client.modern) await this.#listen(client)
    else await client.unsubscribe(uri, context)
  }

  /** Subscribes to everything that is watched, on a new connection. */
  async start(client: ProtocolClient, context: RequestContext): Promise<void> {
    this.#failures = 0
    if (client.modern) await this.#listen(client)
    else await Promise.all([...this.#watchers.keys()].map((uri) => client.subscribe(uri, context)))
  }

  stop(): void {
    this.#cancelRetry?.()
    this.#subscription = undefined
  }

  async #listen(client: ProtocolClient): Promise<void> {
    this.#cancelRetry?.()
    const { changes, resourceSubscriptions } = client.capabilities
    const uris = resourceSubscriptions ? [...this.#watchers.keys()] : []
    const filter = {
      ...(changes.tools && { toolsListChanged: true }),
      ...(changes.resources && { resourcesListChanged: true }),
      ...(changes.prompts && { promptsListChanged: true }),
      ...(uris.length > 0 && { resourceSubscriptions: uris }),
    }
    const previous = this.#subscription
    this.#subscription = undefined
    if (Object.keys(filter).length > 0) {
      const opened = await client.listen(filter)
      const subscription: Subscription = { client, close: () => opened.close() }
      this.#subscription = subscription
      opened.closed
        .then((how) => {
          if (how === 'local' || this.#subscription !== subscription) return
          this.#retry(client)
        })
        .catch(() => undefined)
    }
    // The previous stream is closed after the new one is open, so that no change is missed.
    if (previous?.client === client) await previous.close().catch(() => undefined)
  }

  #retry(client: ProtocolClient): void {
    const { clock, random, logger } = this.#context
    const maxWaitMs = Math.min(MAX_WAIT_MS, MIN_WAIT_MS * 2 ** this.#failures)
    this.#failures += 1
    this.#cancelRetry = clock.schedule(maxWaitMs * (0.5 + 0.5 * random()), () => {
      if (!client.isOpen) return
      this.#listen(client).catch((error: unknown) => {
        logger.debug({ error }, SUBSCRIPTION_FAILED)
        this.#retry(client)
      })
    })
  }
}

export const SUBSCRIPTION_FAILED = 'Subscribing to the changes of an MCP server failed.'
