/** Maximum depth of a value that is sent as JSON. */
export const MAX_JSON_DEPTH = 1000

/**
 * Returns whether JSON can represent the value. `undefined` members are omitted, as by JSON.stringify.
 * @throws the error of a getter or a `toJSON` of the value
 */
export function isJsonValue(value: unknown, depth = 0): boolean {
  if (typeof value === 'string' || typeof value === 'boolean' || value === undefined || value === null) return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || depth >= MAX_JSON_DEPTH) return false
  if (value instanceof Date) return Number.isFinite(value.getTime())
  const { toJSON } = value as { readonly toJSON?: unknown }
  if (typeof toJSON === 'function') return isJsonValue(toJSON.call(value, '') as unknown, depth + 1)
  if (Array.isArray(value)) {
    for (const item of value) if (!isJsonValue(item, depth + 1)) return false
    return true
  }
  const names = Object.keys(value)
  // JSON would lose the content of a Map, a Set or a promise.
  if (names.length === 0) return carriesNothing(value)
  for (const name of names) {
    if (!isJsonValue((value as Readonly<Record<string, unknown>>)[name], depth + 1)) return false
  }
  return true
}

/** Returns whether an object without members can be written as an empty object. */
export const carriesNothing = (value: object): boolean =>
  /^\[object (?:Object|Number|String|Boolean)\]$/.test(Object.prototype.toString.call(value))
