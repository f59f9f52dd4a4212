import { once } from 'node:events'
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { createMcpClient } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { errorOf } from '@mcpclient/testing'
import { mcpServer } from '@mcpclient/mcp'
import type { HttpServerOptions } from '@mcpclient/mcp'
import { resultText } from '../support/result-text.ts'
import { rogueHttpServer, rpcError } from '../support/rogue-http.ts'
import { thingsToClose } from '../support/things-to-close.ts'

const toClose = thingsToClose()
const url = 'https://docs.example/mcp'

const clientOf = (options: Partial<HttpServerOptions> & { readonly token?: string }) =>
  toClose(
    createMcpClient({
      connectors: { docs: mcpServer({ url, ...options }) },
      vault: vault(),
      retry: { baseMs: 1, maxMs: 2 },
    }),
  )

/** Returns the error of a call that gets this response. */
async function failureOf(
  respond: () => Response,
  options: Partial<HttpServerOptions> & { readonly token?: string } = {},
) {
  const server = rogueHttpServer()
  const { docs } = clientOf({ fetch: server.fetch, ...options }).as('ada')
  await docs.call('echo', {})
  server.respond = (_request, rpc) => (rpc === 'tools/call' ? respond() : undefined)
  return errorOf(docs.call('echo', {}))
}

const text = (status: number, body: string, type = 'text/plain') =>
  new Response(body, { status, headers: { 'content-type': type } })

describe('a 4xx', () => {
  it.each([
    ['text', () => text(403, 'Your plan does not include MCP'), 'docs returned 403: Your plan does not include MCP.'],
    [
      'JSON-RPC',
      () => rpcError(400, -32602, 'page must be positive'),
      'docs returned error -32602: page must be positive.',
    ],
    ['a 404 of JSON-RPC', () => rpcError(403, -32601, 'No such tool'), 'docs returned error -32601: No such tool.'],
    [
      'an OAuth error',
      () => Response.json({ error: 'plan_required', error_description: 'Upgrade first' }, { status: 402 }),
      'docs returned 402: Upgrade first.',
    ],
    [
      'problem details',
      () => Response.json({ title: 'Forbidden', detail: 'Outside of office hours.' }, { status: 403 }),
      'docs returned 403: Outside of office hours.',
    ],
    [
      'a message',
      () => Response.json({ message: 'Blocked by policy' }, { status: 403 }),
      'docs returned 403: Blocked by policy.',
    ],
    [
      'a list of details',
      () => Response.json({ detail: [{ msg: 'Field required' }] }, { status: 422 }),
      'docs returned 422: Field required.',
    ],
    ['a web page', () => text(403, '<html><body>no</body></html>', 'text/html'), 'docs returned 403.'],
    ['nothing', () => text(403, ''), 'docs returned 403.'],
    [
      'zero-width and bidi characters',
      () => text(403, 'Your\u200b plan\u202e is\u0007 over'),
      'docs returned 403: Your plan is over.',
    ],
  ])("is reported with the server's words in %s", async (_, respond, message) => {
    expect(await failureOf(respond)).toMatchObject({ message, details: { outcome: 'not_processed', attempts: 1 } })
  })

  it("is reported with the server's code", async () => {
    expect((await failureOf(() => rpcError(400, -32602, 'no'))).details.providerCode).toBe('-32602')
    expect((await failureOf(() => rpcError(403, -32601, 'no'))).code).toBe('TOOL_NOT_SUPPORTED')
  })

  it('is reported within a limit, however long the body is', async () => {
    const { message } = await failureOf(() => text(403, 'so it is. '.repeat(100_000)))
    expect(message.length).toBeLessThan(400)
  })

  it('is reported without secrets that the server repeats', async () => {
    const failure = await failureOf(
      () => text(403, 'Key canary\u200b-key-123 is over, and so is Bearer app-token-98765'),
      {
        headers: { 'x-api-key': 'canary-key-123' },
        token: 'app-token-98765',
      },
    )
    expect(JSON.stringify(failure)).not.toMatch(/canary-key-123|app-token-98765/)
  })

  it('is reported by connect() as well', async () => {
    const fetch = () => Promise.resolve(text(403, 'Your plan does not include MCP'))
    const { docs } = clientOf({ fetch }).as('ada')
    expect((await errorOf(docs.call('echo', {}))).message).toBe('docs returned 403: Your plan does not include MCP.')
    expect((await errorOf(docs.connect())).message).toContain('Your plan does not include MCP')
  })
})

