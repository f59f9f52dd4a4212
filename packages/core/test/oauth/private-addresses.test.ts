import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import * as z from 'zod'
import { errorOf, scriptedTransport } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { createMcpClient, TransportError } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { apiKey, defineConnector, get, oauth2, tool } from '@mcpclient/core/define'
import { undiciTransport } from '@mcpclient/core/undici'
import { discoverAuthorizationServer } from '../../src/oauth/discovery.ts'
import { discoverProtectedResource } from '../../src/oauth/protected-resource.ts'
import { ASK, scriptedContext } from './scripted-server.ts'
import { protocolOf } from './strategy-flow.ts'

const ISSUER = 'https://login.example'
const SERVER = 'https://mcp.example/notes'
const PRIVATE = [
  'localhost.',
  '127.1',
  '2130706433',
  '[::ffff:127.0.0.1]',
  '0.0.0.0',
  '[::]',
  '169.254.169.254',
  '10.0.0.5',
  '[fd00::8]',
  'db.internal',
  'redis',
]

describe('a server on the internet', () => {
  it.each(PRIVATE)('may not name an endpoint at %s', async (host) => {
    for (const name of ['token_endpoint', 'jwks_uri', 'registration_endpoint', 'authorization_endpoint']) {
      const { context, transport } = scriptedContext([{ json: { issuer: ISSUER, [name]: `https://${host}/x` } }])
      const failure = await errorOf(discoverAuthorizationServer(context, ISSUER))
      expect(failure).toMatchObject({ code: 'CONFIGURATION_ERROR', details: { reason: 'private_address' } })
      expect(failure.advice).toContain('allowPrivateHosts')
      transport.verify()
    }
  })

  it.each(PRIVATE)('may not name an authorization server or metadata at %s', async (host) => {
    const json = { resource: SERVER, authorization_servers: [`https://${host}/`] }
    const { context } = scriptedContext(() => ({ json }))
    expect((await errorOf(discoverProtectedResource(context, SERVER))).details.reason).toBe('private_address')
    const named = discoverProtectedResource(context, SERVER, `https://${host}/metadata`)
    expect((await errorOf(named)).details.reason).toBe('private_address')
  })

  it('may name a private host that the app allows', async () => {
    const metadata = { issuer: ISSUER, token_endpoint: 'https://10.0.0.5/token' }
    const { context } = scriptedContext([{ json: metadata }], { allowPrivateHosts: ['10.0.0.5'] })
    expect(await discoverAuthorizationServer(context, ISSUER)).toMatchObject(metadata)
  })

  it('is checked at connect time, but not if the author named it', async () => {
    const guards: [string, boolean | undefined][] = []
    const scripted = scriptedTransport(({ url }) =>
      url.includes('protected-resource')
        ? { json: { resource: SERVER, authorization_servers: [ISSUER] } }
        : {
            json: { issuer: ISSUER, authorization_endpoint: `${ISSUER}/a`, code_challenge_methods_supported: ['S256'] },
          },
    )
    const { context } = scriptedContext([], {
      ownOrigins: new Set(),
      transport: {
        send: (request) => {
          guards.push([new URL(request.url).host, request.guardAddresses])
          return scripted.send(request)
        },
      },
    })
    const { authorize } = await protocolOf(oauth2({ protectedResource: SERVER }))
    await authorize(context, ASK)
    expect(guards).toEqual([
      ['mcp.example', undefined],
      ['login.example', true],
    ])
  })
})

describe('a server on this machine', () => {
  it('may name others on this machine, and no metadata service', async () => {
    const issuer = 'http://127.0.0.1:9000'
    const metadata = { issuer, token_endpoint: 'http://localhost:9001/token' }
    const { context } = scriptedContext([{ json: metadata }])
    expect(await discoverAuthorizationServer(context, issuer)).toMatchObject(metadata)
    const evil = scriptedContext([{ json: { issuer, token_endpoint: 'https://169.254.169.254/token' } }])
    expect((await errorOf(discoverAuthorizationServer(evil.context, issuer))).details.reason).toBe('private_address')
  })
})

