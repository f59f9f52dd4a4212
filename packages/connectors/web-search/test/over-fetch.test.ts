import { http, HttpResponse } from 'msw'
import { setupServer } from 'msw/node'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { createMcpClient, fetchTransport } from '@mcpclient/core'
import { kyTransport } from '@mcpclient/core/transports'
import { webSearch } from '../src/index.ts'

// The whole path of a call, with the transports of a host: msw intercepts `fetch` below them.
const server = setupServer()
beforeAll(() => {
  server.listen({ onUnhandledFrame: 'error' })
})
afterEach(() => {
  server.resetHandlers()
})
afterAll(() => {
  server.close()
})

it.each([
  ['kyTransport', kyTransport],
  ['fetchTransport', fetchTransport],
] as const)('sends a search and reads its results over %s', async (_name, transport) => {
  const received: { readonly url: URL; readonly key: string | null }[] = []
  server.use(
    http.get('https://api.search.brave.com/res/v1/web/search', ({ request }) => {
      received.push({ url: new URL(request.url), key: request.headers.get('x-subscription-token') })
      return HttpResponse.json({
        web: { results: [{ title: 'Tides', url: 'https://tides.example/', description: 'High and low.' }] },
      })
    }),
  )
  const mcp = createMcpClient({
    connectors: { web: webSearch({ provider: 'brave', apiKey: 'key-1' }) },
    transport: transport(),
  })
  const { results } = await mcp.as('ada').web.call('search', { query: 'tide table & more', count: 3 })
  expect(results).toEqual([{ title: 'Tides', url: 'https://tides.example/', snippet: 'High and low.' }])
  expect(received.map(({ key }) => key)).toEqual(['key-1'])
  expect(Object.fromEntries(received[0]?.url.searchParams ?? [])).toMatchObject({ q: 'tide table & more', count: '3' })
})

it('retries a 503, but not a 401', async () => {
  let requests = 0
  server.use(
    http.post('https://api.tavily.com/search', () => {
      requests += 1
      return requests === 1
        ? HttpResponse.json({}, { status: 503 })
        : HttpResponse.json({ detail: { error: 'Unauthorized' } }, { status: 401 })
    }),
  )
  const mcp = createMcpClient({
    connectors: { web: webSearch({ provider: 'tavily', apiKey: 'key-2' }) },
    retry: { baseMs: 1 },
  })
  await expect(mcp.as('ada').web.call('search', { query: 'x' })).rejects.toMatchObject({
    code: 'MCP_AUTHENTICATION_FAILURE',
    details: { attempts: 2 },
  })
  expect(requests).toBe(2)
})
