import { canonicalJson } from './equality.ts'
import { listOf, pathOf } from './validation.ts'
import type { Validation, Location, Schema } from './validation.ts'

export function checkArray(
  validation: Validation,
  keyword: string,
  schema: Schema,
  value: readonly unknown[],
  location: Location,
): boolean {
  const expected = schema[keyword]
  switch (keyword) {
    case 'minItems':
      if (typeof expected !== 'number' || value.length >= expected) return true
      return validation.fault(location, `must have at least ${expected} items`)
    case 'maxItems':
      if (typeof expected !== 'number' || value.length <= expected) return true
      return validation.fault(location, `must have at most ${expected} items`)
    case 'prefixItems':
      return checkFirst(validation, listOf(expected), value, location)
    case 'items':
      if (!Array.isArray(expected))
        return checkRest(validation, expected, lengthOf(schema['prefixItems']), value, location)
      return checkFirst(validation, expected, value, location)
    case 'additionalItems':
      if (!Array.isArray(schema['items'])) return true
      return checkRest(validation, expected, schema['items'].length, value, location)
    case 'contains':
      return checkContains(validation, schema, value, location)
    case 'uniqueItems':
      if (expected !== true || areUnique(validation, value)) return true
      return validation.fault(location, 'must not have the same item twice')
    default:
      return true
  }
}

const lengthOf = (list: unknown): number => (Array.isArray(list) ? list.length : 0)

function checkFirst(
  validation: Validation,
  schemas: readonly unknown[],
  value: readonly unknown[],
  location: Location,
): boolean {
  const { path, faults, described } = location
  const count = Math.min(schemas.length, value.length)
  if (described) described.items = Math.max(described.items, count)
  let valid = true
  for (let index = 0; index < count; index++) {
    valid = validation.apply(schemas[index], value[index], { path: pathOf(path, index), faults }) && valid
  }
  return valid
}

/** Applies a schema to all items from an index on. */
export function checkRest(
  validation: Validation,
  schema: unknown,
  from: number,
  value: readonly unknown[],
  { path, faults, described }: Location,
): boolean {
  if (described) described.items = value.length
  let valid = true
  for (let index = from; index < value.length; index++) {
    valid = validation.apply(schema, value[index], { path: pathOf(path, index), faults }) && valid
    if (!valid && faults === undefined) return false
  }
  return valid
}

function checkContains(validation: Validation, schema: Schema, value: readonly unknown[], location: Location): boolean {
  const { contains, minContains, maxContains } = schema
  const before = validation.skipped
  const found = value.filter((each) => validation.apply(contains, each, { path: location.path })).length
  // The items that it describes are not tracked one by one.
  if (location.described) location.described.items = value.length
  if (validation.skipped > before) return true
  const min = typeof minContains === 'number' ? minContains : 1
  if (found >= min && (typeof maxContains !== 'number' || found <= maxContains)) return true
  return validation.fault(location, 'does not contain the required items')
}

function areUnique({ budget }: Validation, value: readonly unknown[]): boolean {
  const seen = new Set<string>()
  return value.every((each) => seen.size < seen.add(canonicalJson(each, budget)).size)
}
