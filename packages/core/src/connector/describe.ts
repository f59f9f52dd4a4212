import { toJSONSchema } from 'zod/v4/core'
import type { JsonSchema, SettingField, ToolDescription } from './connector.ts'
import { markedFields } from './fields.ts'
import type { Schema } from './schema.ts'
import type { AnyTool } from './tool.ts'

// Loaded when a description is first asked for: it brings zod along, which weighs more than core. It stands in a file of
// its own so that a bundler can leave out the rest of zod.

/** Describes a tool for a caller who does not know it, its schemas as JSON Schema. */
export function describeTool(name: string, tool: AnyTool): ToolDescription {
  const known = described.get(tool)
  if (known?.name === name) return known
  const description: ToolDescription = {
    name,
    title: titleOf(name),
    description: tool.description,
    inputSchema: jsonSchemaOf(tool.input, 'input'),
    outputSchema: jsonSchemaOf(tool.output, 'output'),
    inputMarks: markedFields(tool.input, 'input'),
    outputMarks: markedFields(tool.output, 'output'),
    effect: tool.effect,
    idempotent: tool.idempotent ?? tool.effect === 'read',
    reversible: isReversible(tool),
    scopes: tool.scopes,
    examples: tool.examples,
    deprecated: tool.deprecated,
  }
  described.set(tool, description)
  return description
}

/** Nothing brings back what a tool destroys, unless its author says what does. */
function isReversible({ undo, effect }: AnyTool): boolean | undefined {
  if (undo === undefined) return effect === 'destroy' ? false : undefined
  return undo !== 'impossible'
}

const described = new WeakMap<AnyTool, ToolDescription>()

/** `send_message` becomes "Send message". */
const titleOf = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ')

/**
 * Describes the settings of a connector as a form needs them.
 * @param missing fields that the composition left to each connection
 */
export function describeSettings(schema: Schema, missing: readonly string[]): readonly SettingField[] {
  const { properties = {} } = jsonSchemaOf(schema, 'input') as { properties?: Readonly<Record<string, JsonSchema>> }
  return Object.entries(properties).map(([name, field]) => ({
    name,
    required: missing.includes(name),
    title: textIn(field['title']),
    description: textIn(field['description']),
    schema: field,
  }))
}

const textIn = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** Returns a schema as JSON Schema, draft 2020-12. */
function jsonSchemaOf(schema: Schema, io: 'input' | 'output'): JsonSchema {
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