describe('a 5xx and a 429', () => {
  it.each([
    [503, 'docs returned 503: Back at noon.'],
    [429, 'docs received too many requests: Back at noon.'],
  ])("is reported with the server's words: %i", async (status, message) => {
    expect((await failureOf(() => text(status, 'Back at noon.'))).message).toBe(message)
  })

  it('is recognized although its body breaks off', async () => {
    const broken = () =>
      new Response(
        new ReadableStream({
          start(controller) {
            controller.error(new Error('cut'))
          },
        }),
        { status: 429, headers: { 'retry-after': '31536001' } },
      )
    expect(await failureOf(broken)).toMatchObject({ code: 'MCP_RATE_LIMIT_EXCEEDED', details: { attempts: 1 } })
  })
})

describe('a redirect', () => {
  it.each([
    [
      'https://evil.example/mcp?key=canary-1',
      307,
      'docs redirects to another origin (https://evil.example/mcp), which is not followed.',
    ],
    ['http://docs.example/mcp', 308, 'docs redirects to plain http (http://docs.example/mcp), which is not followed.'],
    ['/login', 302, 'docs redirects a POST to https://docs.example/login, which is not followed.'],
    [
      'https://user:pass@docs.example/mcp',
      307,
      'docs redirects to another origin (https://docs.example/mcp), which is not followed.',
    ],
    ['http://[', 307, 'docs redirects without a valid location, which is not followed.'],
  ])('is refused with its target if it leads to %s', async (location, status, message) => {
    let requests = 0
    const fetch = () => {
      requests += 1
      return Promise.resolve(new Response(null, { status, headers: { location } }))
    }
    const failure = await errorOf(clientOf({ fetch }).as('ada').docs.call('echo', {}))
    expect(failure).toMatchObject({
      code: 'MCP_CLIENT_ERROR',
      message,
      details: { attempts: 1, outcome: 'not_processed' },
    })
    expect(failure.details.hint).toContain('url')
    expect(requests).toBe(1)
  })

  it('is followed within the origin with the credential', async () => {
    const server = rogueHttpServer()
    server.respond = (request) =>
      new URL(request.url).pathname === '/mcp'
        ? new Response(null, { status: 307, headers: { location: '/mcp/' } })
        : undefined
    const { docs } = clientOf({ fetch: server.fetch, token: 'app-token-1' }).as('ada')
    expect(resultText(await docs.call('echo', { n: 1 }))).toBe('{"n":1}')
    expect(server.requests.every(({ headers }) => headers['authorization'] === 'Bearer app-token-1')).toBe(true)
  })

  it('is followed to https of the same host without the credential', async () => {
    const server = rogueHttpServer()
    server.respond = (request) =>
      request.url.startsWith('http:')
        ? new Response(null, { status: 307, headers: { location: 'https://docs.example/mcp' } })
        : undefined
    const { docs } = clientOf({ url: 'http://docs.example/mcp', fetch: server.fetch, token: 'app-token-1' }).as('ada')
    await docs.call('echo', {})
    const upgraded = server.requests.filter((request) => request.url.startsWith('https:'))
    expect(upgraded.length).toBeGreaterThan(0)
    expect(upgraded.some(({ headers }) => headers['authorization'] !== undefined)).toBe(false)
  })

  it('is followed five times', async () => {
    const fetch = () => Promise.resolve(new Response(null, { status: 307, headers: { location: '/mcp' } }))
    const failure = await errorOf(clientOf({ fetch }).as('ada').docs.call('echo', {}))
    expect(failure.message).toBe('docs redirects more than 5 times, which is not followed.')
  })
})

