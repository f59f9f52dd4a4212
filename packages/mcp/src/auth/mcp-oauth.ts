import { oauth2 } from '@mcpclient/core/define'
import type { AuthStrategy, RegisteredApp, TokenFields } from '@mcpclient/core/define'
import { assertIssuedFor } from './assert-issued-for.ts'
import type { ProtectedServer, ServerAuth } from './server-auth.ts'

/** The registration of the app at the authorization servers. All options are optional. */
export interface McpOAuthOptions extends RegisteredApp {
  /**
   * Binds tokens to a key (DPoP, RFC 9449), so that a stolen token is useless. `'where_supported'`: at authorization
   * servers that announce it. The MCP server must support such tokens.
   * @default false
   */
  readonly dpop?: boolean | 'where_supported' | undefined
}

/** The names of the options, which `mcpServer` accepts next to `url` if `auth` is left out. */
export const OAUTH_OPTIONS: readonly (keyof McpOAuthOptions)[] = [
  ...(['clientId', 'clientSecret', 'privateKey', 'keyId', 'redirectUri', 'scopes', 'endpoints'] as const),
  ...(['clientMetadataUrl', 'clientName', 'dpop'] as const),
]

/**
 * OAuth as the MCP specification defines it: the user consents at the server's own authorization server. Uses protected
 * resource metadata (RFC 9728), PKCE, resource indicators (RFC 8707) and issuer checks (RFC 9207).
 *
 * The app identifies itself by `clientId`; without one, by `clientMetadataUrl` if the server supports such documents; else
 * it registers itself (RFC 7591), once per authorization server.
 *
 * A server that requires no credential is called without one, and `connect()` returns `connected`.
 * @throws ConnectorError CONFIGURATION_ERROR, from `mcpServer`, if the options contradict each other
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
    // The strictest assumption: the specification requires that refresh tokens of public clients rotate.
    refresh: { rotation: 'single_use' },
  })
  if (flow === undefined) throw new TypeError('oauth2() has a flow.')
  let refusedAt = -Infinity
  return {
    ...strategy,
    onResponse(url, response) {
      if (strategy.onResponse?.(url, response) === true) return true
      if (response.status === 401) refusedAt = server.clock.now()
      return false
    },
    sign(request, credential, grant) {
      if (grant === undefined && credential.token === undefined) return {}
      if (grant !== undefined) assertIssuedFor(grant, request.url)
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
