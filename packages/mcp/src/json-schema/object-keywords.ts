import { isRecord, listOf, pathOf, shown } from './validation.ts'
import type { Validation, Location, Schema } from './validation.ts'

type Members = Readonly<Record<string, unknown>>

export function checkObject(
  validation: Validation,
  keyword: string,
  schema: Schema,
  value: Members,
  location: Location,
): boolean {
  const expected = schema[keyword]
  switch (keyword) {
    case 'required':
      return checkRequired(validation, listOf(expected), value, location)
    case 'minProperties':
      if (typeof expected !== 'number' || countOf(validation, value) >= expected) return true
      return validation.fault(location, `must have at least ${expected} members`)
    case 'maxProperties':
      if (typeof expected !== 'number' || countOf(validation, value) <= expected) return true
      return validation.fault(location, `must have at most ${expected} members`)
    case 'properties':
      return checkMembers(validation, value, location, (name) => ownOf(expected, name))
    case 'patternProperties':
      return checkPatterns(validation, expected, value, location)
    case 'additionalProperties':
      return checkMembers(validation, value, location, (name) => (isNamed(validation, schema, name) ? [] : [expected]))
    case 'propertyNames':
      return Object.keys(value).every((name) => validation.apply(expected, name, location))
    case 'dependentRequired':
    case 'dependentSchemas':
    case 'dependencies':
      return checkDependencies(validation, expected, value, location)
    default:
      return true
  }
}

/** Applies to each member the schemas that are meant for its name. */
export function checkMembers(
  validation: Validation,
  value: Members,
  { path, faults, described }: Location,
  schemasOf: (name: string) => readonly unknown[],
): boolean {
  let valid = true
  for (const name of Object.keys(value)) {
    validation.budget.use(1)
    for (const schema of schemasOf(name)) {
      described?.names.add(name)
      valid = validation.apply(schema, value[name], { path: pathOf(path, name), faults }) && valid
    }
    if (!valid && faults === undefined) return false
  }
  return valid
}

function checkRequired(validation: Validation, names: readonly unknown[], value: Members, location: Location): boolean {
  validation.budget.use(names.length)
  let valid = true
  for (const name of names) {
    if (typeof name === 'string' && !Object.hasOwn(value, name))
      valid = validation.fault(location, `must have "${shown(name)}"`)
  }
  return valid
}

function countOf({ budget }: Validation, value: Members): number {
  const { length } = Object.keys(value)
  budget.use(length)
  return length
}

function checkPatterns(validation: Validation, expected: unknown, value: Members, location: Location): boolean {
  if (!isRecord(expected)) return true
  const patterns = Object.entries(expected)
  const matchesSurely = (source: string, name: string): boolean => {
    const before = validation.skipped
    return validation.matches(source, name) && validation.skipped === before
  }
  return checkMembers(validation, value, location, (name) =>
    patterns.flatMap(([source, schema]) => (matchesSurely(source, name) ? [schema] : [])),
  )
}

/** Returns whether a member is named, so that it is not additional. True if a pattern that cannot be run may match it. */
function isNamed(validation: Validation, { properties, patternProperties }: Schema, name: string): boolean {
  if (ownOf(properties, name).length > 0) return true
  return (
    isRecord(patternProperties) && Object.keys(patternProperties).some((source) => validation.matches(source, name))
  )
}

function checkDependencies(validation: Validation, expected: unknown, value: Members, location: Location): boolean {
  if (!isRecord(expected)) return true
  let valid = true
  for (const [name, needed] of Object.entries(expected)) {
    validation.budget.use(1)
    if (!Object.hasOwn(value, name)) continue
    const schema = Array.isArray(needed) || typeof needed === 'string' ? { required: listOf(needed) } : needed
    valid = validation.apply(schema, value, location) && valid
  }
  return valid
}

const ownOf = (from: unknown, name: string): readonly unknown[] =>
  isRecord(from) && Object.hasOwn(from, name) ? [from[name]] : []
