import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { createMcpClient } from '@mcpclient/core'
import type { McpClientOptions } from '@mcpclient/core'
import { mcpServer } from '@mcpclient/mcp'
import type { HttpServerOptions } from '@mcpclient/mcp'
import { resultText } from '../support/result-text.ts'
import { rogueHttpServer } from '../support/rogue-http.ts'
import type { RogueHttpServer } from '../support/rogue-http.ts'
import { expectSoon } from '../support/expect-soon.ts'

type Options = Omit<HttpServerOptions, 'url'> & { readonly url?: string }

function clientOf(
  server: Pick<RogueHttpServer, 'fetch'>,
  options: Options = {},
  host: Partial<McpClientOptions<{}>> = {},
) {
  return createMcpClient({
    retry: { attempts: 3, baseMs: 1, maxMs: 2 },
    ...host,
    connectors: {
      docs: mcpServer({ url: 'https://docs.example/mcp', fetch: server.fetch, effects: { echo: 'read' }, ...options }),
    },
  })
}

const onCall = (respond: () => Response) => (_request: Request, rpc: string | undefined) =>
  rpc === 'tools/call' ? respond() : undefined

describe('a call', () => {
  it.each([
    [401, 'MCP_AUTHENTICATION_FAILURE', 1],
    [403, 'MCP_CLIENT_ERROR', 1],
    [429, 'MCP_RATE_LIMIT_EXCEEDED', 3],
    [500, 'MCP_SERVER_ERROR', 3],
    [503, 'MCP_SERVER_ERROR', 3],
  ])('fails for status %i as %s, after %i attempts', async (status, code, attempts) => {
    const server = rogueHttpServer()
    const mcp = clientOf(server)
    const { docs } = mcp.as('ada')
    await docs.call('echo', {})
    server.respond = onCall(() => new Response('no', { status, headers: { 'retry-after': '0' } }))
    await expect(docs.call('echo', {})).rejects.toMatchObject({ code, details: { status, attempts } })
    expect(server.count('initialize')).toBe(1)
    await mcp.close()
  })

  it('does not send a write again after a 503, and reports an unknown outcome', async () => {
    const server = rogueHttpServer()
    const mcp = clientOf(server, { effects: {} })
    server.respond = onCall(() => new Response('no', { status: 503 }))
    await expect(mcp.as('ada').docs.call('echo', {})).rejects.toMatchObject({
      details: { outcome: 'unknown', attempts: 1 },
    })
    await mcp.close()
  })

  it('reports the Retry-After of a 429', async () => {
    const server = rogueHttpServer()
    const mcp = clientOf(server, {}, { retry: { attempts: 1 } })
    server.respond = onCall(() => new Response('', { status: 429, headers: { 'retry-after': '7' } }))
    await expect(mcp.as('ada').docs.call('echo', {})).rejects.toMatchObject({ details: { retryAfterMs: 7000 } })
    await mcp.close()
  })

  it('fails at once if its stream ends without a response, where the SDK alone waits for its time limit', async () => {
    const server = rogueHttpServer()
    const mcp = clientOf(server, {}, { retry: { attempts: 1 } })
    const empty = () =>
      new Response(new Blob([': nothing\n\n']).stream(), { headers: { 'content-type': 'text/event-stream' } })
    server.respond = onCall(empty)
    await expect(mcp.as('ada').docs.call('echo', {})).rejects.toMatchObject({
      code: 'MCP_CONNECTION_ERROR',
      message: 'docs closed the stream before it responded.',
    })
    await mcp.close()
  })

  it('notifies the server when a call without a response is cancelled', async () => {
    const ran: string[] = []
    const server = rogueHttpServer({ onCall: (tool) => ran.push(tool) })
    const mcp = clientOf(server)
    const { docs } = mcp.as('ada')
    const impatient = new AbortController()
    const call = docs.call('hang', {}, { signal: impatient.signal })
    const refused = expect(call).rejects.toMatchObject({ code: 'CANCELLED' })
    await expectSoon(() => ran).toContain('hang')
    impatient.abort()
    await refused
    await expectSoon(() => ran).toContain('hang was cancelled')
    expect(server.count('notifications/cancelled')).toBe(1)
    expect(resultText(await docs.call('echo', { still: 'there' }))).toBe('{"still":"there"}')
    await mcp.close()
  })

  it('closes the stream of a cancelled call, whatever the server does', async () => {
    const server = rogueHttpServer()
    const mcp = clientOf(server)
    let open = false
    server.respond = (request, rpc) => {
      if (rpc !== 'tools/call') return undefined
      open = true
      request.signal.addEventListener('abort', () => (open = false))
      return new Response(new ReadableStream(), { headers: { 'content-type': 'text/event-stream' } })
    }
    const impatient = new AbortController()
    const call = mcp.as('ada').docs.call('echo', {}, { signal: impatient.signal })
    const refused = expect(call).rejects.toMatchObject({ code: 'CANCELLED' })
    await expectSoon(() => open).toBe(true)
    impatient.abort()
    await refused
    await expectSoon(() => open).toBe(false)
    await mcp.close()
  })

  it('succeeds where a framework replaced the global Response by one with read-only methods', async () => {
    const PlatformResponse = Response
    class FrameworkResponse extends PlatformResponse {}
    for (const name of ['json', 'text'] as const) {
      Object.defineProperty(FrameworkResponse.prototype, name, { value: PlatformResponse.prototype[name] })
    }
    const server = rogueHttpServer()
    const mcp = clientOf(server)
    vi.stubGlobal('Response', FrameworkResponse)
    try {
      expect(resultText(await mcp.as('ada').docs.call('echo', {}))).not.toBe('')
    } finally {
      vi.unstubAllGlobals()
      await mcp.close()
    }
  })

  it("sends the caller's request id", async () => {
    const server = rogueHttpServer()
    const mcp = clientOf(server)
    await mcp.as('ada').docs.call('echo', {}, { requestId: 'req-42' })
    const call = server.requests.find(({ rpc }) => rpc === 'tools/call')
    expect(call?.headers['x-request-id']).toBe('req-42')
    await mcp.close()
  })

  it.each([false, true])('fails alone if its response is too large (JSON: %s)', async (json) => {
    const server = rogueHttpServer({ json })
    const mcp = clientOf(server, { maxMessageBytes: 100_000 })
    const { docs } = mcp.as('ada')
    await expect(docs.call('big', { bytes: 1_000_000 })).rejects.toMatchObject({
      code: 'DATA_TRANSFORMATION_ERROR',
      message: 'docs sent a message of more than 100000 bytes.',
    })
    expect(resultText(await docs.call('big', { bytes: 50_000 }))).toHaveLength(50_000)
    expect(server.count('initialize')).toBe(1)
    await mcp.close()
  })

  it.each(['text/event-stream', 'text/event-stream; charset=utf-8'])(
    'accepts a stream of %s that is longer than its longest message may be',
    async (type) => {
      const server = rogueHttpServer()
      const mcp = clientOf(server, { maxMessageBytes: 10_000 })
      server.respond = async (request, rpc) => {
        if (rpc !== 'tools/call') return undefined
        const { id } = (await request.json()) as { readonly id: number }
        const event = (message: object) => `data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`
        const log = event({ method: 'notifications/message', params: { level: 'info', data: 'x'.repeat(1000) } })
        const result = event({ id, result: { content: [{ type: 'text', text: 'done' }] } })
        return new Response(log.repeat(20) + result, { headers: { 'content-type': type } })
      }
      expect(resultText(await mcp.as('ada').docs.call('echo', {}))).toBe('done')
      await mcp.close()
    },
  )
})

