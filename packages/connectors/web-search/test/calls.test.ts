import { ConnectorError, createMcpClient, createRegistry } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { createFakeClock, errorOf, scriptedTransport } from '@mcpclient/testing'
import type { ScriptedReply } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { webSearch } from '../src/index.ts'
import type { WebSearchOptions } from '../src/index.ts'
import { SearchInput } from '../src/search.ts'

const KEY = 'key-4417-canary'
const options = {
  brave: { provider: 'brave', apiKey: KEY },
  tavily: { provider: 'tavily', apiKey: KEY },
  google: { provider: 'google', apiKey: KEY, engineId: 'e0f7heron' },
  proxy: { provider: 'proxy', apiKey: KEY, endpoint: 'https://search.acme.example/v1' },
} as const satisfies Readonly<Record<string, WebSearchOptions>>

const responses = {
  brave: {
    type: 'search',
    web: { results: [{ title: 'Tides', url: 'https://tides.example/', description: 'Today' }] },
  },
  tavily: { results: [{ title: 'Tides', url: 'https://tides.example/', content: 'Today' }] },
  google: { items: [{ title: 'Tides', link: 'https://tides.example/', snippet: 'Today' }] },
  proxy: { results: [{ title: 'Tides', url: 'https://tides.example/', snippet: 'Today' }] },
}

function start(composed: WebSearchOptions, script: readonly ScriptedReply[]) {
  const transport = scriptedTransport(script)
  const clock = createFakeClock()
  const mcp = createMcpClient({
    connectors: { web: webSearch(composed) },
    vault: vault(),
    transport,
    clock,
    random: () => 0,
  })
  return { clock, transport, web: mcp.as('ada').web }
}

const providers = ['brave', 'tavily', 'google', 'proxy'] as const

describe('one tool over four providers', () => {
  it.each(providers)('%s returns the same form', async (provider) => {
    const { web, transport } = start(options[provider], [{ json: responses[provider] }])
    expect(await web.call('search', { query: 'tides' })).toEqual({
      results: [{ title: 'Tides', url: 'https://tides.example/', snippet: 'Today' }],
      more: false,
    })
    transport.verify()
  })

  it.each(providers)('%s returns an empty list without results', async (provider) => {
    const nothing = {
      brave: { type: 'search' },
      tavily: { results: [] },
      google: { kind: 'customsearch#search' },
      proxy: { results: [] },
    }
    const { web } = start(options[provider], [{ json: nothing[provider] }])
    expect(await web.call('search', { query: 'tides' })).toEqual({ results: [], more: false })
  })

  it.each(providers)('%s may omit the text of a result', async (provider) => {
    const bare = {
      brave: { type: 'search', web: { results: [{ url: 'https://tides.example/', title: null }] } },
      tavily: { results: [{ url: 'https://tides.example/', content: null }] },
      google: { items: [{ link: 'https://tides.example/', pagemap: { metatags: 'none' } }] },
      proxy: { results: [{ url: 'https://tides.example/', snippet: null }] },
    }
    const { web } = start(options[provider], [{ json: bare[provider] }])
    const { results } = await web.call('search', { query: 'tides' })
    expect(results).toEqual([{ title: '', url: 'https://tides.example/', snippet: '' }])
  })

  it.each(providers)('%s is described to an agent in the same words', async (provider) => {
    const searchOf = async (of: WebSearchOptions) =>
      (await start(of, []).web.listTools()).find(({ name }) => name === 'search')
    const [tool, brave] = [await searchOf(options[provider]), await searchOf(options.brave)]
    expect(tool).toMatchObject({ description: brave?.description, examples: brave?.examples })
    // A provider may take more, and never less.
    expect(tool?.inputSchema).toMatchObject(brave?.inputSchema ?? {})
    expect(tool?.outputSchema).toMatchObject({ required: ['results', 'more'] })
  })
})

it('has a second name', async () => {
  const { web, transport } = start(options.brave, [{ json: responses.brave }])
  expect(await web.call('perform_search', { query: 'tides' })).toMatchObject({ more: false })
  expect(transport.requests[0]?.path).toBe('/res/v1/web/search')
})

describe('a search service of your own', () => {
  it('receives the input as query parameters, and the key as bearer token', async () => {
    const { web, transport } = start(options.proxy, [{ json: responses.proxy }])
    await web.call('search', { query: 'tides & more', count: 3, freshness: 'week' })
    expect(transport.requests).toMatchObject([
      {
        method: 'GET',
        headers: { authorization: `Bearer ${KEY}` },
        query: { query: 'tides & more', count: '3', page: '1', freshness: 'week' },
      },
    ])
    expect(transport.requests[0]?.url).toMatch(/^https:\/\/search\.acme\.example\/v1\/search\?/)
  })

  it.each(['https://search.acme.example/?a=b', 'ftp://search.acme.example/', 'search.acme.example'])(
    'is not at %s',
    (endpoint) => {
      expect(() => webSearch({ ...options.proxy, endpoint })).toThrow('endpoint')
    },
  )
})

