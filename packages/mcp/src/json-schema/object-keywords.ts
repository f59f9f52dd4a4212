import { isRecord, listOf, pathOf, shown } from './judge.ts'
import type { Judge, Place, Schema } from './judge.ts'

type Members = Readonly<Record<string, unknown>>

export function checkObject(judge: Judge, keyword: string, schema: Schema, value: Members, place: Place): boolean {
  const expected = schema[keyword]
  switch (keyword) {
    case 'required':
      return checkRequired(judge, listOf(expected), value, place)
    case 'minProperties':
      if (typeof expected !== 'number' || countOf(judge, value) >= expected) return true
      return judge.fault(place, `must have at least ${expected} members`)
    case 'maxProperties':
      if (typeof expected !== 'number' || countOf(judge, value) <= expected) return true
      return judge.fault(place, `must have at most ${expected} members`)
    case 'properties':
      return checkMembers(judge, value, place, (name) => ownOf(expected, name))
    case 'patternProperties':
      return checkPatterns(judge, expected, value, place)
    case 'additionalProperties':
      return checkMembers(judge, value, place, (name) => (isNamed(judge, schema, name) ? [] : [expected]))
    case 'propertyNames':
      return Object.keys(value).every((name) => judge.apply(expected, name, place))
    case 'dependentRequired':
    case 'dependentSchemas':
    case 'dependencies':
      return checkDependencies(judge, expected, value, place)
    default:
      return true
  }
}

/** Applies to each member the schemas that are meant for its name. */
export function checkMembers(
  judge: Judge,
  value: Members,
  { path, faults, described }: Place,
  schemasOf: (name: string) => readonly unknown[],
): boolean {
  let valid = true
  for (const name of Object.keys(value)) {
    judge.budget.spend(1)
    for (const schema of schemasOf(name)) {
      described?.names.add(name)
      valid = judge.apply(schema, value[name], { path: pathOf(path, name), faults }) && valid
    }
    if (!valid && faults === undefined) return false
  }
  return valid
}

function checkRequired(judge: Judge, names: readonly unknown[], value: Members, place: Place): boolean {
  judge.budget.spend(names.length)
  let valid = true
  for (const name of names) {
    if (typeof name === 'string' && !Object.hasOwn(value, name))
      valid = judge.fault(place, `must have "${shown(name)}"`)
  }
  return valid
}

function countOf({ budget }: Judge, value: Members): number {
  const { length } = Object.keys(value)
  budget.spend(length)
  return length
}

function checkPatterns(judge: Judge, expected: unknown, value: Members, place: Place): boolean {
  if (!isRecord(expected)) return true
  const patterns = Object.entries(expected)
  const matchesSurely = (source: string, name: string): boolean => {
    const before = judge.skipped
    return judge.matches(source, name) && judge.skipped === before
  }
  return checkMembers(judge, value, place, (name) =>
    patterns.flatMap(([source, schema]) => (matchesSurely(source, name) ? [schema] : [])),
  )
}

/** Whether a member is not an additional one; true if a pattern that cannot be run might match it. */
function isNamed(judge: Judge, { properties, patternProperties }: Schema, name: string): boolean {
  if (ownOf(properties, name).length > 0) return true
  return isRecord(patternProperties) && Object.keys(patternProperties).some((source) => judge.matches(source, name))
}

function checkDependencies(judge: Judge, expected: unknown, value: Members, place: Place): boolean {
  if (!isRecord(expected)) return true
  let valid = true
  for (const [name, needed] of Object.entries(expected)) {
    judge.budget.spend(1)
    if (!Object.hasOwn(value, name)) continue
    const schema = Array.isArray(needed) || typeof needed === 'string' ? { required: listOf(needed) } : needed
    valid = judge.apply(schema, value, place) && valid
  }
  return valid
}

const ownOf = (from: unknown, name: string): readonly unknown[] =>
  isRecord(from) && Object.hasOwn(from, name) ? [from[name]] : []
