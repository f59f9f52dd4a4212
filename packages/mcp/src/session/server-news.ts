import type { Clock, Logger } from '@mcpclient/core'
import type { McpServerEvents } from '../mcp-server-events.ts'
import { Coalesced } from './coalesced.ts'
import type { ListKind } from './open-session.ts'

export type Emit = <E extends keyof McpServerEvents>(
  event: E,
  data: Omit<McpServerEvents[E], 'tenant' | 'connection'>,
) => void

export interface ServerNewsContext {
  readonly clock: Clock
  readonly logger: Logger
  readonly markStale: () => void
  /** Whether the tools have been listed before. */
  readonly isListed: () => boolean
  /** Lists the tools and emits what changed. */
  readonly refresh: () => Promise<void>
  readonly emit: Emit
}

/** Turns a server's notifications into events. Many in a row are one event: a server may send thousands. */
export class ServerNews {
  readonly #context: ServerNewsContext
  readonly #changes: Readonly<Record<ListKind, Coalesced>>
  readonly #updates: Coalesced
  /** Resources whose update was not reported yet. */
  readonly #updated = new Set<string>()

  constructor(context: ServerNewsContext) {
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
    // At once: a list that is loading at this moment is out of date already.
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
