import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'
import type { ClientMetadata, Configuration } from 'oidc-provider'
import { createRows } from './authorization-server-rows.ts'

export interface AuthorizationServerOptions {
  /**
   * The lifetime of access tokens in seconds.
   * @default 3600
   */
  readonly accessTokenSeconds?: number | undefined
  /**
   * Whether each refresh returns a new refresh token. A used token is then refused, and its reuse revokes the whole
   * grant.
   * @default true
   */
  readonly rotates?: boolean | undefined
  readonly requiresPar?: boolean | undefined
  /** Whether DPoP proofs require a nonce from the server. */
  readonly requiresNonce?: boolean | undefined
  /** The clients besides `app` (secret `app-secret-canary-0001`, by post). */
  readonly clients?: readonly ClientMetadata[] | undefined
  /** Receives each token request and may change its response, as an attacker on the path could. */
  readonly tamper?: ((answer: string, path: string) => string) | undefined
}

export interface AuthorizationServer {
  readonly issuer: string
  /** The form bodies of token requests, oldest first. */
  readonly tokenRequests: readonly URLSearchParams[]
  /** Signs in and consents as a user with a browser; returns the callback URL. */
  readonly agree: (url: string) => Promise<URL>
  /** Enters a device code and consents. */
  readonly agreeToDevice: (verificationUriComplete: string) => Promise<void>
  readonly close: () => Promise<void>
}

export const REDIRECT_URI = 'http://127.0.0.1:9/callback'
export const APP = { clientId: 'app', clientSecret: 'app-secret-canary-0001' } as const
export const RESOURCE = 'https://notes.example/api'

const GRANTS = [
  'authorization_code',
  'refresh_token',
  'client_credentials',
  'urn:ietf:params:oauth:grant-type:device_code',
]

/**
 * Starts a certified OpenID provider on a free local port, which signs in every user as `ada` and consents. It stores
 * everything in memory.
 */
export async function startAuthorizationServer(options: AuthorizationServerOptions = {}): Promise<AuthorizationServer> {
  const http = createServer()
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  const provider = new Provider(issuer, configuration(options))
  const answer = provider.callback()
  const tokenRequests: URLSearchParams[] = []
  http.on('request', (request, response) => {
    const { pathname } = new URL(request.url ?? '/', issuer)
    if (pathname.startsWith('/interaction/')) return void agreeFor(provider, request, response)
    if (pathname === '/token') {
      const body: Buffer[] = []
      request.on('data', (chunk: Buffer) => body.push(chunk))
      request.on('end', () => tokenRequests.push(new URLSearchParams(Buffer.concat(body).toString())))
    }
    if (options.tamper !== undefined) alterAnswer(response, (text) => options.tamper?.(text, pathname) ?? text)
    void answer(request, response)
  })
  return {
    issuer,
    tokenRequests,
    agree: async (url) => {
      const end = await browse(url)
      if (typeof end === 'string') throw new Error(`The browser was not sent back: ${end.slice(0, 500)}`)
      return end
    },
    agreeToDevice: async (url) => {
      const page = await browse(url)
      if (typeof page !== 'string' || !page.includes('Sign-in Success')) throw new Error('The device was not accepted.')
    },
    async close() {
      http.closeAllConnections()
      http.close()
      await once(http, 'close')
    },
  }
}

function configuration(options: AuthorizationServerOptions): Configuration {
  const { accessTokenSeconds = 3600, rotates = true } = options
  const app: ClientMetadata = {
    client_id: APP.clientId,
    client_secret: APP.clientSecret,
    token_endpoint_auth_method: 'client_secret_post',
    redirect_uris: [REDIRECT_URI],
    grant_types: GRANTS,
    response_types: ['code'],
  }
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' })
  return {
    adapter: createRows(),
    clients: [app, ...(options.clients ?? [])],
    jwks: { keys: [{ ...key, use: 'sig', alg: 'RS256', kid: 'first' }] },
    cookies: { keys: ['for the signatures of a test'] },
    scopes: ['openid', 'offline_access', 'email', 'notes.read', 'notes.write'],
    claims: { openid: ['sub'], email: ['email'] },
    conformIdTokenClaims: false,
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, email: `${id}@example.com` }) }),
    clientBasedCORS: () => false,
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    issueRefreshToken: (_context, client, code) =>
      client.grantTypeAllowed('refresh_token') && code.scopes.has('offline_access'),
    rotateRefreshToken: rotates,
    features: {
      devInteractions: { enabled: false },
      deviceFlow: {
        enabled: true,
        userCodeInputSource: page,
        userCodeConfirmSource: page,
        successSource: (context) => void (context.body = 'Sign-in Success'),
      },
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      revocation: { enabled: true, allowedPolicy: () => true },
      registration: { enabled: true },
      pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: options.requiresPar ?? false },
      dPoP: {
        enabled: true,
        nonceSecret: Buffer.alloc(32, 7),
        requireNonce: () => options.requiresNonce ?? false,
      },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context, resource) => ({
          scope: 'notes.read notes.write',
          audience: resource,
          accessTokenTTL: accessTokenSeconds,
          accessTokenFormat: 'opaque',
        }),
        useGrantedResource: () => true,
      },
    },
    ttl: {
      AccessToken: accessTokenSeconds,
      AuthorizationCode: 60,
      ClientCredentials: accessTokenSeconds,
      DeviceCode: 600,
      Grant: 86_400,
      IdToken: 3600,
      Interaction: 600,
      RefreshToken: 86_400,
      Session: 86_400,
    },
    renderError: (context, out) => void (context.body = JSON.stringify(out)),
  }
}

