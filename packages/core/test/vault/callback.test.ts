import * as z from 'zod'
import { createFakeClock, errorOf, scriptedTransport } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { createMcpClient, memoryStore } from '@mcpclient/core'
import type { ConnectResult } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { defineConnector, get, oauth2, tool } from '@mcpclient/core/define'
import type { OAuth2Definition } from '@mcpclient/core/define'

const APP = { clientId: 'app-1', clientSecret: 'client-secret' } as const
const company = z.object({ realmId: z.string().regex(/^\d+$/).optional(), region: z.enum(['us', 'eu']).optional() })
const PUBLIC = 'https://app.example/oauth/callback'

const serviceWith = (id: string, host: string, definition: Partial<OAuth2Definition> = {}) =>
  defineConnector({
    id,
    name: id,
    baseUrl: `https://api.${host}/`,
    settings: company,
    auth: oauth2({
      authorizationUrl: `https://login.${host}/authorize`,
      tokenUrl: `https://login.${host}/token`,
      scopes: ['read'],
      ...definition,
    } as OAuth2Definition & { readonly registration?: undefined }),
    tools: {
      read_note: tool({
        description: 'Read a note.',
        effect: 'read',
        input: z.object({}),
        output: z.object({ text: z.string() }),
        request: (_input, { settings }) => get('note', company.parse(settings)),
      }),
    },
  })

function composed(redirectUri = PUBLIC, definition: Partial<OAuth2Definition> = {}) {
  const clock = createFakeClock()
  const transport = scriptedTransport(({ url }) =>
    url.includes('/token')
      ? { json: { access_token: 'access-1', token_type: 'bearer', refresh_token: 'refresh-1', expires_in: 3600 } }
      : { json: { text: url } },
  )
  const mcp = createMcpClient({
    connectors: {
      books: serviceWith('books', 'books.example', definition)(APP),
      honest: serviceWith('honest', 'honest.example')(APP),
      evil: serviceWith('evil', 'evil.example')(APP),
    },
    vault: vault({ store: memoryStore({ clock }), redirectUri }),
    transport,
    clock,
  })
  const tokens = () => transport.requests.filter(({ url }) => url.includes('/token')).map(({ url }) => url)
  return { mcp, ada: mcp.as('ada'), transport, tokens }
}

const urlOf = (result: ConnectResult): URL => {
  if (result.status !== 'authorize') throw new Error(`not to authorize but ${result.status}`)
  return new URL(result.url)
}

/** Returns the query of the provider's redirect. */
const queryFor = (url: URL, extra: Readonly<Record<string, string>> = {}): string =>
  `?${new URLSearchParams({ code: 'code-1', state: url.searchParams.get('state') ?? '', ...extra })}`

