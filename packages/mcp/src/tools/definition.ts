import type { Effect, JsonSchema, ToolDescription } from '@mcpclient/core'
import { isMeta, kept } from '../results/content-part.ts'
import type { McpIcon, Meta } from '../results/content-part.ts'

/** A tool as its server describes it. */
export interface ToolDefinition {
  readonly name: string
  readonly title?: string | undefined
  readonly description?: string | undefined
  readonly inputSchema: JsonSchema
  readonly outputSchema?: JsonSchema | undefined
  readonly annotations?: ToolAnnotations | undefined
  readonly icons?: readonly McpIcon[] | undefined
  readonly meta?: Meta | undefined
}

/** What a server says about its tool. Hints that nobody vouches for: no permission and no retry goes by them. */
export interface ToolAnnotations {
  readonly title?: string | undefined
  readonly readOnlyHint?: boolean | undefined
  readonly destructiveHint?: boolean | undefined
  readonly idempotentHint?: boolean | undefined
  readonly openWorldHint?: boolean | undefined
}

/** A tool of an MCP server, for a caller who does not know it yet. */
export interface McpToolDescription extends ToolDescription {
  /** The server's own hints; `effect` is what the host says, and what counts. */
  readonly annotations?: ToolAnnotations | undefined
  readonly icons?: readonly McpIcon[] | undefined
  /** The server's `_meta`, as it is. */
  readonly meta?: Meta | undefined
}

export function definitionOf(tool: object): ToolDefinition {
  const raw = tool as Readonly<Record<string, unknown>>
  const { _meta: meta } = raw
  const names = ['name', 'title', 'description', 'inputSchema', 'outputSchema', 'annotations', 'icons']
  return { ...kept(raw, names), ...(isMeta(meta) && { meta }) } as unknown as ToolDefinition
}

export const describe = (
  { name, title, description, inputSchema, outputSchema, annotations, icons, meta }: ToolDefinition,
  { effect, idempotent }: { readonly effect: Effect; readonly idempotent?: boolean | undefined },
): McpToolDescription => ({
  name,
  title: title ?? annotations?.title,
  description: description ?? '',
  inputSchema,
  outputSchema,
  effect,
  idempotent: idempotent ?? effect === 'read',
  annotations,
  icons,
  meta,
})
