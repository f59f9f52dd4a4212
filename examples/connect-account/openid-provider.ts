import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'
import { registered } from './host.ts'

/** Lifetime of an access token. */
export const TOKEN_SECONDS = 2

/**
 * Starts a strict, certified OpenID provider: access tokens last two seconds, a refresh token can be used once, and using
 * it again revokes the grant. Its users consent to everything.
 */
export async function startOpenIdProvider({ redirectUri }: { readonly redirectUri: string }) {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider = quietly(
    () =>
      new Provider(issuer, {
        clients: [
          {
            client_id: registered.clientId,
            client_secret: registered.clientSecret,
            redirect_uris: [redirectUri],
            grant_types: ['authorization_code', 'refresh_token'],
          },
        ],
        claims: { openid: ['sub'], profile: ['name'] },
        cookies: { keys: ['of-the-example'] },
        conformIdTokenClaims: false,
        features: {
          devInteractions: { enabled: false },
          revocation: { enabled: true, allowedPolicy: (_context, { clientId }, token) => token.clientId === clientId },
        },
        findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, name: 'Ada Lovelace' }) }),
        interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
        issueRefreshToken: () => true,
        rotateRefreshToken: true,
        ttl: {
          AccessToken: TOKEN_SECONDS,
          RefreshToken: 600,
          Grant: 600,
          Session: 600,
          Interaction: 600,
          IdToken: 600,
        },
      }),
  )

  const seen = { refreshes: 0, revocations: 0, secrets: new Set([registered.clientSecret]) }
  // In this provider, a token is its own id.
  provider.on('access_token.saved', ({ jti }) => seen.secrets.add(jti))
  provider.on('refresh_token.saved', ({ jti }) => seen.secrets.add(jti))
  provider.on('grant.success', ({ oidc }) => {
    if (oidc.params?.['grant_type'] === 'refresh_token') seen.refreshes++
  })
  provider.on('grant.revoked', () => seen.revocations++)

  const agree = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { params } = await provider.interactionDetails(request, response)
    const grant = new provider.Grant({ accountId: 'ada-1815', clientId: registered.clientId })
    grant.addOIDCScope(String(params['scope']))
    const grantId = await grant.save()
    await provider.interactionFinished(request, response, { login: { accountId: 'ada-1815' }, consent: { grantId } })
  }
  const protocol = provider.callback()
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (request.url?.startsWith('/interaction/')) agree(request, response).catch(() => response.writeHead(500).end())
    else void protocol(request, response)
  })

  return {
    issuer,
    seen,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Hides the provider's warnings about settings that only a deployment needs. */
function quietly<Made>(make: () => Made): Made {
  const { warn, info } = console
  console.warn = console.info = () => {}
  try {
    return make()
  } finally {
    Object.assign(console, { warn, info })
  }
}
