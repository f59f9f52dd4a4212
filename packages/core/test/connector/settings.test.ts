import { errorOf, scriptedTransport } from '@mcpclient/testing'
import * as z from 'zod'
import { describe, expect, it } from 'vitest'
import { createMcpClient, memoryStore } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { bearer, defineConnector, get, noAuth, oauth2, tool } from '@mcpclient/core/define'

const Settings = z.object({
  shop: z.string().min(1).describe('The name of the shop.'),
  version: z.string().default('v1'),
})

const define = <Auth extends ReturnType<typeof bearer>>(auth: Auth) =>
  defineConnector({
    id: 'odd-shop',
    name: 'Odd Shop',
    baseUrl: ({ settings }) => `https://${settings.shop}.oddshop.example/${settings.version}/`,
    auth,
    settings: Settings,
    tools: {
      list: tool({
        description: 'List.',
        effect: 'read',
        input: z.object({}),
        output: z.object({}),
        request: () => get('items'),
      }),
    },
  })

const oddShop = define(bearer())

function running(connector = oddShop()) {
  const transport = scriptedTransport(() => ({ json: {} }))
  const store = memoryStore()
  const mcp = createMcpClient({ connectors: { shop: connector }, transport, vault: vault({ store }) })
  return { transport, store, ada: mcp.as('ada').shop }
}

describe('settings of each connection', () => {
  it('may be missing in the composition, and are used by the connection that has them', async () => {
    const { ada, transport } = running()
    await ada.connect({ token: 't1' }, { settings: { shop: 'ada' } })
    await ada.call('list', {})
    expect(transport.requests[0]?.url).toBe('https://ada.oddshop.example/v1/items')
  })

  it('may be given in part by the composition', async () => {
    const { ada, transport } = running(oddShop({ version: 'v2' }))
    await ada.connect({ token: 't1' }, { settings: { shop: 'ada' } })
    await ada.call('list', {})
    expect(transport.requests[0]?.url).toBe('https://ada.oddshop.example/v2/items')
  })

  it.each([
    ['no settings', undefined, 'shop'],
    ['empty settings', {}, 'shop'],
    ['a wrong value', { shop: '' }, 'shop'],
    ['a wrong type', { shop: 5 }, 'shop'],
    ['an unknown name', { shop: 'ada', verson: 'v2' }, 'verson'],
  ])('are checked by connect() with %s, before anything is stored', async (_name, settings, path) => {
    const { ada, store, transport } = running()
    const error = await errorOf(ada.connect({ token: 't1' }, { settings: settings as never }))
    expect(error).toMatchObject({ code: 'INVALID_INPUT', details: { issues: [{ path }] } })
    expect(transport.requests).toHaveLength(0)
    expect((await store.list('')).entries).toHaveLength(0)
  })

  it('are never used while they are incomplete', async () => {
    const { store } = running()
    const complete = createMcpClient({
      connectors: { shop: oddShop({ shop: 'all' }) },
      vault: vault({ store }),
      transport: scriptedTransport([]),
    })
    await complete.as('ada').shop.connect({ token: 't1' })
    const transport = scriptedTransport(() => ({ json: {} }))
    const mcp = createMcpClient({ connectors: { shop: oddShop() }, vault: vault({ store }), transport })
    const error = await errorOf(mcp.as('ada').shop.call('list', {}))
    expect(error).toMatchObject({
      code: 'CONFIGURATION_ERROR',
      details: { reason: 'settings_missing', issues: [{ path: 'shop' }] },
    })
    expect(transport.requests).toHaveLength(0)
  })

  it('have to be complete if the app holds the credential', () => {
    expect(() => oddShop({ token: 't1' })).toThrow('The settings of odd-shop are invalid: shop')
    expect(() => oddShop({ token: 't1', shop: 'all' })).not.toThrow()
  })

  it('are listed for a form', async () => {
    expect(await oddShop().describeSettings?.()).toMatchObject([
      { name: 'shop', required: true, description: 'The name of the shop.', schema: { type: 'string' } },
      { name: 'version', required: false, schema: { default: 'v1' } },
    ])
    expect(await oddShop({ shop: 'all' }).describeSettings?.()).toMatchObject([
      { required: false },
      { required: false },
    ])
  })

  it('are requested before a user is redirected, and kept until the callback', async () => {
    const agreed = defineConnector({
      id: 'agreed-shop',
      name: 'Agreed Shop',
      baseUrl: ({ settings }) => `https://${settings.shop}.oddshop.example/`,
      auth: oauth2({
        authorizationUrl: ({ shop }) => `https://${String(shop)}.oddshop.example/authorize`,
        tokenUrl: ({ shop }) => `https://${String(shop)}.oddshop.example/token`,
      }),
      settings: z.object({ shop: z.string() }),
      tools: {
        list: tool({
          description: 'List.',
          effect: 'read',
          input: z.object({}),
          output: z.object({}),
          request: () => get('items'),
        }),
      },
    })
    const transport = scriptedTransport(({ method }) =>
      method === 'POST' ? { json: { access_token: 'a1', token_type: 'Bearer' } } : { json: {} },
    )
    const mcp = createMcpClient({
      connectors: { shop: agreed({ clientId: 'c1', clientSecret: 's1' }) },
      transport,
      vault: vault({ redirectUri: 'https://app.example/cb' }),
    })
    const { shop } = mcp.as('ada')
    expect(await errorOf(shop.connect())).toMatchObject({
      code: 'INVALID_INPUT',
      details: { issues: [{ path: 'shop' }] },
    })
    const begun = await shop.connect(undefined, { settings: { shop: 'ada' } })
    if (begun.status !== 'authorize') throw new Error('No user was asked.')
    const url = new URL(begun.url)
    expect(url.host).toBe('ada.oddshop.example')
    await mcp.completeAuthorization(`https://app.example/cb?code=x&state=${url.searchParams.get('state')}`, 'ada')
    await shop.call('list', {})
    expect(transport.requests.at(-1)?.url).toBe('https://ada.oddshop.example/items')
  })
})