const page = (context: { body: unknown }, form: string): void => {
  context.body = form
}

/** Performs the user's part in the pages of an identity provider. */
async function agreeFor(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { prompt, params, session } = await provider.interactionDetails(request, response)
  const accountId = session?.accountId ?? 'ada'
  if (prompt.name === 'login') return provider.interactionFinished(request, response, { login: { accountId } })
  const grant = new provider.Grant({ accountId, clientId: String(params['client_id']) })
  if (typeof params['scope'] === 'string') grant.addOIDCScope(params['scope'])
  const { missingResourceScopes } = prompt.details as { missingResourceScopes?: Record<string, string[]> }
  for (const [resource, scopes] of Object.entries(missingResourceScopes ?? {})) {
    grant.addResourceScope(resource, scopes.join(' '))
  }
  const grantId = await grant.save()
  return provider.interactionFinished(request, response, { consent: { grantId } }, { mergeWithLastSubmission: true })
}

function alterAnswer(response: ServerResponse, alter: (text: string) => string): void {
  const { end } = response
  const altered = (chunk?: unknown, ...rest: readonly unknown[]): ServerResponse => {
    if (typeof chunk !== 'string' && !Buffer.isBuffer(chunk)) return Reflect.apply(end, response, [chunk, ...rest])
    const text = alter(chunk.toString())
    if (!response.headersSent) response.setHeader('content-length', Buffer.byteLength(text))
    return Reflect.apply(end, response, [text])
  }
  response.end = altered as typeof response.end
}

/**
 * Follows redirects, stores cookies and submits forms, as a browser does.
 * @returns the final URL outside the server, or the last page
 */
async function browse(start: string): Promise<URL | string> {
  const { origin } = new URL(start)
  const cookies = new Map<string, string>()
  let next: { url: URL; form?: URLSearchParams | undefined } = { url: new URL(start) }
  for (let steps = 0; steps < 20; steps++) {
    if (next.url.origin !== origin) return next.url
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(next.url, {
      method: next.form === undefined ? 'GET' : 'POST',
      redirect: 'manual',
      headers: { cookie },
      ...(next.form && { body: next.form }),
    })
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      if (value === '') cookies.delete(name)
      else cookies.set(name, value)
    }
    const to = response.headers.get('location')
    const text = await response.text()
    if (to !== null) {
      next = { url: new URL(to, next.url) }
      continue
    }
    const form = formIn(text)
    if (form === undefined) return text
    next = { url: new URL(form.action, next.url), form: form.fields }
  }
  throw new Error('The browser was sent around in circles.')
}

function formIn(text: string): { readonly action: string; readonly fields: URLSearchParams } | undefined {
  const [, action] = /<form[^>]*\saction="([^"]+)"/.exec(text) ?? []
  if (action === undefined) return undefined
  const fields = new URLSearchParams()
  for (const [input] of text.matchAll(/<input[^>]*>/g)) {
    const [, name] = /\sname="([^"]*)"/.exec(input) ?? []
    const [, value = ''] = /\svalue="([^"]*)"/.exec(input) ?? []
    if (name !== undefined && name !== 'abort') fields.set(name, value)
  }
  // The page of a device code asks for confirmation.
  if (fields.has('user_code') && /confirm/i.test(text)) fields.set('confirm', 'yes')
  return { action, fields }
}

/** Runs as a child process: options as JSON in its argument, `{ issuer }` in its first line; it exits when its input ends. */
if (import.meta.main) {
  const server = await startAuthorizationServer(JSON.parse(process.argv[2] ?? '{}') as AuthorizationServerOptions)
  process.stdout.write(`${JSON.stringify({ issuer: server.issuer })}\n`)
  process.stdin.on('end', () => void server.close())
  process.stdin.resume()
}
