import { describe, expect, it } from 'vitest'
import { createMcpClient } from '@mcpclient/core'
import { createFakeClock } from '@mcpclient/testing'
import { mcpServer } from '@mcpclient/mcp'
import { mcpProcess } from '@mcpclient/mcp/stdio'
import * as z from 'zod'
import { fileURLToPath } from 'node:url'
import { VersionCache } from '../../src/session/version-cache.ts'
import { modernHttpServer } from '../support/modern-http.ts'
import { resultText } from '../support/result-text.ts'
import { rogueClients } from '../support/rogue-client.ts'
import { rogueHttpServer, rpcError } from '../support/rogue-http.ts'

const url = 'https://docs.example/mcp'
const { start, log } = rogueClients()

describe('a server of revision 2026-07-28', () => {
  it('is called in it, without a handshake', async () => {
    const server = modernHttpServer()
    const mcp = createMcpClient({ connectors: { docs: mcpServer({ url, fetch: server.fetch }) } })
    expect(resultText(await mcp.as('ada').docs.call('echo', { text: 'hi' }))).toBe('hi')
    expect(server.count('initialize')).toBe(0)
    const call = server.requests.find(({ rpc }) => rpc === 'tools/call')
    expect(call?.headers).toMatchObject({
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': 'echo',
    })
    await mcp.close()
  })

  it('is probed once, and again after a response that contradicts the cache', async () => {
    const server = modernHttpServer()
    const mcp = createMcpClient({ connectors: { docs: mcpServer({ url, fetch: server.fetch }) } })
    const { docs } = mcp.as('ada')
    await docs.call('echo', { text: 'a' })
    server.state.respond = (rpc) => (rpc === 'tools/call' ? new Response('gone', { status: 404 }) : undefined)
    await expect(docs.call('echo', { text: 'b' })).rejects.toMatchObject({ code: 'MCP_CLIENT_ERROR' })
    server.state.respond = undefined
    await docs.call('echo', { text: 'c' })
    expect(server.count('server/discover')).toBe(2)
    await mcp.close()
  })

  it('is called in a legacy revision after a downgrade', async () => {
    const modern = modernHttpServer()
    const old = rogueHttpServer()
    let fetch: (url: string | URL, init?: RequestInit) => Promise<Response> = modern.fetch
    const mcp = createMcpClient({
      connectors: { docs: mcpServer({ url, fetch: (address, init) => fetch(address, init) }) },
    })
    const { docs } = mcp.as('ada')
    await docs.call('echo', { text: 'new' })
    fetch = old.fetch
    expect(resultText(await docs.call('echo', { text: 'old' }))).toBe('{"text":"old"}')
    await mcp.close()
  })

  it('receives the headers that a tool requires, as soon as its definition is known', async () => {
    const seen: (string | undefined)[] = []
    const region = z.string().meta({ 'x-mcp-header': 'Region' })
    const server = modernHttpServer({
      equip: (each) => {
        each.registerTool('where', { inputSchema: z.object({ region }) }, ({ region: where }) => ({
          content: [{ type: 'text', text: where }],
        }))
      },
    })
    const mcp = createMcpClient({ connectors: { docs: mcpServer({ url, fetch: server.fetch }) } })
    const { docs } = mcp.as('ada')
    // The first call has no header. The server refuses it unread, and the definition is loaded.
    expect(resultText(await docs.call('where', { region: 'eu' }))).toBe('eu')
    expect(resultText(await docs.call('where', { region: 'us' }))).toBe('us')
    for (const { rpc, headers } of server.requests) if (rpc === 'tools/call') seen.push(headers['mcp-param-region'])
    expect(seen).toEqual([undefined, 'eu', 'us'])
    expect(server.count('tools/list')).toBe(1)
    await mcp.close()
  })

  it('is required with versions: modern', async () => {
    const server = rogueHttpServer()
    const mcp = createMcpClient({
      connectors: { docs: mcpServer({ url, fetch: server.fetch, versions: 'modern' }) },
      retry: { attempts: 1 },
    })
    await expect(mcp.as('ada').docs.call('echo', {})).rejects.toMatchObject({ code: 'MCP_CONNECTION_ERROR' })
    expect(server.count('initialize')).toBe(0)
    await mcp.close()
  })

  it('is ignored with versions: legacy', async () => {
    const server = rogueHttpServer()
    const mcp = createMcpClient({ connectors: { docs: mcpServer({ url, fetch: server.fetch, versions: 'legacy' }) } })
    await mcp.as('ada').docs.call('echo', {})
    expect(server.count('server/discover')).toBe(0)
    await mcp.close()
  })
})

