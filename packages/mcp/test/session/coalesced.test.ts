import { describe, expect, it } from 'vitest'
import { createMcpClient } from '@mcpclient/core'
import { createFakeClock } from '@mcpclient/testing'
import { mcpServer } from '@mcpclient/mcp'
import { expectSoon } from '../support/expect-soon.ts'
import { rogueHttpServer } from '../support/rogue-http.ts'

const tool = (name: string) => ({ name, inputSchema: { type: 'object' } })
const names = (tools: readonly { readonly name: string }[]) => tools.map(({ name }) => name)

async function listening() {
  const list: unknown[] = [tool('first')]
  const server = rogueHttpServer({ list })
  const clock = createFakeClock()
  const mcp = createMcpClient({
    connectors: { docs: mcpServer({ url: 'https://docs.example/mcp', fetch: server.fetch, clock }) },
    clock,
  })
  const { docs } = mcp.as('ada')
  const added: string[] = []
  mcp.on('docs.tools_changed', ({ data }) => added.push(...data.added))
  await docs.listTools()
  // The stream for unrequested messages.
  await expectSoon(() => server.requests.filter(({ method }) => method === 'GET').length).toBe(1)
  const [session] = server.servers
  if (session === undefined) throw new Error('There is no session.')
  return { list, server, clock, mcp, docs, added, session }
}

describe('a list of tools that changes while it is listed', () => {
  it('is listed once more after a second notification', async () => {
    const { list, server, mcp, docs, added, session } = await listening()
    const heard: unknown[] = []
    mcp.on('docs.log', ({ data }) => heard.push(data.data))
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    let snapshot: Promise<Response> | undefined
    server.respond = (request, rpc) => {
      if (rpc !== 'tools/list' || snapshot !== undefined) return undefined
      // The response is delayed, and was current when the request arrived.
      snapshot = request.json().then(async ({ id }: { id: number }) => {
        const tools = [...list]
        await held
        return Response.json({ jsonrpc: '2.0', id, result: { tools } })
      })
      return snapshot
    }
    list.push(tool('second'))
    await session.sendToolListChanged()
    await expectSoon(() => snapshot !== undefined).toBe(true)
    list.push(tool('third'))
    await session.sendToolListChanged()
    await session.sendLoggingMessage({ level: 'info', data: 'after both' })
    await expectSoon(() => heard).toEqual(['after both'])
    release()
    await expectSoon(() => added).toEqual(['second', 'third'])
    expect(names(await docs.listTools())).toEqual(['first', 'second', 'third'])
    expect(server.count('tools/list')).toBe(3)
  })

  it('is listed a few times for thousands of notifications', async () => {
    const { list, server, added, session, clock } = await listening()
    list.push(tool('second'))
    for (let sent = 0; sent < 5000; sent++) await session.sendToolListChanged()
    await expectSoon(() => added).toEqual(['second'])
    list.push(tool('third'))
    await session.sendToolListChanged()
    await expectSoon(async () => {
      await clock.advance(1000)
      return added
    }).toEqual(['second', 'third'])
    expect(server.count('tools/list')).toBeLessThan(8)
  })

  it.each(['resources', 'prompts'] as const)(
    'emits a few events for thousands of notifications about %s',
    async (kind) => {
      const { mcp, session, clock } = await listening()
      let events = 0
      mcp.on(`docs.${kind}_changed`, () => (events += 1))
      const message = { jsonrpc: '2.0' as const, method: `notifications/${kind}/list_changed` }
      for (let sent = 0; sent < 5000; sent++) await session.transport?.send(message)
      await expectSoon(() => events).toBeGreaterThan(0)
      await clock.advance(60_000)
      expect(events).toBeLessThan(8)
    },
  )

  it('emits one event for many updates of one resource, and one for each other', async () => {
    const { mcp, session, clock } = await listening()
    const updated: string[] = []
    mcp.on('docs.resource_updated', ({ data }) => updated.push(data.uri))
    for (let sent = 0; sent < 2000; sent++) await session.sendResourceUpdated({ uri: 'rogue://a' })
    await session.sendResourceUpdated({ uri: 'rogue://b' })
    await expectSoon(async () => {
      await clock.advance(1000)
      return updated
    }).toContain('rogue://b')
    expect(updated.length).toBeLessThan(8)
  })
})
