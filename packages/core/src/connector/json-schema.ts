import { toJSONSchema } from 'zod/v4/core'
import type { JsonSchema } from './connector.ts'
import type { Schema } from './schema.ts'

/**
 * A schema as JSON Schema, draft 2020-12. Loaded when a description is first asked for: it brings zod along, which weighs
 * more than core. It stands in a file of its own so that a bundler can leave out the rest of zod.
 */
export function jsonSchemaOf(schema: Schema, io: 'input' | 'output'): JsonSchema {
  // What JSON Schema cannot say is left open rather than refused: the schema itself still judges the value.
  return toJSONSchema(schema, { io, unrepresentable: 'any' }) as JsonSchema
}