describe('a server', () => {
  it('receives nothing while it is not running, so a write is retried', async () => {
    const listener = createServer().listen(0, '127.0.0.1')
    await once(listener, 'listening')
    const { port } = listener.address() as AddressInfo
    listener.close()
    await once(listener, 'close')
    const mcp = createMcpClient({
      connectors: { docs: mcpServer({ url: `http://127.0.0.1:${port}/mcp` }) },
      retry: { attempts: 2, baseMs: 1, maxMs: 2 },
    })
    await expect(mcp.as('ada').docs.call('write', {})).rejects.toMatchObject({
      code: 'MCP_CONNECTION_ERROR',
      details: { attempts: 2, outcome: 'not_processed' },
    })
    await mcp.close()
  })

  it('is named if it speaks no MCP at its url', async () => {
    const fetch = () => Promise.resolve(new Response('<html>Not found</html>', { status: 404 }))
    const mcp = clientOf({ fetch })
    await expect(mcp.as('ada').docs.call('echo', {})).rejects.toMatchObject({
      code: 'MCP_CLIENT_ERROR',
      message: 'docs has no MCP server at its url (HTTP 404).',
      details: { hint: 'Check that the url is the MCP endpoint, and that it speaks Streamable HTTP.', attempts: 1 },
    })
    await mcp.close()
  })

  it('is not followed to another origin', async () => {
    const seen: string[] = []
    const fetch = (url: string | URL) => {
      seen.push(new URL(url).origin)
      return Promise.resolve(new Response(null, { status: 307, headers: { location: 'https://evil.example/mcp' } }))
    }
    const mcp = clientOf({ fetch }, { headers: { 'x-api-key': 'canary-key-123' } })
    const failure: unknown = await mcp
      .as('ada')
      .docs.call('echo', {})
      .catch((error: unknown) => error)
    expect(failure).toMatchObject({ details: { outcome: 'not_processed' } })
    expect(new Set(seen)).toEqual(new Set(['https://docs.example']))
    expect(JSON.stringify(failure)).not.toContain('canary-key-123')
    await mcp.close()
  })

  it('gets no key into the error that repeats it', async () => {
    const server = rogueHttpServer()
    const mcp = clientOf(server, { headers: { 'x-api-key': 'canary-key-123' } })
    const failure: unknown = await mcp
      .as('ada')
      .docs.call('fails', { says: 'Your key canary-key-123 is not valid.' })
      .catch((error: unknown) => error)
    expect(failure).toMatchObject({ message: 'docs.fails returned an error: Your key [redacted] is not valid.' })
    await mcp.close()
  })
})

describe('a composition', () => {
  it.each([
    ['ftp://example.com/', 'not a web address'],
    ['nonsense', 'not a web address'],
    ['https://user:secret@example.com/mcp', 'holds a credential'],
  ])('refuses the url %s', (url, why) => {
    expect(() => mcpServer({ url })).toThrow(why)
  })

  it('refuses numbers that are not positive', () => {
    expect(() => mcpServer({ url: 'https://example.com', idleMs: -1 })).toThrow('idleMs is -1.')
    expect(() => mcpServer({ url: 'https://example.com', results: { maxBytes: 0 } })).toThrow('results.maxBytes is 0.')
  })
})
