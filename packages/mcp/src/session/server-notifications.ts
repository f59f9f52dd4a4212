import type { Clock, Logger } from '@mcpclient/core'
import type { ListKind } from '../protocol/connect-client.ts'
import { Coalesced } from './coalesced.ts'
import type { McpServerEvents } from './server-events.ts'

export type Emit = <E extends keyof McpServerEvents>(
  event: E,
  data: Omit<McpServerEvents[E], 'tenant' | 'connection'>,
) => void

export interface ServerNotificationsContext {
  readonly clock: Clock
  readonly logger: Logger
  readonly markStale: () => void
  /** Returns whether the tools have been listed before. */
  readonly isListed: () => boolean
  /** Lists the tools and emits what changed. */
  readonly refresh: () => Promise<void>
  readonly emit: Emit
}

/** Emits events for a server's notifications. Many notifications in a row are one event: a server may send thousands. */
export class ServerNotifications {
  readonly #context: ServerNotificationsContext
  readonly #changes: Readonly<Record<ListKind, Coalesced>>
  readonly #updates: Coalesced
  /** Resources whose update has not been emitted yet. */
  readonly #updated = new Set<string>()

  constructor(context: ServerNotificationsContext) {
    const { clock, emit } = context
    this.#context = context
    this.#changes = {
      tools: new Coalesced(clock, () => this.#toolsChanged()),
      resources: new Coalesced(clock, () => emit('resources_changed', {})),
      prompts: new Coalesced(clock, () => emit('prompts_changed', {})),
    }
    this.#updates = new Coalesced(clock, () => this.#resourcesUpdated())
  }

  listChanged(kind: ListKind): void {
    // Without a delay: a list that is loading now is already outdated.
    if (kind === 'tools') this.#context.markStale()
    this.#changes[kind].request()
  }

  resourceUpdated(uri: string): void {
    this.#updated.add(uri)
    this.#updates.request()
  }

  stop(): void {
    for (const each of [...Object.values(this.#changes), this.#updates]) each.stop()
  }

  async #toolsChanged(): Promise<void> {
    const { emit, isListed, refresh, logger } = this.#context
    if (!isListed()) {
      emit('tools_changed', { added: [], removed: [], changed: [] })
      return
    }
    await refresh().catch((error: unknown) => {
      logger.warn({ error }, 'The tools of an MCP server changed, and could not be listed.')
    })
  }

  #resourcesUpdated(): void {
    const uris = [...this.#updated]
    this.#updated.clear()
    for (const uri of uris) this.#context.emit('resource_updated', { uri })
  }
}