const shops = defineConnector({
  id: 'shops',
  name: 'Shops',
  baseUrl: ({ settings }) => `https://${settings.shop}/api/`,
  settings: z.object({ shop: z.string().default('shop.example') }),
  auth: apiKey({ header: 'x-key' }),
  tools: {
    read_note: tool({
      description: 'Read a note.',
      effect: 'read',
      input: z.object({}),
      output: z.object({ text: z.string() }),
      request: () => get('note'),
    }),
  },
})

describe('a host in the settings of a connection', () => {
  const setUp = (options: { readonly shop?: string; readonly allowPrivateHosts?: readonly string[] } = {}) => {
    const transport = scriptedTransport(({ url }) => ({ json: { text: url } }))
    const { shop, allowPrivateHosts } = options
    const mcp = createMcpClient({
      connectors: { shops: shops(shop === undefined ? {} : { shop }) },
      vault: vault(),
      transport,
      allowPrivateHosts,
    })
    return { transport, ada: mcp.as('ada') }
  }

  it.each(PRIVATE)('may not be %s', async (shop) => {
    const { ada, transport } = setUp()
    const failure = await errorOf(ada.shops.connect({ apiKey: 'key-1' }, { settings: { shop } }))
    expect(failure).toMatchObject({ code: 'INVALID_INPUT', details: { reason: 'private_address' } })
    expect(transport.requests).toEqual([])
  })

  it('may be one that the app allows', async () => {
    const { ada } = setUp({ allowPrivateHosts: ['*.internal'] })
    await ada.shops.connect({ apiKey: 'key-1' }, { settings: { shop: 'db.internal' } })
    expect(await ada.shops.call('read_note', {})).toEqual({ text: 'https://db.internal/api/note' })
  })

  it('may be any that the composition itself names', async () => {
    const { ada } = setUp({ shop: '10.0.0.5' })
    await ada.shops.connect({ apiKey: 'key-1' }, { settings: { shop: '10.0.0.5' } })
    expect(await ada.shops.call('read_note', {})).toEqual({ text: 'https://10.0.0.5/api/note' })
  })

  it('may not be that of a private token endpoint', async () => {
    const strategy = oauth2({
      authorizationUrl: ({ shop }) => `https://${String(shop)}/authorize`,
      tokenUrl: ({ shop }) => `https://${String(shop)}/token`,
    })
    const { authorize } = await protocolOf(strategy)
    const { context, transport } = scriptedContext([], { settings: { shop: '10.0.0.5' }, hostSettings: {} })
    expect((await errorOf(authorize(context, ASK))).details.reason).toBe('private_address')
    transport.verify()
    const own = scriptedContext([], { settings: { shop: '10.0.0.5' }, hostSettings: { shop: '10.0.0.5' } })
    expect((await authorize(own.context, ASK)).url).toContain('https://10.0.0.5/authorize')
  })
})

describe('undiciTransport', () => {
  it('refuses a peer with a private address before it sends anything, if guardAddresses is set', async () => {
    const seen: string[] = []
    const http = createServer((request, response) => {
      seen.push(request.url ?? '')
      response.end('hello')
    })
    http.listen(0, '127.0.0.1')
    await once(http, 'listening')
    const { port } = http.address() as AddressInfo
    const transport = undiciTransport()
    try {
      const request = { method: 'GET', url: `http://localhost:${port}/secret`, headers: {} }
      const refused = await transport.send({ ...request, guardAddresses: true }).catch((error: unknown) => error)
      expect(refused).toBeInstanceOf(TransportError)
      expect(refused).toMatchObject({ sent: false })
      expect(seen).toEqual([])
      expect(await (await transport.send(request)).text()).toBe('hello')
    } finally {
      await transport.close?.()
      http.close()
      await once(http, 'close')
    }
  })
})
