import type { JsonObject } from './json-object.ts'

/** Members whose value the protocol does not define, so that a null in it is data. */
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
 * Returns the value without members that are null. The protocol has no null of its own, but many servers write null for an
 * absent member. Returns the same value if there is none.
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
