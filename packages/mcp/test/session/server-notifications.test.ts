import { describe, expect, it } from 'vitest'
import { createMcpClient } from '@mcpclient/core'
import { mcpServer } from '@mcpclient/mcp'
import * as z from 'zod'
import { modernHttpServer } from '../support/modern-http.ts'
import { rogueClients } from '../support/rogue-client.ts'
import { rogueHttpServer } from '../support/rogue-http.ts'
import { expectSoon } from '../support/expect-soon.ts'

const url = 'https://docs.example/mcp'
const { start, log } = rogueClients()
const names = (tools: readonly { readonly name: string }[]) => tools.map(({ name }) => name)

describe('a list of tools', () => {
  it('is loaded once, until the server announces a change', async () => {
    const server = rogueHttpServer()
    const mcp = createMcpClient({ connectors: { docs: mcpServer({ url, fetch: server.fetch }) } })
    const changes: unknown[] = []
    mcp.on('docs.tools_changed', ({ data }) => changes.push(data))
    const { docs } = mcp.as('ada')
    const before = names(await docs.listTools())
    await Promise.all([docs.listTools(), docs.listTools()])
    expect(server.count('tools/list')).toBe(1)

    await docs.call('add_tool', {})
    await expectSoon(() => changes).toEqual([
      { tenant: 'ada', connection: 'default', added: ['added_0'], removed: [], changed: [] },
    ])
    expect(names(await docs.listTools())).toEqual([...before, 'added_0'])
    expect(server.count('tools/list')).toBe(2)
    await docs.listTools({ fresh: true })
    expect(server.count('tools/list')).toBe(3)
    await mcp.close()
  })

  it('is loaded again after the connection was lost, because the server may have changed', async () => {
    const server = rogueHttpServer()
    const mcp = createMcpClient({ connectors: { docs: mcpServer({ url, fetch: server.fetch }) } })
    const { docs } = mcp.as('ada')
    await docs.listTools()
    server.forget()
    await docs.call('echo', {})
    await docs.listTools()
    expect(server.count('tools/list')).toBe(2)
    await mcp.close()
  })

  it('is kept current for a modern server, which sends nothing unrequested', async () => {
    let withMore = false
    const server = modernHttpServer({
      equip: (each) => {
        if (withMore) each.registerTool('more', { inputSchema: z.object({}) }, () => ({ content: [] }))
      },
    })
    const mcp = createMcpClient({ connectors: { docs: mcpServer({ url, fetch: server.fetch }) } })
    const changes: unknown[] = []
    mcp.on('docs.tools_changed', ({ data }) => changes.push(data.added))
    const { docs } = mcp.as('ada')
    await docs.listTools()
    await expectSoon(() => server.count('subscriptions/listen')).toBe(1)
    withMore = true
    await expectSoon(() => {
      server.handler.notify.toolsChanged()
      return changes.length
    }).toBeGreaterThan(0)
    expect(changes[0]).toEqual(['more'])
    expect(names(await docs.listTools())).toContain('more')
    await mcp.close()
  })

  it('needs no permission, whatever the policy for calls is', async () => {
    const server = rogueHttpServer()
    const mcp = createMcpClient({
      connectors: { docs: mcpServer({ url, fetch: server.fetch }) },
      permissions: { policy: { allow: ['docs.echo'] } },
    })
    const { docs } = mcp.as('ada')
    expect(await docs.listTools()).not.toEqual([])
    await expect(docs.call('pid', {})).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
    await expect(docs.readResource('rogue://a')).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
    await mcp.close()
  })
})

describe('a resource', () => {
  it('is read', async () => {
    const server = rogueHttpServer()
    const mcp = createMcpClient({ connectors: { docs: mcpServer({ url, fetch: server.fetch }) } })
    const told: string[] = []
    mcp.on('call.finished', ({ toolName }) => told.push(toolName))
    const { docs } = mcp.as('ada')
    expect(await docs.resources()).toEqual([{ uri: 'rogue://a', name: 'a' }])
    expect(await docs.readResource('rogue://a')).toEqual([
      { uri: 'rogue://a', mimeType: 'text/plain', text: 'the contents of rogue://a' },
    ])
    expect(told).toEqual(['resources/list', 'resources/read'])
    await mcp.close()
  })

  it('is watched by several watchers, across a lost connection', async () => {
    const mcp = start()
    const updates: string[] = []
    mcp.on('rogue.resource_updated', ({ data }) => updates.push(data.uri))
    const { rogue } = mcp.as('ada')
    const stopFirst = await rogue.watchResource('rogue://a')
    const stopSecond = await rogue.watchResource('rogue://a')
    await rogue.call('touch', { uri: 'rogue://a' })
    await expectSoon(() => updates).toEqual(['rogue://a'])

    await rogue.call('crash', {}).catch(() => undefined)
    await rogue.call('echo', {})
    await expectSoon(() => log.calls('subscribe rogue://a')).toBe(2)
    await rogue.call('touch', { uri: 'rogue://a' })
    await expectSoon(() => updates).toHaveLength(2)

    await stopFirst()
    expect(log.calls('unsubscribe rogue://a')).toBe(0)
    await stopSecond()
    await stopSecond()
    expect(log.calls('unsubscribe rogue://a')).toBe(1)
  })

  it('is watched on one stream with everything else at a modern server', async () => {
    const server = modernHttpServer({
      equip: (each) => {
        each.registerResource('a', 'demo://a', {}, () => ({ contents: [{ uri: 'demo://a', text: 'A' }] }))
        each.server.registerCapabilities({ resources: { subscribe: true, listChanged: true } })
      },
    })
    const mcp = createMcpClient({ connectors: { docs: mcpServer({ url, fetch: server.fetch }) } })
    const updates: string[] = []
    mcp.on('docs.resource_updated', ({ data }) => updates.push(data.uri))
    const stop = await mcp.as('ada').docs.watchResource('demo://a')
    server.handler.notify.resourceUpdated('demo://a')
    await expectSoon(() => updates).toEqual(['demo://a'])
    await stop()
    await mcp.close()
  })
})

describe("a line of the server's log", () => {
  it('is emitted, redacted', async () => {
    const server = rogueHttpServer()
    const mcp = createMcpClient({
      connectors: { docs: mcpServer({ url, fetch: server.fetch, headers: { 'x-key': 'canary-key-42' } }) },
    })
    const lines: unknown[] = []
    mcp.on('docs.log', ({ data }) => lines.push(data))
    await mcp.as('ada').docs.call('log', { said: 'the key is canary-key-42', password: 'hunter2' })
    await expectSoon(() => lines).toEqual([
      {
        tenant: 'ada',
        connection: 'default',
        level: 'warning',
        logger: 'rogue',
        data: { said: 'the key is [redacted]', password: '[redacted]' },
      },
    ])
    await mcp.close()
  })
})