describe('the options of a factory', () => {
  it.each([
    ['an unknown one', { shp: 'x' }, 'shp is not an option; did you mean shop'],
    ['a misspelt credential', { tokn: 'x' }, 'tokn is not an option; did you mean token'],
  ])('are rejected with %s', (_name, options, message) => {
    expect(() => oddShop(options as never)).toThrow(message)
  })
})

describe('defineConnector', () => {
  const whole = { id: 'odd', name: 'Odd', baseUrl: 'https://odd.example/v1/', auth: noAuth, tools: {} } as const

  it.each([
    ['a base URL without a trailing slash', { baseUrl: 'https://odd.example/v1' }, 'no trailing slash'],
    ['a base URL without a path', { baseUrl: 'https://odd.example' }, 'no trailing slash'],
    ['a base URL that is none', { baseUrl: 'odd.example/' }, 'not an absolute URL'],
    ['a base URL with a query', { baseUrl: 'https://odd.example/?a=b/' }, 'a query or a fragment'],
    [
      'a setting named as the credential',
      { auth: bearer(), settings: z.object({ token: z.string() }) },
      'the setting "token"',
    ],
    ['a setting named baseUrl', { settings: z.object({ baseUrl: z.string() }) }, 'the setting "baseUrl"'],
    [
      'a setting named as the app',
      {
        auth: oauth2({ authorizationUrl: 'https://a.example/a', tokenUrl: 'https://a.example/t' }),
        settings: z.object({ clientId: z.string() }),
      },
      'the setting "clientId"',
    ],
  ])('rejects %s', (_name, part, message) => {
    // As in JavaScript, where the compiler rejects none of them.
    const mixed: never = { ...whole, ...part } as never
    expect(() => defineConnector(mixed)).toThrow(message)
  })

  it.each(['/x', '/v1/items'])('rejects requests with the path %s', (path) => {
    expect(() => get(path)).toThrow('starts with a slash')
  })
})
