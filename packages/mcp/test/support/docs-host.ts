import { createMcpClient, memoryStore } from '@mcpclient/core'
import type { Store } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { createFakeClock } from '@mcpclient/testing'
import { mcpOAuth, mcpServer } from '@mcpclient/mcp'
import type { McpOAuthOptions } from '@mcpclient/mcp'
import { REDIRECT_URI } from './authorization-server.ts'
import type { AuthorizationServer } from './authorization-server.ts'
import type { GuardedServer } from './guarded-http.ts'

export interface DocsHostOptions {
  readonly auth?: McpOAuthOptions | undefined
  readonly credentials?: Store | undefined
}

/** Returns a host whose users connect accounts at one server. `docs` is Ada's view. */
export function docsHost({ url, mcp: { fetch } }: GuardedServer, options: DocsHostOptions = {}) {
  const { auth, credentials = memoryStore() } = options
  const clock = createFakeClock()
  const mcp = createMcpClient({
    connectors: { docs: mcpServer({ url, fetch, clock, auth: mcpOAuth(auth), effects: { '*': 'read' } }) },
    vault: vault({ store: credentials, redirectUri: REDIRECT_URI }),
    clock,
    // Only a test advances this clock.
    retry: { attempts: 1 },
  })
  const { docs } = mcp.as('ada')

  const urlToConnect = async (): Promise<URL> => {
    const result = await docs.connect()
    if (result.status !== 'authorize') throw new Error(`connect() returned ${result.status}.`)
    return new URL(result.url)
  }
  /** Follows an authorization URL to its end, as a user does. */
  const agree = async (login: AuthorizationServer, url: string | URL | undefined) => {
    await mcp.completeAuthorization(await login.agree(String(url)), 'ada')
  }
  return {
    mcp,
    clock,
    docs,
    urlToConnect,
    agree,
    async connect(login: AuthorizationServer) {
      await agree(login, await urlToConnect())
    },
  }
}
