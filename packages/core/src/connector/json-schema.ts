import { toJSONSchema } from 'zod/v4/core'
import type { JsonSchema } from './connector.ts'
import type { Schema } from './schema.ts'

/**
 * A schema as JSON Schema, draft 2020-12. Loaded when a description is first asked for: it brings zod along, which weighs
 * more than core. It stands in a file of its own so that a bundler can leave out the rest of zod.
 */
export function jsonSchemaOf(schema: Schema, io: 'input' | 'output'): JsonSchema {
  // What JSON Schema cannot say is left open rather than refused: the schema itself still judges the value.
  const described = toJSONSchema(schema, { io, unrepresentable: 'any' }) as JsonSchema
  return io === 'input' ? (closed(described, false) as JsonSchema) : described
}

/**
 * Closes every object that its author left plain, as {@link unknownFields} does. In an intersection no part may refuse the
 * fields of the others, so that stays open.
 */
function closed(value: unknown, isPart: boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => closed(item, isPart))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, item]): [string, unknown] => {
    if (subschemas.has(name)) return [name, closed(item, false)]
    if (name === 'allOf') return [name, closed(item, true)]
    if (name === 'anyOf' || name === 'oneOf') return [name, closed(item, isPart)]
    return [name, named.has(name) ? closedEach(item) : item]
  })
  const schema = Object.fromEntries(entries)
  if (isPart) return schema
  if (Array.isArray(schema['allOf']) && schema['allOf'].every(isPlain))
    return { ...schema, unevaluatedProperties: false }
  return isPlain(schema) ? { ...schema, additionalProperties: false } : schema
}

/** Keywords whose value is a schema, or a list of them. */
const subschemas = new Set(['items', 'prefixItems', 'additionalProperties', 'not'])
/** Keywords whose value holds schemas under names. */
const named = new Set(['properties', '$defs', 'definitions'])

const closedEach = (schemas: unknown): unknown =>
  Object.fromEntries(Object.entries(schemas as object).map(([name, item]) => [name, closed(item, false)]))

/** zod writes `additionalProperties` for every object that is not plain. */
const isPlain = (schema: unknown): boolean =>
  typeof schema === 'object' && schema !== null && 'properties' in schema && !('additionalProperties' in schema)
