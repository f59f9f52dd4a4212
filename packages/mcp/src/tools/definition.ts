import type { Effect, JsonSchema, ToolDescription } from '@mcpclient/core'
import { isMeta, kept } from '../results/content-part.ts'
import type { McpIcon, Meta } from '../results/content-part.ts'

/** A tool as the server describes it. */
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

/** The server's hints about a tool. They are unverified, and decide about neither permissions nor retries. */
export interface ToolAnnotations {
  readonly title?: string | undefined
  readonly readOnlyHint?: boolean | undefined
  readonly destructiveHint?: boolean | undefined
  readonly idempotentHint?: boolean | undefined
  readonly openWorldHint?: boolean | undefined
}

/** The description of a tool of an MCP server. */
export interface McpToolDescription extends ToolDescription {
  /** The server's own hints. Only `effect`, which the host declares, decides anything. */
  readonly annotations?: ToolAnnotations | undefined
  readonly icons?: readonly McpIcon[] | undefined
  /** The server's `_meta`, unchanged. */
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
  // The server writes all of it, and may pass on what other users wrote.
  outputMarks: [{ path: [], untrusted: true }],
  effect,
  idempotent: idempotent ?? effect === 'read',
  annotations,
  icons,
  meta,
})
