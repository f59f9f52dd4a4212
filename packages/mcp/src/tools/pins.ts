import { storeKey } from '@mcpclient/core'
import type { Store } from '@mcpclient/core'
import type { ToolDefinition } from './definition.ts'

export interface PinCheck {
  /** The tools whose definitions differ from their pins. */
  readonly drifted: readonly string[]
  /** Those of them that were not reported before. */
  readonly newlyDrifted: readonly string[]
}

/**
 * Pins the first definition of each tool, to detect later changes: the first one is what a model was shown and the user
 * approved.
 */
export class Pins {
  readonly #store: Store
  readonly #owner: readonly string[]
  /** The last checks, so that an unchanged list costs no hashing. */
  readonly #checked = new Map<string, { readonly text: string; readonly drifted: boolean }>()

  /**
   * @param store where pins are stored
   * @param owner the server and the session that the tools belong to
   */
  constructor(store: Store, owner: readonly string[]) {
    this.#store = store
    this.#owner = owner
  }

  /** Compares tools with their pins, and pins those that have none. */
  async check(tools: readonly ToolDefinition[]): Promise<PinCheck> {
    const results = await Promise.all(tools.map(async (tool) => ({ name: tool.name, ...(await this.#check(tool)) })))
    const drifted = results.filter((each) => each.drifted)
    return {
      drifted: drifted.map(({ name }) => name),
      newlyDrifted: drifted.flatMap(({ name, isNew }) => (isNew ? [name] : [])),
    }
  }

  /** Pins the current definition of a tool. */
  async accept(tool: ToolDefinition): Promise<void> {
    const text = canonical(tool)
    await this.#store.put(await this.#key(tool), await sha256(text))
    this.#checked.set(tool.name, { text, drifted: false })
  }

  async #check(tool: ToolDefinition): Promise<{ drifted: boolean; isNew: boolean }> {
    const text = canonical(tool)
    const last = this.#checked.get(tool.name)
    if (last?.text === text) return { drifted: last.drifted, isNew: false }
    const current = await sha256(text)
    const key = await this.#key(tool)
    // Written only if absent: of two processes that see the tool first, one pins it and both compare with that.
    const written = await this.#store.put(key, current, { ifVersion: null })
    const pinned = 'conflict' in written ? (await this.#store.get(key))?.value : current
    const drifted = pinned !== undefined && pinned !== current
    this.#checked.set(tool.name, { text, drifted })
    return { drifted, isNew: true }
  }

  async #key({ name }: ToolDefinition): Promise<string> {
    // A server chooses the names of its tools, and a key has a maximum length.
    return storeKey('mcp-pin', ...this.#owner, /^[\w.-]{1,128}$/.test(name) ? name : await sha256(name))
  }
}

/** Returns the same string for equal definitions, in any order of their members. */
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
