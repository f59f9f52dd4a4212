import type { CustomConnector, Profile } from '@mcpclient/core'
import { withheld } from '@mcpclient/core/define'
import { McpServerClient } from './mcp-server-client.ts'
import type { McpServerTypes } from './mcp-server-types.ts'
import type { ServerSetup } from './server-setup.ts'
import { ConnectionPool } from './session/connection-pool.ts'
import type { Access } from './session/connection-pool.ts'

export interface ServerConnectorOptions {
  readonly profile: Profile
  readonly appCredential: Readonly<Record<string, string>> | undefined
  /** What the app is to authorization servers. */
  readonly app?: Readonly<Record<string, unknown>> | undefined
  readonly baseUrl: string
  readonly setup: ServerSetup
  readonly isOpen?: Access['isOpen']
}

/** A server, however it is reached, as a connector. */
export function serverConnector<Credential extends object>({
  profile,
  appCredential,
  app,
  baseUrl,
  setup,
  isOpen,
}: ServerConnectorOptions): CustomConnector<McpServerTypes<Credential>, McpServerClient<Credential>> {
  return withheld({
    profile,
    appCredential,
    app,
    settings: {},
    parseSettings: () => ({}),
    baseUrl: () => baseUrl,
    mount() {
      const canAsk = appCredential === undefined && profile.auth.flow?.interactive === true
      const pool = new ConnectionPool(setup, { canAsk, isOpen })
      return {
        open: (host) => new McpServerClient<Credential>(host, pool),
        close: () => pool.close(),
      }
    },
  })
}
