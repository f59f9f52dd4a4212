import { storeKey } from '@mcpclient/core'
import type { Store } from '@mcpclient/core'
import type { ToolDefinition } from './definition.ts'

/**
 * Remembers each tool as it was when it was first seen, so that a definition that changes later is noticed: what a
 * model was shown, and a person agreed to, was the first one.
 */
export class Pins {
  readonly #store: Store
  readonly #place: readonly string[]
  /** What was found before, so that a list which did not change costs no hashing. */
  readonly #known = new Map<string, { readonly text: string; readonly drifted: boolean }>()

  /**
   * @param store where pins are kept
   * @param place what the tools belong to: pins of one server and connection are no other's
   */
  constructor(store: Store, place: readonly string[]) {
    this.#store = store
    this.#place = place
  }

  /**
   * The names of those that are not what they were, and of those among them that were not noticed before. What is new
   * is pinned as it is.
   */
  async check(tools: readonly ToolDefinition[]): Promise<{ drifted: readonly string[]; news: readonly string[] }> {
    const findings = await Promise.all(tools.map(async (tool) => ({ name: tool.name, ...(await this.#check(tool)) })))
    const drifted = findings.filter((each) => each.drifted)
    return {
      drifted: drifted.map(({ name }) => name),
      news: drifted.flatMap(({ name, isNews }) => (isNews ? [name] : [])),
    }
  }

  /** Pins `tool` as it is now. */
  async accept(tool: ToolDefinition): Promise<void> {
    const text = canonical(tool)
    await this.#store.put(await this.#key(tool), await sha256(text))
    this.#known.set(tool.name, { text, drifted: false })
  }

  async #check(tool: ToolDefinition): Promise<{ drifted: boolean; isNews: boolean }> {
    const text = canonical(tool)
    const known = this.#known.get(tool.name)
    if (known?.text === text) return { drifted: known.drifted, isNews: false }
    const seen = await sha256(text)
    const key = await this.#key(tool)
    // Only if there is none: of two processes that see the tool first, one pins it and both go by that.
    const written = await this.#store.put(key, seen, { ifVersion: null })
    const pinned = 'conflict' in written ? (await this.#store.get(key))?.value : seen
    const drifted = pinned !== undefined && pinned !== seen
    this.#known.set(tool.name, { text, drifted })
    return { drifted, isNews: true }
  }

  async #key({ name }: ToolDefinition): Promise<string> {
    // A server names its tools as it likes; a key has a longest length.
    return storeKey('mcp-pin', ...this.#place, /^[\w.-]{1,128}$/.test(name) ? name : await sha256(name))
  }
}

/** The same text for the same definition, in whatever order its fields came. */
function canonical({ name, title, description, inputSchema, outputSchema, annotations }: ToolDefinition): string {
  return JSON.stringify({ name, title, description, inputSchema, outputSchema, annotations }, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  )
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
