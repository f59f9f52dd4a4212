import { canonicalJson } from './equality.ts'
import { listOf, pathOf } from './judge.ts'
import type { Judge, Place, Schema } from './judge.ts'

export function checkArray(
  judge: Judge,
  keyword: string,
  schema: Schema,
  value: readonly unknown[],
  place: Place,
): boolean {
  const expected = schema[keyword]
  switch (keyword) {
    case 'minItems':
      if (typeof expected !== 'number' || value.length >= expected) return true
      return judge.fault(place, `must have at least ${expected} items`)
    case 'maxItems':
      if (typeof expected !== 'number' || value.length <= expected) return true
      return judge.fault(place, `must have at most ${expected} items`)
    case 'prefixItems':
      return checkFirst(judge, listOf(expected), value, place)
    case 'items':
      if (!Array.isArray(expected)) return checkRest(judge, expected, lengthOf(schema['prefixItems']), value, place)
      return checkFirst(judge, expected, value, place)
    case 'additionalItems':
      if (!Array.isArray(schema['items'])) return true
      return checkRest(judge, expected, schema['items'].length, value, place)
    case 'contains':
      return checkContains(judge, schema, value, place)
    case 'uniqueItems':
      if (expected !== true || areUnique(judge, value)) return true
      return judge.fault(place, 'must not have the same item twice')
    default:
      return true
  }
}

const lengthOf = (list: unknown): number => (Array.isArray(list) ? list.length : 0)

function checkFirst(judge: Judge, schemas: readonly unknown[], value: readonly unknown[], place: Place): boolean {
  const { path, faults, described } = place
  const count = Math.min(schemas.length, value.length)
  if (described) described.items = Math.max(described.items, count)
  let valid = true
  for (let index = 0; index < count; index++) {
    valid = judge.apply(schemas[index], value[index], { path: pathOf(path, index), faults }) && valid
  }
  return valid
}

/** Applies a schema to all items from an index on. */
export function checkRest(
  judge: Judge,
  schema: unknown,
  from: number,
  value: readonly unknown[],
  { path, faults, described }: Place,
): boolean {
  if (described) described.items = value.length
  let valid = true
  for (let index = from; index < value.length; index++) {
    valid = judge.apply(schema, value[index], { path: pathOf(path, index), faults }) && valid
    if (!valid && faults === undefined) return false
  }
  return valid
}

function checkContains(judge: Judge, schema: Schema, value: readonly unknown[], place: Place): boolean {
  const { contains, minContains, maxContains } = schema
  const before = judge.skipped
  const found = value.filter((each) => judge.apply(contains, each, { path: place.path })).length
  // Which items it describes is not tracked one by one.
  if (place.described) place.described.items = value.length
  if (judge.skipped > before) return true
  const min = typeof minContains === 'number' ? minContains : 1
  if (found >= min && (typeof maxContains !== 'number' || found <= maxContains)) return true
  return judge.fault(place, 'does not contain the required items')
}

function areUnique({ budget }: Judge, value: readonly unknown[]): boolean {
  const seen = new Set<string>()
  return value.every((each) => seen.size < seen.add(canonicalJson(each, budget)).size)
}