describe('a callback behind a proxy', () => {
  it.each([
    ['as it was sent', PUBLIC],
    ['over http, because a proxy ends TLS', 'http://app.example/oauth/callback'],
    ['over http and on an inner port', 'http://app.example:8080/oauth/callback'],
    ['on an inner port', 'https://app.example:8443/oauth/callback'],
    ['with a host in capital letters', 'http://APP.example/oauth/callback'],
    ['as a path and a query', '/oauth/callback'],
  ])('completes %s', async (_name, address) => {
    const { mcp, ada } = composed()
    const query = queryFor(urlOf(await ada.books.connect()))
    expect(await mcp.completeAuthorization(`${address}${query}`, 'ada')).toMatchObject({ status: 'connected' })
  })

  it.each([
    ['another host', 'https://evil.example/oauth/callback'],
    ['an inner host', 'http://localhost:3000/oauth/callback'],
    ['an inner address', 'http://10.0.0.5:8080/oauth/callback'],
    ['a host below', 'https://x.app.example/oauth/callback'],
    ['another path', 'https://app.example/callback'],
    ['another path alone', '/callback'],
    ['a path in other letters', '/oauth/Callback'],
    ['a slash more', 'https://app.example/oauth/callback/'],
    ['another scheme', 'ftp://app.example/oauth/callback'],
  ])('is rejected at %s, is not consumed, and the error names both URLs', async (_name, address) => {
    const { mcp, ada, tokens } = composed()
    const query = queryFor(urlOf(await ada.books.connect()))
    const failure = await errorOf(mcp.completeAuthorization(`${address}${query}`, 'ada'))
    expect(failure.details.reason).toBe('redirect_mismatch')
    expect(failure.message).toContain(address)
    expect(failure.message).toContain(PUBLIC)
    expect(JSON.stringify(failure)).not.toContain('code-1')
    expect(failure.advice).toContain('proxy')
    expect(tokens()).toEqual([])
    expect(await mcp.completeAuthorization(`${PUBLIC}${query}`, 'ada')).toMatchObject({ status: 'connected' })
  })

  it('must repeat the parameters of the redirect URI', async () => {
    const { mcp, ada } = composed(`${PUBLIC}?from=app`)
    const query = queryFor(urlOf(await ada.books.connect()))
    expect((await errorOf(mcp.completeAuthorization(`${PUBLIC}${query}`, 'ada'))).details.reason).toBe(
      'redirect_mismatch',
    )
    expect(await mcp.completeAuthorization(`${PUBLIC}${query}&from=app`, 'ada')).toMatchObject({ status: 'connected' })
  })

  it('must arrive at the exact origin if the redirect URI is a loopback URL', async () => {
    const { mcp, ada } = composed('http://127.0.0.1:7777/callback')
    const query = queryFor(urlOf(await ada.books.connect()))
    for (const origin of ['http://127.0.0.1:8888', 'https://127.0.0.1:7777', 'http://localhost:7777']) {
      const failure = await errorOf(mcp.completeAuthorization(`${origin}/callback${query}`, 'ada'))
      expect(failure.details.reason).toBe('redirect_mismatch')
    }
    expect(await mcp.completeAuthorization(`http://127.0.0.1:7777/callback${query}`, 'ada')).toMatchObject({
      status: 'connected',
    })
  })

  it('distinguishes the custom schemes of two apps', async () => {
    const { mcp, ada } = composed('com.example.app:/callback')
    const query = queryFor(urlOf(await ada.books.connect()))
    expect((await errorOf(mcp.completeAuthorization(`com.evil.app:/callback${query}`, 'ada'))).details.reason).toBe(
      'redirect_mismatch',
    )
    expect(await mcp.completeAuthorization(`com.example.app:/callback${query}`, 'ada')).toMatchObject({
      status: 'connected',
    })
  })

  it('is not consumed if this process has no such connector', async () => {
    const { mcp, ada } = composed()
    const query = queryFor(urlOf(await ada.books.connect()))
    const connector = serviceWith('books', 'books.example', {})(APP)
    await mcp.remove('books')
    expect((await errorOf(mcp.completeAuthorization(`${PUBLIC}${query}`, 'ada'))).code).toBe('ROUTING_ERROR')
    mcp.register('books', connector)
    expect(await mcp.completeAuthorization(`${PUBLIC}${query}`, 'ada')).toMatchObject({ status: 'connected' })
  })

  it.each(['//evil.example/oauth/callback?state=a', '/\\evil.example?state=a', 'oauth/callback?state=a', '', '/oauth'])(
    '%j is no callback',
    async (callback) => {
      const { mcp } = composed()
      const failure = await errorOf(mcp.completeAuthorization(callback, 'ada'))
      expect(['INVALID_INPUT', 'MCP_AUTHENTICATION_FAILURE']).toContain(failure.code)
    },
  )
})

describe('a callback from another server than the login started at', () => {
  it('is rejected before a code is sent if each connector has its own redirect URI', async () => {
    const { mcp, ada, tokens } = composed('https://app.example/oauth/{serverId}/callback')
    const evil = urlOf(await ada.evil.connect())
    expect(evil.searchParams.get('redirect_uri')).toBe('https://app.example/oauth/evil/callback')
    // The evil server redirects the user to the honest one, which returns to the only redirect URI that it knows.
    const callback = `https://app.example/oauth/honest/callback${queryFor(evil)}`
    expect((await errorOf(mcp.completeAuthorization(callback, 'ada'))).details.reason).toBe('redirect_mismatch')
    expect(tokens()).toEqual([])
  })

  it('completes at the redirect URI of its own connector', async () => {
    const { mcp, ada, tokens } = composed('https://app.example/oauth/{serverId}/callback')
    const url = urlOf(await ada.honest.connect())
    const callback = `https://app.example/oauth/honest/callback${queryFor(url)}`
    expect(await mcp.completeAuthorization(callback, 'ada')).toMatchObject({ status: 'connected', serverId: 'honest' })
    expect(tokens()).toEqual(['https://login.honest.example/token'])
  })

  it('sends the code only to the token endpoint of the server that the login started at', async () => {
    const { mcp, ada, tokens } = composed()
    const query = queryFor(urlOf(await ada.honest.connect()))
    await mcp.remove('honest')
    mcp.register('honest', serviceWith('honest', 'moved.example')(APP))
    const failure = await errorOf(mcp.completeAuthorization(`${PUBLIC}${query}`, 'ada'))
    expect(failure.details.reason).toBe('server_changed')
    expect(tokens()).toEqual([])
  })
})

