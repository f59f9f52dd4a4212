import { isObject } from './json-object.ts'
import type { JsonObject } from './json-object.ts'

const MAX_NESTING = 40

/** Type names of schema generators in other languages. Undefined stands for any type. */
const foreignTypes = new Map<string, string | undefined>([
  ['any', undefined],
  ['bool', 'boolean'],
  ['dict', 'object'],
  ['float', 'number'],
  ['int', 'integer'],
  ['list', 'array'],
  ['none', 'null'],
  ['str', 'string'],
])
const types = new Set(['null', 'boolean', 'object', 'array', 'number', 'integer', 'string'])

/** Members whose value is data, not a schema. */
const data = new Set(['default', 'const', 'enum', 'example', 'examples'])
/** Members that hold schemas by name. */
const byName = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'])
/** Members that hold a list which must not be empty. */
const lists = new Set(['allOf', 'anyOf', 'oneOf', 'enum'])

/** Returns the schema of a tool's arguments as AI providers accept it, or the reason why its meaning is unclear. */
export function repairInputSchema(schema: unknown): JsonObject | string {
  // Some languages serialize an empty object as an empty array.
  if (schema === undefined || schema === null || schema === true || isEmptyList(schema)) {
    return { type: 'object', properties: {} }
  }
  if (!isObject(schema)) return 'its input schema is not an object'
  const repaired = repairSchema(schema)
  const { type, properties } = repaired
  const isObjectType = type === undefined || type === 'object' || (Array.isArray(type) && type.includes('object'))
  if (!isObjectType) return 'its input schema is not the schema of an object'
  if (properties !== undefined && !isObject(properties)) return 'the properties of its input schema are not an object'
  return type === 'object' ? repaired : { ...repaired, type: 'object' }
}

/** Removes members that are null, and repairs those with a clear meaning. */
export function repairSchema(schema: JsonObject, nesting = 0): JsonObject {
  if (nesting > MAX_NESTING) return schema
  const repaired: Record<string, unknown> = {}
  let changed = false
  for (const [name, member] of Object.entries(schema)) {
    const next = repairedMember(name, member, nesting)
    changed ||= next !== member
    if (next !== undefined) repaired[name] = next
  }
  return changed ? repaired : schema
}

function repairedMember(name: string, member: unknown, nesting: number): unknown {
  if (member === null) return name === 'properties' ? {} : data.has(name) && name !== 'enum' ? null : undefined
  if (lists.has(name) && isEmptyList(member)) return undefined
  if (data.has(name)) return member
  if (name === 'type') return repairedType(member)
  if (name === 'required') return repairedRequired(member)
  if (name === 'description' || name === 'title') return typeof member === 'string' ? member : undefined
  if (byName.has(name)) return repairedByName(member, nesting)
  if (Array.isArray(member)) {
    const items = (member as unknown[]).map((each) => (isObject(each) ? repairSchema(each, nesting + 1) : each))
    return items.every((each, index) => each === (member as unknown[])[index]) ? member : items
  }
  return isObject(member) ? repairSchema(member, nesting + 1) : member
}

function repairedType(type: unknown): unknown {
  if (Array.isArray(type)) {
    const known = (type as unknown[]).map(repairedType)
    if (known.includes(undefined)) return undefined
    return known.every((each, index) => each === (type as unknown[])[index]) ? type : known
  }
  if (typeof type !== 'string' || types.has(type)) return typeof type === 'string' ? type : undefined
  const lower = type.toLowerCase()
  return types.has(lower) ? lower : foreignTypes.get(lower)
}

function repairedRequired(required: unknown): unknown {
  if (typeof required === 'string') return [required]
  if (!Array.isArray(required)) return undefined
  const names = (required as unknown[]).filter((name) => typeof name === 'string')
  return names.length === required.length ? required : names
}

function repairedByName(member: unknown, nesting: number): unknown {
  if (isEmptyList(member)) return {}
  if (!isObject(member)) return member
  let changed = false
  const entries = Object.entries(member).map(([name, each]): [string, unknown] => {
    const next = isObject(each) ? repairSchema(each, nesting + 1) : typeof each === 'boolean' ? each : {}
    changed ||= next !== each
    return [name, next]
  })
  return changed ? Object.fromEntries(entries) : member
}

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0
