import type { ClientHost, ConnectorClient, CustomConnector, Profile } from '@mcpclient/core'
import { hideSecrets } from '@mcpclient/core'
import type { ServerContext } from '../session/server-context.ts'
import { SessionPool } from '../session/session-pool.ts'
import type { Access } from '../session/session-pool.ts'
import type { McpServerTypes } from './mcp-server-types.ts'

export interface ServerConnectorOptions<Client> {
  readonly profile: Profile
  readonly appCredential: Readonly<Record<string, string>> | undefined
  /** The registration of the app at authorization servers. */
  readonly app?: Readonly<Record<string, unknown>> | undefined
  readonly baseUrl: string
  readonly server: ServerContext
  readonly isOpen?: Access['isOpen']
  /** Creates the client of a view. */
  readonly open: (host: ClientHost, pool: SessionPool) => Client
}

/** Creates the connector of a server, over any link. */
export function serverConnector<Credential extends object, Client extends ConnectorClient<McpServerTypes<Credential>>>({
  profile,
  appCredential,
  app,
  baseUrl,
  server,
  isOpen,
  open,
}: ServerConnectorOptions<Client>): CustomConnector<McpServerTypes<Credential>, Client> {
  return hideSecrets({
    profile,
    appCredential,
    app,
    settings: {},
    parseSettings: () => ({}),
    baseUrl: () => baseUrl,
    mount() {
      const canAsk = appCredential === undefined && profile.auth.flow?.interactive === true
      const pool = new SessionPool(server, { canAsk, isOpen })
      return {
        open: (host) => open(host, pool),
        close: () => pool.close(),
      }
    },
  })
}
