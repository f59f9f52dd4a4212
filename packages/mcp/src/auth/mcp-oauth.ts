import { oauth2 } from '@mcpclient/core/define'
import type { AuthStrategy, RegisteredApp, TokenFields } from '@mcpclient/core/define'
import { forThisServer } from './for-this-server.ts'
import type { ProtectedServer, ServerAuth } from './server-auth.ts'

/** What the app is to the authorization servers that it meets. All of it may be left out. */
export interface McpOAuthOptions extends RegisteredApp {
  /**
   * Binds tokens to a key of their own (RFC 9449), so that a stolen one is worth nothing; `'where_supported'`: at
   * authorization servers that offer it. The MCP server has to understand such tokens.
   */
  readonly dpop?: boolean | 'where_supported' | undefined
}

/** Names of the options, which may stand beside `url` where `auth` is left out. */
export const OAUTH_OPTIONS: readonly (keyof McpOAuthOptions)[] = [
  ...(['clientId', 'clientSecret', 'privateKey', 'keyId', 'redirectUri', 'scopes', 'endpoints'] as const),
  ...(['clientMetadataUrl', 'clientName', 'dpop'] as const),
]

/**
 * A person agrees at the server's own authorization server, in the way of the MCP specification: protected resource
 * metadata (RFC 9728), PKCE, resource indicators (RFC 8707), issuer checks (RFC 9207).
 *
 * The app is known there by `clientId` if one is given, else by `clientMetadataUrl` where the server reads such documents,
 * else it is registered on the way (RFC 7591), once for each authorization server.
 *
 * A server that asks for no credential is used without one, and `connect()` to it returns `connected`.
 * @throws ConnectorError CONFIGURATION_ERROR, from `mcpServer`, if the options contradict themselves
 */
export function mcpOAuth(options: McpOAuthOptions = {}): ServerAuth<TokenFields> {
  return { strategyFor: (server) => oauthStrategy(server, options) }
}

function oauthStrategy(server: ProtectedServer, options: McpOAuthOptions): AuthStrategy<TokenFields> {
  const { dpop = false, ...app } = options
  const { flow, ...strategy } = oauth2({
    protectedResource: server.url,
    registration: { clientName: 'MCP client' },
    pkce: 'required',
    dpop,
    // What nobody knows is taken for the strictest: the specification wants refresh tokens of public clients rotated.
    habits: { rotation: 'single_use' },
  })
  if (flow === undefined) throw new TypeError('oauth2() has a flow.')
  let refusedAt = -Infinity
  return {
    ...strategy,
    hear(url, answer) {
      if (strategy.hear?.(url, answer) === true) return true
      if (answer.status === 401) refusedAt = server.clock.now()
      return false
    },
    sign(request, credential, grant) {
      if (grant === undefined && credential.token === undefined) return {}
      if (grant !== undefined) forThisServer(grant, request.url)
      return strategy.sign(request, credential, grant)
    },
    flow: {
      ...flow,
      optional: true,
      app: () => flow.app({ ...app }),
      async load() {
        const { serverProtocol } = await import('./server-protocol.ts')
        return serverProtocol(await flow.load(), { server, refusedAt: () => refusedAt })
      },
    },
  }
}
