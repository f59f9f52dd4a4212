import type { Connector, Profile } from '@mcpclient/core'
import { McpServerClient } from './mcp-server-client.ts'
import type { McpServerTypes } from './mcp-server-types.ts'
import type { ServerSetup } from './server-setup.ts'
import { ConnectionPool } from './session/connection-pool.ts'

export interface ServerConnectorOptions {
  readonly profile: Profile
  readonly appCredential: Readonly<Record<string, string>> | undefined
  readonly baseUrl: string
  readonly setup: ServerSetup
}

/** A server, however it is reached, as a connector. */
export function serverConnector<Credential extends object>({
  profile,
  appCredential,
  baseUrl,
  setup,
}: ServerConnectorOptions): Connector<McpServerTypes<Credential>, McpServerClient<Credential>> {
  return {
    profile,
    appCredential,
    settings: {},
    parseSettings: () => ({}),
    baseUrl: () => baseUrl,
    mount() {
      const pool = new ConnectionPool(setup)
      return {
        open: (host) => new McpServerClient<Credential>(host, pool),
        close: () => pool.close(),
      }
    },
  }
}