describe('a success that is not MCP', () => {
  it.each([
    ['a web page', 'text/html', '<!doctype html><title>Sign in</title>', 'a web page (HTML)'],
    ['text', 'text/plain', 'OK', 'text (text/plain)'],
    ['an empty body', 'text/html', '', 'nothing'],
  ])('is reported as %s, and is not retried', async (_, type, body, what) => {
    const fetch = () => Promise.resolve(text(200, body, type))
    const failure = await errorOf(clientOf({ fetch }).as('ada').docs.call('echo', {}))
    expect(failure).toMatchObject({
      code: 'DATA_TRANSFORMATION_ERROR',
      message: `docs returned 200 with ${what} instead of MCP.`,
      details: { attempts: 1, outcome: 'not_processed' },
    })
  })

  it.each(['text/plain', 'text/html; charset=utf-8', 'application/problem+json'])(
    'is accepted if JSON has the type %s',
    async (type) => {
      const server = rogueHttpServer({ json: true })
      const { docs } = clientOf({
        async fetch(address, init) {
          const response = await server.fetch(address, init)
          if (response.headers.get('content-type') !== 'application/json' || !response.ok) return response
          const headers = new Headers(response.headers)
          headers.set('content-type', type)
          return new Response(response.body, { status: response.status, headers })
        },
      }).as('ada')
      expect(resultText(await docs.call('echo', { n: 1 }))).toBe('{"n":1}')
    },
  )
})

describe('a message in gzip', () => {
  const served = async (listener: RequestListener) => {
    const http = createServer(listener).listen(0, '127.0.0.1')
    await once(http, 'listening')
    toClose({
      close: async () => {
        http.closeAllConnections()
        http.close()
        await once(http, 'close')
      },
    })
    return `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`
  }

  it.each(['application/json', 'text/event-stream'])('is limited by its decoded bytes as %s', async (type) => {
    const server = rogueHttpServer({ json: type === 'application/json' })
    const address = await served((request, response) => {
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', () => {
        const { method = 'GET' } = request
        const init = {
          method,
          headers: request.headers as Record<string, string>,
          ...(method === 'POST' && { body: Buffer.concat(parts) }),
        }
        void (async () => {
          const result =
            method === 'GET'
              ? new Response(null, { status: 405 })
              : await server.fetch('https://docs.example/mcp', init)
          const packed = gzipSync(Buffer.from(await result.arrayBuffer()))
          response.writeHead(result.status, {
            ...Object.fromEntries(result.headers),
            'content-encoding': 'gzip',
            'content-length': packed.length,
          })
          response.end(packed)
        })()
      })
    })
    const { docs } = toClose(
      createMcpClient({ connectors: { docs: mcpServer({ url: address, maxMessageBytes: 100_000 }) }, vault: vault() }),
    ).as('ada')
    expect(await errorOf(docs.call('big', { bytes: 5_000_000 }))).toMatchObject({
      code: 'DATA_TRANSFORMATION_ERROR',
      message: 'docs sent a message of more than 100000 bytes.',
    })
    expect(resultText(await docs.call('big', { bytes: 50_000 }))).toHaveLength(50_000)
  })

  it("is limited by its decoded bytes if the host's fetch announces fewer", async () => {
    const failure = await failureOf(
      () =>
        new Response(
          JSON.stringify({ jsonrpc: '2.0', id: 2, result: { content: [{ type: 'text', text: 'x'.repeat(200_000) }] } }),
          {
            headers: { 'content-type': 'application/json', 'content-length': '300' },
          },
        ),
      { maxMessageBytes: 100_000 },
    )
    expect(failure.message).toBe('docs sent a message of more than 100000 bytes.')
  })
})

const YEAR_MS = 365 * 86_400_000

it('fails at once if the server asks for a wait of years', async () => {
  const respond = () => new Response('', { status: 429, headers: { 'retry-after': 'Fri, 31 Dec 9999 23:59:59 GMT' } })
  expect(await failureOf(respond)).toMatchObject({ details: { attempts: 1, retryAfterMs: YEAR_MS } })
})
