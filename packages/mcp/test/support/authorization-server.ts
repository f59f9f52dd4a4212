import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'
import { authorizationRows } from './authorization-rows.ts'

export interface AuthorizationServer {
  readonly issuer: string
  /** The requests that it received, the oldest first: `POST /token`. */
  readonly requests: readonly string[]
  /** The forms that its token endpoint received. */
  readonly tokenRequests: readonly URLSearchParams[]
  /** Signs in and consents as a user in a browser does. Returns the callback URL. */
  agree(url: string): Promise<URL>
  /** Returns the scopes of a token at a resource, or undefined if it is invalid there. */
  scopesOf(token: string, resource: string): Promise<readonly string[] | undefined>
  close(): Promise<void>
}

export const REDIRECT_URI = 'http://127.0.0.1:9/callback'
export const KNOWN_CLIENT = { clientId: 'known-before', clientSecret: 'secret-of-the-known-client' }
export const CLIENT_DOCUMENT = 'https://host.example/client.json'

/** Created once, because it takes longer than everything else. */
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

const registered = { redirect_uris: [REDIRECT_URI], grant_types: ['authorization_code', 'refresh_token'] }
const document = {
  client_id: CLIENT_DOCUMENT,
  client_name: 'A host',
  token_endpoint_auth_method: 'none',
  ...registered,
}

/**
 * Starts a certified OpenID provider on a free port of this machine. Its only user, Ada, consents to everything. Its refresh
 * tokens are valid for one use, and using one again revokes the grant.
 */
export async function startAuthorizationServer(): Promise<AuthorizationServer> {
  const http = createServer().listen(0, '127.0.0.1')
  await once(http, 'listening')
  const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  const provider = makeProvider(issuer)
  const respond = provider.callback()
  const requests: string[] = []
  const tokenRequests: URLSearchParams[] = []
  http.on('request', (request, response) => {
    const { pathname } = new URL(request.url ?? '/', issuer)
    requests.push(`${request.method} ${pathname}`)
    if (pathname.startsWith('/interaction/')) return void agreeFor(provider, request, response)
    if (pathname === '/token') {
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', () => tokenRequests.push(new URLSearchParams(Buffer.concat(parts).toString())))
    }
    return void respond(request, response)
  })
  return {
    issuer,
    requests,
    tokenRequests,
    agree,
    async scopesOf(token, resource) {
      const found = (await provider.AccessToken.find(token)) ?? (await provider.ClientCredentials.find(token))
      return found?.aud === resource ? [...found.scopes] : undefined
    },
    async close() {
      if (!http.listening) return
      http.closeAllConnections()
      http.close()
      await once(http, 'close')
    },
  }
}

function makeProvider(issuer: string): Provider {
  const { clientId: client_id, clientSecret: client_secret } = KNOWN_CLIENT
  return new Provider(issuer, {
    adapter: authorizationRows(),
    clients: [
      { client_id, client_secret, ...registered, grant_types: [...registered.grant_types, 'client_credentials'] },
    ],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'first' }] },
    cookies: { keys: ['for the signatures of a test'] },
    fetch: () => Promise.resolve(Response.json(document)),
    findAccount: (_context, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    features: {
      clientCredentials: { enabled: true },
      clientIdMetadataDocument: { enabled: true, ack: 'draft-02' },
      devInteractions: { enabled: false },
      // Recorded for the tests.
      pushedAuthorizationRequests: { enabled: false },
      registration: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context, audience) => ({
          scope: 'read wipe',
          audience,
          accessTokenFormat: 'opaque',
          accessTokenTTL: 3600,
        }),
      },
    },
    ttl: {
      AccessToken: 3600,
      AuthorizationCode: 60,
      ClientCredentials: 3600,
      Grant: 86_400,
      Interaction: 600,
      RefreshToken: 86_400,
      Session: 600,
    },
  })
}

async function agreeFor(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { prompt, params } = await provider.interactionDetails(request, response)
  const { client_id: clientId, resource, scope } = params as Readonly<Record<string, string>>
  const accountId = 'ada'
  const grant = new provider.Grant({ accountId, clientId })
  if (resource === undefined || scope === undefined) throw new Error('A resource and a scope have to be asked for.')
  grant.addOIDCScope(scope)
  grant.addResourceScope(resource, scope)
  const grantId = await grant.save()
  const decided = prompt.name === 'login' ? { login: { accountId } } : { consent: { grantId } }
  await provider.interactionFinished(request, response, decided, { mergeWithLastSubmission: true })
}

/** Returns a browser without a display: it stores cookies, and follows redirects until it leaves the server. */
async function agree(start: string): Promise<URL> {
  const cookies = new Map<string, string>()
  let url = new URL(start)
  const { origin } = url
  for (let steps = 0; url.origin === origin; steps++) {
    if (steps > 20) throw new Error('The browser was sent around in circles.')
    const cookie = [...cookies.values()].join('; ')
    const response = await fetch(url, { redirect: 'manual', headers: { cookie } })
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      cookies.set(pair.split('=')[0] ?? '', pair)
    }
    const location = response.headers.get('location')
    if (location === null) throw new Error(`Nobody was sent back: ${(await response.text()).slice(0, 500)}`)
    await response.body?.cancel()
    url = new URL(location, url)
  }
  return url
}
