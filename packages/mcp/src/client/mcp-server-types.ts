import type { CallOptions, Effect } from '@mcpclient/core'
import type { McpProgress } from '../protocol/protocol-client.ts'
import type { McpToolResult } from '../results/tool-result.ts'
import type { McpServerEvents } from '../session/server-events.ts'

/** The types of an MCP server for the compiler. The names and schemas of its tools are known only at run time. */
export interface McpServerTypes<Credential extends object = {}> {
  readonly settings: {}
  readonly credential: Credential
  readonly tools: Readonly<Record<string, McpToolTypes>>
  readonly syncs: {}
  readonly events: McpServerEvents
}

interface McpToolTypes {
  readonly input: McpInput
  readonly output: McpToolResult
  readonly part: never
  readonly effect: Effect
  readonly shape: 'one'
}

export type McpInput = Readonly<Record<string, unknown>>

export interface McpCallOptions extends CallOptions {
  /** Called when the tool reports progress. Each report restarts the time limit of the request. */
  readonly onProgress?: ((progress: McpProgress) => void) | undefined
}
