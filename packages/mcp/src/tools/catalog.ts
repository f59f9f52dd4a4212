import type { Clock, Logger, OmittedTool } from '@mcpclient/core'
import type { Listed } from '../session/all-pages.ts'
import { definitionOf } from './definition.ts'
import type { ToolDefinition } from './definition.ts'
import type { Pins } from './pins.ts'

/** What to do with a tool whose definition is not the one that was first seen. */
export type DriftPolicy = 'warn' | 'block' | 'ignore'

export interface CatalogChange {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly changed: readonly string[]
}

export interface CatalogOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly onDrift: DriftPolicy
  readonly pins: Pins
  readonly onDrifted: (tool: string, blocked: boolean) => void
}

/** A list is asked for anew after this time: a server may have changed it without saying so. */
const HOLDS_MS = 5 * 60_000

/** The tools of one connection as they were last listed. */
export class Catalog {
  readonly #options: CatalogOptions
  #definitions = new Map<string, ToolDefinition>()
  #blocked: ReadonlySet<string> = new Set()
  #goodUntil: number | undefined
  #loading: Promise<CatalogChange> | undefined
  #loadingNext: Promise<CatalogChange> | undefined
  /** Whether a change was announced while the list was loading. */
  #changedMeanwhile = false
  #omitted: readonly OmittedTool[] = []

  constructor(options: CatalogOptions) {
    this.#options = options
  }

  /** Whether there is a list at all, however old. */
  get isLoaded(): boolean {
    return this.#goodUntil !== undefined
  }

  get isFresh(): boolean {
    return this.#goodUntil !== undefined && this.#options.clock.monotonic() < this.#goodUntil
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

  /** The tools of the last list that could not be used, and why. */
  get omitted(): readonly OmittedTool[] {
    return this.#omitted
  }

  /** Loads the list again when it is next needed, also if it is loading now. */
  markStale(): void {
    this.#changedMeanwhile = true
    if (this.#goodUntil !== undefined) this.#goodUntil = 0
  }

  /** Lists the tools, once for all callers. A list that became stale while it loads is loaded once more. */
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
   * Takes the definitions of tools that drifted for the right ones from now on.
   * @param names absent: all that drifted
   * @returns the names of those that had been blocked
   */
  async accept(names?: readonly string[]): Promise<readonly string[]> {
    const accepted = [...this.#definitions.values()].filter(({ name }) => names?.includes(name) ?? true)
    await Promise.all(accepted.map((tool) => this.#options.pins.accept(tool)))
    const freed = accepted.flatMap(({ name }) => (this.#blocked.has(name) ? [name] : []))
    this.#blocked = new Set([...this.#blocked].filter((name) => !freed.includes(name)))
    return freed
  }

  async #load(list: () => Promise<Listed<object>>): Promise<CatalogChange> {
    const { clock, onDrift, pins, logger } = this.#options
    const before = this.#definitions
    const { items, omitted, cut } = await list()
    const missing: OmittedTool[] = omitted.map(({ name, reason }) => ({ name, reason }))
    // A server runs the first or the last of two tools with one name, so it is the first, always.
    const now = new Map<string, ToolDefinition>()
    for (const tool of items.map(definitionOf)) {
      if (now.has(tool.name)) missing.push({ name: tool.name, reason: 'another tool has the same name' })
      else now.set(tool.name, tool)
    }
    if (cut !== undefined) {
      missing.push({ name: undefined, reason: cut })
      logger.warn({ reason: cut, tools: now.size }, 'A list of tools is incomplete.')
    }
    if (onDrift !== 'ignore') this.#notice(await pins.check([...now.values()]))
    this.#definitions = now
    this.#omitted = missing
    this.#goodUntil = this.#changedMeanwhile ? 0 : clock.monotonic() + HOLDS_MS
    return changeBetween(before, now)
  }

  #notice({ drifted, news }: Awaited<ReturnType<Pins['check']>>): void {
    const { onDrift, onDrifted, logger } = this.#options
    const blocks = onDrift === 'block'
    for (const tool of news) {
      logger.warn({ tool, blocked: blocks }, 'A tool is not described as it was when it was first seen.')
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
