import type { CatalogChange } from './tools/catalog.ts'
import type { ConnectionState } from './session/supervisor.ts'

/** Which connection of which tenant it was; a connection that all tenants share has none. */
export interface AboutConnection {
  readonly tenant: string | undefined
  readonly connection: string
}

/** What an MCP server, or its connection, tells the host: `mcp.on('docs.tools_changed', ...)`. */
export interface McpServerEvents {
  /** The server said that its tools changed; names only where they had been listed before. */
  readonly tools_changed: AboutConnection & CatalogChange
  readonly resources_changed: AboutConnection
  readonly prompts_changed: AboutConnection
  /** A resource that `watchResource` watches changed. */
  readonly resource_updated: AboutConnection & { readonly uri: string }
  /** A line of the server's own log, redacted. */
  readonly log: AboutConnection & {
    readonly level: string
    readonly logger: string | undefined
    readonly data: unknown
  }
  /** A tool is not described as it was when it was first seen. */
  readonly drifted: AboutConnection & { readonly tool: string; readonly blocked: boolean }
  /** The connection stands again that had been lost; what the server kept in its session is gone. */
  readonly reconnected: AboutConnection
  readonly state: AboutConnection & { readonly from: ConnectionState; readonly to: ConnectionState }
}
