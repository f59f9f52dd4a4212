import type { JsonObject } from './json-object.ts'

/** Members whose value is not the protocol's: a null in there is data. */
const foreign = new Set([
  '_meta',
  'structuredContent',
  'inputSchema',
  'outputSchema',
  'requestedSchema',
  'experimental',
  'extensions',
])
const MAX_NESTING = 20

/**
 * Returns the value without members that are null: the protocol has no null of its own, and many servers write null
 * where a member may be absent. Returns the same value if there is none.
 */
export function withoutNulls<Value>(value: Value, nesting = 0): Value {
  if (typeof value !== 'object' || value === null || nesting > MAX_NESTING) return value
  if (Array.isArray(value)) {
    const items = value as readonly unknown[]
    const kept = items.map((each) => withoutNulls(each, nesting + 1))
    return kept.every((each, index) => each === items[index]) ? value : (kept as Value)
  }
  let changed = false
  const kept: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(value as JsonObject)) {
    if (member === null) {
      changed = true
      continue
    }
    const clean = foreign.has(name) ? member : withoutNulls(member, nesting + 1)
    changed ||= clean !== member
    kept[name] = clean
  }
  return changed ? (kept as Value) : value
}
