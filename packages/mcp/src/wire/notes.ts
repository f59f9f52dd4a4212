import { isObject } from './json-object.ts'
import type { JsonObject } from './json-object.ts'

/** What was repaired in a result, for the code that reads it. */
export interface Notes {
  readonly omitted: readonly Omitted[]
  /** Structured output that the server's revision does not allow for. */
  readonly structured?: unknown
}

/** An item of a list or a part of a result that could not be used. */
export interface Omitted {
  /** A tool's name, or a part's type; absent if it has none. */
  readonly name?: string | undefined
  /** Where it was. */
  readonly index: number
  readonly reason: string
}

/** The SDK parses results into new objects, and keeps nothing but their `_meta`. */
const KEY = 'mcpclient/notes'
const none: Notes = { omitted: [] }

/** Returns the result with notes, and never with notes of the server's own. */
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