describe('a legacy server', () => {
  it('is probed once for all tenants', async () => {
    const server = rogueHttpServer()
    const mcp = createMcpClient({ connectors: { docs: mcpServer({ url, fetch: server.fetch, session: 'tenant' }) } })
    for (const tenant of ['ada', 'bob', 'cyd']) await mcp.as(tenant).docs.call('echo', {})
    expect(server.count('server/discover')).toBe(1)
    expect(server.count('initialize')).toBe(3)
    await mcp.close()
  })

  it('is called in the modern revision after an upgrade', async () => {
    const old = rogueHttpServer()
    const modern = modernHttpServer({ legacy: 'reject' })
    let fetch: (url: string | URL, init?: RequestInit) => Promise<Response> = old.fetch
    const mcp = createMcpClient({
      connectors: { docs: mcpServer({ url, fetch: (address, init) => fetch(address, init), session: 'tenant' }) },
    })
    await mcp.as('ada').docs.call('echo', {})
    fetch = modern.fetch
    expect(resultText(await mcp.as('bob').docs.call('echo', { text: 'new' }))).toBe('new')
    await mcp.close()
  })

  it('is started again if it is a program that exits because of the probe', async () => {
    const picky = fileURLToPath(new URL('../support/picky-process.ts', import.meta.url))
    const mcp = start({ args: [picky], versions: 'auto' })
    const { rogue } = mcp.as('ada')
    expect(resultText(await rogue.call('echo', {}))).toBe('{}')
    expect(log.pids()).toHaveLength(2)
  })
})

describe('a program of revision 2026-07-28', () => {
  it('is called in it with versions: auto', async () => {
    const modern = fileURLToPath(new URL('../support/modern-process.ts', import.meta.url))
    const mcp = createMcpClient({
      connectors: { tools: mcpProcess({ command: process.execPath, args: [modern], versions: 'auto' }) },
    })
    expect(resultText(await mcp.as('ada').tools.call('era', {}))).toBe('modern')
    expect(await mcp.as('ada').tools.health()).toMatchObject({ status: 'healthy' })
    await mcp.close()
  })
})

describe('VersionCache', () => {
  it('caches a verdict for a limited time, and a modern one for its own session only', async () => {
    const clock = createFakeClock()
    const memory = new VersionCache(clock)
    const discover = { supportedVersions: ['2026-07-28'], capabilities: {} } as never
    memory.set('ada', { kind: 'modern', discover })
    expect([memory.get('ada')?.kind, memory.get('bob')?.kind]).toEqual(['modern', undefined])
    memory.set('bob', { kind: 'legacy' })
    expect([memory.get('ada')?.kind, memory.get('cyd')?.kind]).toEqual(['modern', 'legacy'])
    await clock.advance(60 * 60_000)
    expect([memory.get('ada')?.kind, memory.get('cyd')?.kind]).toEqual(['modern', undefined])
    await clock.advance(24 * 60 * 60_000)
    expect(memory.get('ada')).toBeUndefined()
  })
})

it('caches nothing from a connection whose credential was refused', async () => {
  const server = rogueHttpServer()
  server.respond = () => rpcError(401, -32000, 'Unauthorized')
  const mcp = createMcpClient({ connectors: { docs: mcpServer({ url, fetch: server.fetch }) } })
  await expect(mcp.as('ada').docs.call('echo', {})).rejects.toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE' })
  server.respond = () => undefined
  await mcp.as('ada').docs.call('echo', {})
  expect(server.count('server/discover')).toBe(2)
  await mcp.close()
})
