import type { CallOptions, Effect } from '@mcpclient/core'
import type { McpServerEvents } from './mcp-server-events.ts'
import type { McpToolResult } from './results/tool-result.ts'
import type { McpProgress } from './session/session.ts'

/** What the compiler knows of an MCP server: its tools have names and schemas only once it runs. */
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
  /** Told how far the tool has come, by tools that say so. Each sign of progress starts the request's time limit anew. */
  readonly onProgress?: ((progress: McpProgress) => void) | undefined
}
