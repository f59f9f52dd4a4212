import type { Clock, Logger, OmittedTool } from '@mcpclient/core'
import type { Listed } from '../wire/notes.ts'
import { definitionOf } from './definition.ts'
import type { ToolDefinition } from './definition.ts'
import type { PinCheck, Pins } from './pins.ts'

/** The reaction to a tool whose definition differs from the one that was first seen. */
export type DriftPolicy = 'warn' | 'block' | 'ignore'

export interface CatalogChange {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly changed: readonly string[]
}

export interface CatalogContext {
  readonly clock: Clock
  readonly logger: Logger
  readonly onDrift: DriftPolicy
  readonly pins: Pins
  readonly onDrifted: (tool: string, blocked: boolean) => void
}

/** The age at which a list is loaded again: a server may change it without a notification. */
const TTL_MS = 5 * 60_000

/** The tools of one session as they were last listed. */
export class Catalog {
  readonly #context: CatalogContext
  #definitions = new Map<string, ToolDefinition>()
  #blocked: ReadonlySet<string> = new Set()
  #freshUntil: number | undefined
  #loading: Promise<CatalogChange> | undefined
  #loadingNext: Promise<CatalogChange> | undefined
  /** Whether a change was announced while the list was loading. */
  #changedMeanwhile = false
  #omitted: readonly OmittedTool[] = []

  constructor(context: CatalogContext) {
    this.#context = context
  }

  /** Whether there is a list, of any age. */
  get isLoaded(): boolean {
    return this.#freshUntil !== undefined
  }

  get isFresh(): boolean {
    return this.#freshUntil !== undefined && this.#context.clock.monotonic() < this.#freshUntil
  }

  /** The tools that may be used, in the server's order. */
  get tools(): readonly ToolDefinition[] {
    return [...this.#definitions.values()].filter(({ name }) => !this.#blocked.has(name))
  }

  find(name: string): ToolDefinition | undefined {
    return this.#definitions.get(name)
  }

  isBlocked(name: string): boolean {
    return this.#blocked.has(name)
  }

  /** The malformed tools of the last list, and why they were dropped. */
  get omitted(): readonly OmittedTool[] {
    return this.#omitted
  }

  /** Marks the list as outdated, even if it is loading now. */
  markStale(): void {
    this.#changedMeanwhile = true
    if (this.#freshUntil !== undefined) this.#freshUntil = 0
  }

  /** Lists the tools, once for all callers. A list that becomes stale during the load is loaded once more. */
  load(list: () => Promise<Listed<object>>): Promise<CatalogChange> {
    if (this.#loading === undefined) return this.#start(list)
    if (!this.#changedMeanwhile) return this.#loading
    const next = () => {
      this.#loadingNext = undefined
      return this.load(list)
    }
    this.#loadingNext ??= this.#loading.then(next, next)
    return this.#loadingNext
  }

  #start(list: () => Promise<Listed<object>>): Promise<CatalogChange> {
    this.#changedMeanwhile = false
    this.#loading = this.#load(list).finally(() => {
      this.#loading = undefined
    })
    return this.#loading
  }

  /**
   * Pins the current definitions of tools.
   * @param names the tools to accept; absent: all
   * @returns the tools that were blocked
   */
  async accept(names?: readonly string[]): Promise<readonly string[]> {
    const accepted = [...this.#definitions.values()].filter(({ name }) => names?.includes(name) ?? true)
    await Promise.all(accepted.map((tool) => this.#context.pins.accept(tool)))
    const freed = accepted.flatMap(({ name }) => (this.#blocked.has(name) ? [name] : []))
    this.#blocked = new Set([...this.#blocked].filter((name) => !freed.includes(name)))
    return freed
  }

  async #load(list: () => Promise<Listed<object>>): Promise<CatalogChange> {
    const { clock, onDrift, pins, logger } = this.#context
    const before = this.#definitions
    const { items, omitted, cut } = await list()
    const missing: OmittedTool[] = omitted.map(({ name, reason }) => ({ name, reason }))
    // Of two tools with one name a server may run either. The first is listed, always.
    const now = new Map<string, ToolDefinition>()
    for (const tool of items.map(definitionOf)) {
      if (now.has(tool.name)) missing.push({ name: tool.name, reason: 'another tool has the same name' })
      else now.set(tool.name, tool)
    }
    if (cut !== undefined) {
      missing.push({ name: undefined, reason: cut })
      logger.warn({ reason: cut, tools: now.size }, 'A list of tools is incomplete.')
    }
    if (onDrift !== 'ignore') this.#report(await pins.check([...now.values()]))
    this.#definitions = now
    this.#omitted = missing
    this.#freshUntil = this.#changedMeanwhile ? 0 : clock.monotonic() + TTL_MS
    return changeBetween(before, now)
  }

  #report({ drifted, newlyDrifted }: PinCheck): void {
    const { onDrift, onDrifted, logger } = this.#context
    const blocks = onDrift === 'block'
    for (const tool of newlyDrifted) {
      logger.warn({ tool, blocked: blocks }, 'The definition of a tool differs from the one that was first seen.')
      onDrifted(tool, blocks)
    }
    if (blocks) this.#blocked = new Set(drifted)
  }
}

function changeBetween(
  before: ReadonlyMap<string, ToolDefinition>,
  now: ReadonlyMap<string, ToolDefinition>,
): CatalogChange {
  // A server's `_meta` may differ each time.
  const text = (tool: ToolDefinition | undefined): string => JSON.stringify({ ...tool, meta: undefined })
  return {
    added: [...now.keys()].filter((name) => !before.has(name)),
    removed: [...before.keys()].filter((name) => !now.has(name)),
    changed: [...now].flatMap(([name, tool]) =>
      before.has(name) && text(before.get(name)) !== text(tool) ? [name] : [],
    ),
  }
}
