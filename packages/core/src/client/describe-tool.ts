import type { ToolDescription } from '../connector/connector.ts'
import type { AnyTool } from '../connector/tool.ts'

/** A tool for a caller who does not know it: its schemas as JSON Schema, made once. */
export async function describeTool(name: string, tool: AnyTool): Promise<ToolDescription> {
  const known = described.get(tool)
  if (known?.name === name) return known
  const { jsonSchemaOf } = await import('../connector/json-schema.ts')
  const description: ToolDescription = {
    name,
    title: tool.title,
    description: tool.description,
    inputSchema: jsonSchemaOf(tool.input, 'input'),
    outputSchema: jsonSchemaOf(tool.output, 'output'),
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
