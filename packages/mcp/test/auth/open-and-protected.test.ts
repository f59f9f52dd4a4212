import { once } from 'node:events'
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createMcpClient } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { bearer } from '@mcpclient/core/define'
import { errorOf } from '@mcpclient/testing'
import { mcpClientCredentials, mcpOAuth, mcpServer } from '@mcpclient/mcp'
import type { HttpServerOptions, McpOAuthOptions } from '@mcpclient/mcp'
import {
  CLIENT_DOCUMENT,
  KNOWN_CLIENT,
  REDIRECT_URI,
  startAuthorizationServer,
} from '../support/authorization-server.ts'
import { startGuardedServer } from '../support/guarded-http.ts'
import { rogueHttpServer } from '../support/rogue-http.ts'
import { thingsToClose } from '../support/things-to-close.ts'

const toClose = thingsToClose()

/** As JavaScript passes it. */
type Composition = HttpServerOptions & Readonly<Record<string, unknown>>

const hostOf = (options: Composition) =>
  toClose(
    createMcpClient({
      connectors: { docs: mcpServer(options as HttpServerOptions) },
      vault: vault({ redirectUri: REDIRECT_URI }),
      retry: { attempts: 1 },
    }),
  )

/** Starts a server whose MCP endpoint requires a credential and whose other paths use `listener`. */
async function startServer(listener: RequestListener, challenge?: string) {
  const http = createServer((request, response) => {
    if (request.url !== '/mcp') {
      listener(request, response)
      return
    }
    response.writeHead(401, challenge === undefined ? {} : { 'www-authenticate': challenge })
    response.end('API key required')
  }).listen(0, '127.0.0.1')
  await once(http, 'listening')
  toClose({
    close: async () => {
      http.closeAllConnections()
      http.close()
      await once(http, 'close')
    },
  })
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`
}

const notFound: RequestListener = (_request, response) => {
  response.writeHead(404).end()
}

describe('an open server', () => {
  it.each<[string, { readonly auth?: ReturnType<typeof mcpOAuth> }]>([
    ['without auth', {}],
    ['with mcpOAuth()', { auth: mcpOAuth() }],
    ['with mcpOAuth() and a registered app', { auth: mcpOAuth({ clientId: 'known', clientSecret: 'secret' }) }],
  ])('needs no login %s, and connect() returns connected', async (_, options) => {
    const server = rogueHttpServer({ json: true })
    const url = `${await startServer(notFound)}/other`
    const { docs } = hostOf({ url, fetch: server.fetch, ...options }).as('ada')
    await docs.call('echo', {})
    expect(await docs.connect()).toEqual({ status: 'connected' })
    expect(await docs.health()).toMatchObject({ status: 'healthy' })
    await docs.call('echo', {})
    expect(server.requests.some(({ headers }) => headers['authorization'] !== undefined)).toBe(false)
  })
})

describe('a protected server', () => {
  it.each<[string, McpOAuthOptions, string | undefined]>([
    ['clientName', { clientName: 'A host' }, undefined],
    ['clientMetadataUrl', { clientMetadataUrl: CLIENT_DOCUMENT }, CLIENT_DOCUMENT],
    ['clientId', KNOWN_CLIENT, KNOWN_CLIENT.clientId],
  ])('accepts %s as a login option if auth is left out', async (_, options, clientId) => {
    const login = toClose(await startAuthorizationServer())
    const server = toClose(await startGuardedServer(login))
    const mcp = hostOf({ url: server.url, fetch: server.mcp.fetch, ...options })
    const { docs } = mcp.as('ada')
    expect((await errorOf(docs.call('echo', {}))).details).toMatchObject({ reason: 'not_connected' })
    const result = await docs.connect()
    const url = new URL(result.status === 'authorize' ? result.url : '')
    if (clientId !== undefined) expect(url.searchParams.get('client_id')).toBe(clientId)
    await mcp.completeAuthorization(await login.agree(url.href), 'ada')
    await docs.call('echo', {})
  })

  it('accepts endpoints instead of metadata', async () => {
    const login = toClose(await startAuthorizationServer())
    const server = toClose(await startGuardedServer(login))
    const endpoints = { authorizationUrl: `${login.issuer}/auth`, tokenUrl: `${login.issuer}/token` }
    const auth = mcpOAuth({ ...KNOWN_CLIENT, endpoints, scopes: ['read'] })
    const mcp = hostOf({ url: server.url, fetch: server.mcp.fetch, auth })
    const { docs } = mcp.as('ada')
    const result = await docs.connect()
    const url = new URL(result.status === 'authorize' ? result.url : '')
    expect(url.searchParams.get('resource')).toBe(server.url)
    await mcp.completeAuthorization(await login.agree(url.href), 'ada')
    await docs.call('echo', {})
    expect(login.requests.some((request) => request.includes('.well-known'))).toBe(false)
  })
})

describe('a server with a static key', () => {
  it.each([
    ['a bare 401', undefined],
    ['a challenge that names no metadata', 'Bearer realm="api"'],
  ])('gets a hint about static keys after %s', async (_, challenge) => {
    const url = `${await startServer(notFound, challenge)}/mcp`
    const { docs } = hostOf({ url }).as('ada')
    const called = await errorOf(docs.call('echo', {}))
    expect(called.message).toBe('docs requires a credential: API key required.')
    expect(called.details.hint).toContain('token')
    const connected = await errorOf(docs.connect())
    expect(connected).toMatchObject({
      code: 'CONFIGURATION_ERROR',
      message: 'The server requires a credential, and names no authorization server.',
      details: { reason: 'no_authorization_server', outcome: 'not_processed' },
    })
    expect(connected.details.hint).toContain('`token`')
  })
})

describe('an authorization server that refuses to register the app', () => {
  it.each<[string, number, string]>([
    ['401 without a word', 401, ''],
    ['403 as a page', 403, '<html></html>'],
    ['403 access_denied', 403, '{"error":"access_denied"}'],
    ['401 invalid_token', 401, '{"error":"invalid_token","error_description":"An initial access token is needed"}'],
    ['400 invalid_client_metadata', 400, '{"error":"invalid_client_metadata"}'],
    ['404', 404, ''],
  ])('is reported with its reason after %s', async (_, status, body) => {
    const origin: string = await startServer((request, response) => {
      const documents: Readonly<Record<string, unknown>> = {
        '/.well-known/oauth-protected-resource/mcp': { resource: `${origin}/mcp`, authorization_servers: [origin] },
        '/.well-known/oauth-authorization-server': {
          issuer: origin,
          authorization_endpoint: `${origin}/authorize`,
          token_endpoint: `${origin}/token`,
          registration_endpoint: `${origin}/register`,
          code_challenge_methods_supported: ['S256'],
        },
      }
      const document = documents[request.url ?? '']
      response.setHeader('content-type', 'application/json')
      response.statusCode = document === undefined ? 404 : 200
      if (request.url === '/register') response.statusCode = status
      response.end(request.url === '/register' ? body : JSON.stringify(document ?? {}))
    })
    const failure = await errorOf(
      hostOf({ url: `${origin}/mcp` })
        .as('ada')
        .docs.connect(),
    )
    expect(failure).toMatchObject({
      code: 'CONFIGURATION_ERROR',
      details: { reason: 'registration_refused', status, outcome: 'not_processed' },
    })
    expect(failure.message).toContain('rejected the registration')
    expect(failure.details.hint).toContain('clientId')
    expect(JSON.stringify(failure)).not.toContain('denied_by_user')
  })
})

describe('a composition', () => {
  const url = 'https://docs.example/mcp'

  it.each<[string, object, string]>([
    ['token and clientName', { url, token: 't', clientName: 'x' }, 'both token and clientName'],
    ['token and dpop', { url, token: 't', dpop: true }, 'both token and dpop'],
    ['clientName beside mcpOAuth()', { url, auth: mcpOAuth(), clientName: 'x' }, 'clientName next to auth'],
    ['dpop beside bearer()', { url, auth: bearer(), dpop: true }, 'dpop next to auth'],
    [
      'clientName beside mcpClientCredentials()',
      { url, auth: mcpClientCredentials(), clientId: 'c', clientSecret: 's', clientName: 'x' },
      'clientName next to auth',
    ],
    ['a clientMetadataUrl that is none', { url, clientMetadataUrl: 'http://app.example/' }, 'clientMetadataUrl'],
  ])('refuses %s', (_, options, why) => {
    expect(() => mcpServer(options as HttpServerOptions)).toThrow(why)
  })

  const login = {
    clientId: 'c',
    clientSecret: 's',
    privateKey: 'k',
    keyId: '1',
    redirectUri: 'https://app.example/cb',
    scopes: ['read'],
    endpoints: {},
    clientMetadataUrl: 'https://app.example/client.json',
    clientName: 'x',
    dpop: true,
  }

  it.each(Object.entries(login))('refuses %s next to a static key, which would ignore it', (name, value) => {
    expect(() => mcpServer({ url, token: 't', [name]: value } as HttpServerOptions)).toThrow(`both token and ${name}`)
    expect(() => mcpServer({ url, auth: bearer(), [name]: value } as HttpServerOptions)).toThrow(`${name} next to auth`)
  })

  it('accepts the id and the secret of mcpClientCredentials() next to auth', () => {
    expect(() => mcpServer({ url, auth: mcpClientCredentials(), clientId: 'c', clientSecret: 's' })).not.toThrow()
  })
})

it('probes once more if the connection closes during a probe', async () => {
  const login = toClose(await startAuthorizationServer())
  const server = toClose(await startGuardedServer(login))
  let isFirst = true
  const fetch: typeof server.mcp.fetch = (address, init) => {
    if (!isFirst) return server.mcp.fetch(address, init)
    isFirst = false
    return Promise.reject(
      new TypeError('fetch failed', {
        cause: Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' }),
      }),
    )
  }
  const { docs } = hostOf({ url: server.url, fetch, auth: mcpOAuth() }).as('ada')
  expect(await docs.connect()).toMatchObject({ status: 'authorize' })
})