describe('a provider', () => {
  it('receives the key in a header: Brave', async () => {
    const { web, transport } = start(options.brave, [{ json: responses.brave }])
    await web.call('search', { query: 'tides' })
    expect(transport.requests).toMatchObject([
      {
        method: 'GET',
        path: '/res/v1/web/search',
        headers: { 'x-subscription-token': KEY },
        query: { q: 'tides', count: '10', offset: '0', text_decorations: 'false', result_filter: 'web,query' },
      },
    ])
    expect(transport.requests[0]?.url).toMatch(/^https:\/\/api\.search\.brave\.com\//)
  })

  it('receives the key as a bearer token: Tavily', async () => {
    const { web, transport } = start(options.tavily, [{ json: responses.tavily }])
    await web.call('search', { query: 'tides', country: 'gb', safe: 'strict' })
    expect(transport.requests).toMatchObject([
      {
        method: 'POST',
        url: 'https://api.tavily.com/search',
        headers: { authorization: `Bearer ${KEY}` },
        json: { query: 'tides', max_results: 10, country: 'united kingdom', safe_search: true },
      },
    ])
  })

  it('receives the key in a header, and the engine in the query: Google', async () => {
    const { web, transport } = start(options.google, [{ json: responses.google }])
    await web.call('search', { query: 'tides', page: 2, safe: 'off' })
    expect(transport.requests).toMatchObject([
      {
        method: 'GET',
        path: '/customsearch/v1',
        headers: { 'x-goog-api-key': KEY },
        query: { cx: 'e0f7heron', q: 'tides', num: '10', start: '11', safe: 'off' },
      },
    ])
    expect(transport.requests[0]?.url).toMatch(/^https:\/\/customsearch\.googleapis\.com\//)
  })

  it.each(providers)('%s signs the same way behind a proxy', async (provider) => {
    const proxied = { ...options[provider], baseUrl: 'https://proxy.example/search/' }
    const { web, transport } = start(proxied, [{ json: responses[provider] }])
    await web.call('search', { query: 'tides' })
    const [request] = transport.requests
    expect(request?.url).toMatch(/^https:\/\/proxy\.example\/search\//)
    expect(JSON.stringify(request?.headers)).toContain(KEY)
    expect(request?.url).not.toContain(KEY)
  })

  it("waits for Brave's limit of a second, not of a month", async () => {
    const limited = {
      status: 429,
      headers: { 'x-ratelimit-remaining': '0, 14000', 'x-ratelimit-reset': '1, 1419704' },
      json: { type: 'ErrorResponse', error: { code: 'RATE_LIMITED', status: 429 } },
    }
    const { web, clock, transport } = start(options.brave, [limited, { json: responses.brave }])
    await clock.until(web.call('search', { query: 'tides' }))
    expect(clock.monotonic()).toBe(1000)
    transport.verify()
  })
})

describe('an input', () => {
  it.each([
    ['page', { page: 2 }],
    ['language', { language: 'de' }],
    ['country', { country: 'AQ' }],
  ])('is rejected with a %s that Tavily lacks', async (path, option) => {
    const { web, transport } = start(options.tavily, [])
    const error = await errorOf(web.call('search', { query: 'tides', ...option }))
    expect(error).toMatchObject({ code: 'INVALID_INPUT', details: { issues: [{ path }] } })
    transport.verify()
  })

  it.each([
    ['an empty query', { query: '  ' }],
    ['a query of 401 characters', { query: 'x'.repeat(401) }],
    ['a query of 51 words', { query: Array.from({ length: 51 }, () => 'tide').join(' ') }],
    ['more than ten results', { query: 'tides', count: 11 }],
    ['a tenth page', { query: 'tides', page: 10 }],
    ['a country by name', { query: 'tides', country: 'Germany' }],
    ['a language by name', { query: 'tides', language: 'German' }],
  ])('is rejected if it is %s', (_what, input) => {
    expect(SearchInput.safeParse(input).success).toBe(false)
  })

  it('may be the largest query and the last page', () => {
    const query = Array.from({ length: 50 }, () => 'tide').join(' ')
    expect(SearchInput.safeParse({ query, count: 10, page: 9, country: 'de', language: 'DE' })).toMatchObject({
      success: true,
      data: { query, country: 'DE', language: 'de' },
    })
  })
})

describe('composition', () => {
  it('rejects an unknown provider with the list of providers', () => {
    const wrong = { provider: 'bing', apiKey: KEY } as unknown as WebSearchOptions
    expect(() => webSearch(wrong)).toThrow('There is no search provider "bing".')
    expect(() => webSearch({ provider: 'constructor' } as unknown as WebSearchOptions)).toThrow(ConnectorError)
    expect(() => webSearch()).toThrow('There is no search provider "".')
  })

  it('rejects Google without an engine', () => {
    const wrong = { provider: 'google', apiKey: KEY } as unknown as WebSearchOptions
    expect(() => webSearch(wrong)).toThrow('engineId')
  })

  it('reads the provider from a configuration', async () => {
    const registry = createRegistry([webSearch])
    const web = registry.create({ type: 'web-search', provider: 'tavily', apiKey: KEY })
    const transport = scriptedTransport([{ json: responses.tavily }])
    const mcp = createMcpClient({ connectors: { web }, vault: vault(), transport, clock: createFakeClock() })
    expect(
      await mcp.handle({ server_id: 'web', tool_name: 'search', tool_input: { query: 'tides' } }, 'ada'),
    ).toMatchObject({
      status: 'success',
      tool_output: { results: [{ title: 'Tides' }] },
    })
  })

  it.each(providers)("verifies a tenant's own key before it is stored: %s", async (provider) => {
    const { apiKey: _apiKey, ...keyless } = options[provider]
    const { web, transport } = start(keyless, [{ status: 401, json: {} }])
    expect((await errorOf(web.connect({ apiKey: KEY }))).code).toBe('MCP_AUTHENTICATION_FAILURE')
    expect(await web.isConnected()).toBe(false)
    transport.verify()
  })

  it.each(providers)('never leaks a key that %s repeats', async (provider) => {
    const said = `The key ${KEY} is not valid`
    const body = { error: { code: 400, message: said, errors: [{ reason: said }] }, detail: { error: said } }
    const { web } = start(options[provider], [{ status: 400, json: body }])
    expect(JSON.stringify(await errorOf(web.call('search', { query: 'tides' })))).not.toContain(KEY)
  })
})
