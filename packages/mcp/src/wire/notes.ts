import { isObject } from './json-object.ts'
import type { JsonObject } from './json-object.ts'

/** The repairs of a result. */
export interface Notes {
  readonly omitted: readonly Omitted[]
  /** Structured output of a kind that the server's revision does not define. */
  readonly structured?: unknown
}

/** An item of a list, or a part of a result, that was dropped. */
export interface Omitted {
  /** A tool's name, or a part's type; absent if it has none. */
  readonly name?: string | undefined
  /** Its position. */
  readonly index: number
  readonly reason: string
}

/** A list of a server, and what is missing from it. */
export interface Listed<Item> {
  readonly items: readonly Item[]
  readonly omitted: readonly Omitted[]
  /** The reason why the list is incomplete; absent if it is complete. */
  readonly cut?: string | undefined
}

/** Notes travel in `_meta`, because the SDK parses results into new objects and keeps nothing else. */
const KEY = 'mcpclient/notes'
const none: Notes = { omitted: [] }

/** Returns the result with notes, and without any that the server sent. */
export function withNotes(result: JsonObject, notes: Notes | undefined): JsonObject {
  const { _meta: meta } = result
  const has = isObject(meta) && Object.hasOwn(meta, KEY)
  if (notes === undefined && !has && (meta === undefined || isObject(meta))) return result
  const { [KEY]: _, ...others } = isObject(meta) ? meta : {}
  return { ...result, _meta: notes === undefined ? others : { ...others, [KEY]: notes } }
}

export const notesIn = (result: object): Notes => {
  const { _meta: meta } = result as { readonly _meta?: unknown }
  return isObject(meta) ? ((meta[KEY] as Notes | undefined) ?? none) : none
}

/** Returns the server's own `_meta`, or undefined if there is none. */
export function metaIn(result: object): JsonObject | undefined {
  const { _meta: meta } = result as { readonly _meta?: unknown }
  if (!isObject(meta)) return undefined
  const { [KEY]: _, ...others } = meta
  return Object.keys(others).length === 0 ? undefined : others
}
