import { createFakeClock } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { createMcpClient } from '@mcpclient/core'
import { noAuth } from '@mcpclient/core/define'
import { mcpServer } from '@mcpclient/mcp'
import type { HttpServerOptions } from '@mcpclient/mcp'
import { expectSoon } from '../support/expect-soon.ts'
import { resultText } from '../support/result-text.ts'
import { rogueHttpServer, rpcError } from '../support/rogue-http.ts'
import type { RogueHttpServer } from '../support/rogue-http.ts'

function clientOf(server: RogueHttpServer, options: Partial<HttpServerOptions> = {}) {
  const { auth: _, ...rest } = options as Partial<HttpServerOptions> & { auth?: undefined }
  return createMcpClient({
    connectors: { docs: mcpServer({ url: 'https://docs.example/mcp', fetch: server.fetch, ...rest }) },
    retry: { attempts: 1 },
  })
}

describe('a server that does not know its session any more', () => {
  it('is initialized again, and the call is sent again, where six of seven clients stay broken', async () => {
    const ran: string[] = []
    const server = rogueHttpServer({ onCall: (tool) => ran.push(tool) })
    const mcp = clientOf(server)
    const { docs } = mcp.as('ada')
    await docs.call('echo', { n: 1 })
    server.forget()
    expect(resultText(await docs.call('echo', { n: 2 }))).toBe('{"n":2}')
    expect(server.count('initialize')).toBe(2)
    expect(ran).toEqual(['echo', 'echo'])
    await mcp.close()
  })

  it('is initialized once for all calls that fail at the same time', async () => {
    const server = rogueHttpServer()
    const mcp = clientOf(server)
    const { docs } = mcp.as('ada')
    await docs.call('echo', {})
    server.forget()
    const results = await Promise.all([1, 2, 3, 4].map((n) => docs.call('echo', { n })))
    expect(results.map(resultText)).toEqual(['{"n":1}', '{"n":2}', '{"n":3}', '{"n":4}'])
    expect(server.count('initialize')).toBe(2)
    // The legacy revision is cached already.
    expect(server.count('server/discover')).toBe(1)
    await mcp.close()
  })

  it('is initialized again without losing calls that fail later', async () => {
    const server = rogueHttpServer()
    const mcp = clientOf(server)
    const { docs } = mcp.as('ada')
    await docs.call('echo', {})
    server.forget()
    // The second call fails long after the first one was sent again.
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    let calls = 0
    server.respond = async (_request, rpc) => {
      if (rpc === 'tools/call' && ++calls === 2) await held
      return undefined
    }
    const [first, second] = [docs.call('echo', { n: 1 }), docs.call('echo', { n: 2 })]
    expect(resultText(await first)).toBe('{"n":1}')
    release()
    expect(resultText(await second)).toBe('{"n":2}')
    expect(server.count('initialize')).toBe(2)
    await mcp.close()
  })

  it('is recognized by a 400, as the reference server returns it', async () => {
    const unknownSession = () => rpcError(400, -32000, 'Bad Request: No valid session ID provided')
    const server = rogueHttpServer({ unknownSession })
    const mcp = clientOf(server)
    const { docs } = mcp.as('ada')
    await docs.call('echo', {})
    server.forget()
    await expect(docs.call('echo', { n: 2 })).resolves.toBeDefined()
    await mcp.close()
  })

  it('is initialized only once for a call, so that a transient 404 does not become a storm', async () => {
    const server = rogueHttpServer()
    const mcp = clientOf(server)
    const { docs } = mcp.as('ada')
    await docs.call('echo', {})
    server.respond = (_request, rpc) => (rpc === 'tools/call' ? rpcError(404, -32001, 'Session not found') : undefined)
    await expect(docs.call('echo', {})).rejects.toMatchObject({
      code: 'MCP_CONNECTION_ERROR',
      details: { status: 404, outcome: 'not_processed' },
    })
    expect(server.count('initialize')).toBe(3 - 1)
    expect(server.count('tools/call')).toBe(3)
    server.respond = () => undefined
    await expect(docs.call('echo', {})).resolves.toBeDefined()
    await mcp.close()
  })

  it('emits reconnected', async () => {
    const server = rogueHttpServer()
    const mcp = clientOf(server)
    const told: unknown[] = []
    mcp.on('docs.reconnected', ({ serverId, data }) => told.push({ serverId, ...data }))
    const { docs } = mcp.as('ada')
    await docs.call('echo', {})
    server.forget()
    await docs.call('echo', {})
    expect(told).toEqual([{ serverId: 'docs', tenant: 'ada', connection: 'default' }])
    await mcp.close()
  })
})

