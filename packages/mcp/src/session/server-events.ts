import type { CatalogChange } from '../tools/catalog.ts'

/**
 * The state of the session with a server. `idle`: not connected and not needed. `connecting`. `ready`. `degraded`: the
 * connection was lost or failed, and the next call tries again. `closed`: for good.
 */
export type SessionState = 'idle' | 'connecting' | 'ready' | 'degraded' | 'closed'

/** The connection of a tenant that an event is about. A session that all tenants share has no tenant. */
export interface AboutConnection {
  readonly tenant: string | undefined
  readonly connection: string
}

/** The events of an MCP server and the session with it: `mcp.on('docs.tools_changed', ...)`. */
export interface McpServerEvents {
  /** The server announced that its tools changed. Names are present only if the tools were listed before. */
  readonly tools_changed: AboutConnection & CatalogChange
  /** The server announced that its list of resources changed. */
  readonly resources_changed: AboutConnection
  /** The server announced that its list of prompts changed. */
  readonly prompts_changed: AboutConnection
  /** A resource that `watchResource` watches changed. */
  readonly resource_updated: AboutConnection & { readonly uri: string }
  /** A line of the server's own log, redacted. */
  readonly log: AboutConnection & {
    readonly level: string
    readonly logger: string | undefined
    readonly data: unknown
  }
  /** The definition of a tool differs from the one that was first seen. */
  readonly drifted: AboutConnection & { readonly tool: string; readonly blocked: boolean }
  /** A lost connection is back. What the server stored in its session is gone. */
  readonly reconnected: AboutConnection
  /** The session with the server changed its state. */
  readonly state: AboutConnection & { readonly from: SessionState; readonly to: SessionState }
}