describe('settings in the callback', () => {
  const definition = { authorize: { settings: { realmId: 'realmId', region: 'location' } } }

  it('are stored with the connection and used by its calls', async () => {
    const { mcp, ada } = composed(PUBLIC, definition)
    const query = queryFor(urlOf(await ada.books.connect()), { realmId: '4620816365', location: 'eu', other: 'x' })
    await mcp.completeAuthorization(`${PUBLIC}${query}`, 'ada')
    expect(await ada.books.call('read_note', {})).toEqual({
      text: 'https://api.books.example/note?realmId=4620816365&region=eu',
    })
  })

  it('are replaced by those of the next login', async () => {
    const { mcp, ada } = composed(PUBLIC, definition)
    for (const realmId of ['1', '2']) {
      const query = queryFor(urlOf(await ada.books.connect()), { realmId })
      await mcp.completeAuthorization(`${PUBLIC}${query}`, 'ada')
    }
    expect(await ada.books.call('read_note', {})).toEqual({ text: 'https://api.books.example/note?realmId=2' })
  })

  it.each([
    ['does not fit the schema', { realmId: 'no-number' }],
    ['is empty', { realmId: '' }],
    ['is too long', { realmId: '1'.repeat(513) }],
    ['has a space in it', { realmId: '1 2' }],
    ['has an invisible character in it', { realmId: '1\u200B2' }],
    ['is a host of its own', { location: 'evil.example' }],
  ])('are rejected before the code is exchanged if one %s', async (_name, extra) => {
    const { mcp, ada, tokens } = composed(PUBLIC, definition)
    const query = queryFor(urlOf(await ada.books.connect()), extra)
    const failure = await errorOf(mcp.completeAuthorization(`${PUBLIC}${query}`, 'ada'))
    expect(failure).toMatchObject({ code: 'INVALID_INPUT', details: { outcome: 'not_processed' } })
    expect(tokens()).toEqual([])
  })

  it('are rejected if one occurs twice', async () => {
    const { mcp, ada } = composed(PUBLIC, definition)
    const query = queryFor(urlOf(await ada.books.connect()), { realmId: '1' })
    expect((await errorOf(mcp.completeAuthorization(`${PUBLIC}${query}&realmId=2`, 'ada'))).code).toBe('INVALID_INPUT')
  })

  it('must be the settings passed to connect()', async () => {
    const { mcp, ada, tokens } = composed(PUBLIC, definition)
    const settings = { realmId: '1' }
    const other = queryFor(urlOf(await ada.books.connect(undefined, { settings })), { realmId: '2' })
    expect((await errorOf(mcp.completeAuthorization(`${PUBLIC}${other}`, 'ada'))).details.reason).toBe(
      'settings_mismatch',
    )
    expect(tokens()).toEqual([])
    const same = queryFor(urlOf(await ada.books.connect(undefined, { settings })), { realmId: '1' })
    expect(await mcp.completeAuthorization(`${PUBLIC}${same}`, 'ada')).toMatchObject({ status: 'connected' })
  })

  it('are ignored if none are declared', async () => {
    const { mcp, ada } = composed()
    const query = queryFor(urlOf(await ada.books.connect()), { realmId: '4620816365' })
    await mcp.completeAuthorization(`${PUBLIC}${query}`, 'ada')
    expect(await ada.books.call('read_note', {})).toEqual({ text: 'https://api.books.example/note' })
  })

  it.each(['code', 'state', 'iss', 'error', 'access_token'])('cannot be read from the parameter %s', (parameter) => {
    expect(() => serviceWith('books', 'books.example', { authorize: { settings: { realmId: parameter } } })).toThrow(
      parameter,
    )
  })
})