describe('a bad request within a good session', () => {
  it('keeps the session', async () => {
    const server = rogueHttpServer()
    const mcp = clientOf(server)
    const { docs } = mcp.as('ada')
    await docs.call('echo', {})
    server.respond = (_request, rpc) => (rpc === 'tools/call' ? new Response('no', { status: 400 }) : undefined)
    await expect(docs.call('echo', {})).rejects.toMatchObject({ code: 'MCP_CLIENT_ERROR', details: { status: 400 } })
    expect(server.count('initialize')).toBe(1)
    await mcp.close()
  })
})

describe('the end of a session', () => {
  it('is announced to the server when the client closes', async () => {
    const server = rogueHttpServer()
    const mcp = clientOf(server)
    await mcp.as('ada').docs.call('echo', {})
    await mcp.close()
    expect(server.requests.at(-1)).toMatchObject({ method: 'DELETE' })
    await expect(mcp.as('ada').docs.call('echo', {})).rejects.toMatchObject({ code: 'CANCELLED' })
  })

  it.each([
    ['until it responds', 10],
    ['for a second at most', 1000],
  ])('is waited for %s', async (_, respondsAfterMs) => {
    const server = rogueHttpServer()
    const clock = createFakeClock()
    const connector = mcpServer({ url: 'https://docs.example/mcp', fetch: server.fetch, clock })
    const mcp = createMcpClient({ connectors: { docs: connector }, clock })
    await mcp.as('ada').docs.call('echo', {})
    const reply = Promise.withResolvers<Response>()
    server.respond = ({ method }) => (method === 'DELETE' ? reply.promise : undefined)
    let isClosed = false
    const closing = mcp.close().then(() => (isClosed = true))
    await expectSoon(() => server.requests.at(-1)?.method).toBe('DELETE')
    await clock.advance(respondsAfterMs - 1)
    expect(isClosed).toBe(false)
    await clock.advance(1)
    if (respondsAfterMs < 1000) reply.resolve(new Response(null))
    expect(await closing).toBe(true)
    reply.resolve(new Response(null))
  })
})

describe('a session', () => {
  it('is shared by all tenants if they have no credentials', async () => {
    const server = rogueHttpServer()
    const mcp = createMcpClient({
      connectors: { docs: mcpServer({ url: 'https://docs.example/mcp', fetch: server.fetch, auth: noAuth }) },
    })
    await Promise.all(['ada', 'bob'].map((tenant) => mcp.as(tenant).docs.call('echo', {})))
    expect(server.count('initialize')).toBe(1)
    await mcp.close()
  })

  it('belongs to one tenant if tenants connect accounts', async () => {
    const server = rogueHttpServer()
    const mcp = clientOf(server)
    await Promise.all(['ada', 'bob'].map((tenant) => mcp.as(tenant).docs.call('echo', {})))
    expect(server.count('initialize')).toBe(2)
    await mcp.close()
  })

  it('belongs to one tenant with session: tenant', async () => {
    const server = rogueHttpServer()
    const mcp = clientOf(server, { session: 'tenant' })
    const told: (string | undefined)[] = []
    mcp.on('docs.log', ({ data }) => told.push(data.tenant))
    await Promise.all(['ada', 'bob', 'ada'].map((tenant) => mcp.as(tenant).docs.call('echo', {})))
    expect(server.count('initialize')).toBe(2)
    // The third tenant does not probe, because a legacy verdict applies to all sessions.
    await mcp.as('cyd').docs.call('log', { hello: 'world' })
    expect(server.count('server/discover')).toBeLessThan(3)
    await mcp.close()
  })
})
