import type { JsonSchema, ToolDescription } from './connector.ts'
import type { Schema } from './schema.ts'
import type { AnyTool } from './tool.ts'

/** A tool for a caller who does not know it: its schemas as JSON Schema, made once. */
export async function describeTool(name: string, tool: AnyTool): Promise<ToolDescription> {
  const known = described.get(tool)
  if (known?.name === name) return known
  const description: ToolDescription = {
    name,
    title: tool.title,
    description: tool.description,
    inputSchema: await jsonSchemaOf(tool.input, 'input'),
    outputSchema: await jsonSchemaOf(tool.output, 'output'),
    effect: tool.effect,
    idempotent: tool.idempotent ?? tool.effect === 'read',
    scopes: tool.scopes,
    examples: tool.examples,
    deprecated: tool.deprecated,
  }
  described.set(tool, description)
  return description
}

const described = new WeakMap<AnyTool, ToolDescription>()

async function jsonSchemaOf(schema: Schema, io: 'input' | 'output'): Promise<JsonSchema> {
  // zod weighs more than core: it is loaded when a description is first asked for, not when core is imported.
  const { toJSONSchema } = await import('zod/v4/core')
  // What JSON Schema cannot say is left open rather than refused: the schema itself still judges the value.
  return toJSONSchema(schema, { io, unrepresentable: 'any' }) as JsonSchema
}
