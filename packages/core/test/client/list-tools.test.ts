import { createFakeClock, errorOf, scriptedTransport } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { createMcpClient } from '@mcpclient/core'
import type { Connector, CustomConnector } from '@mcpclient/core'
import { demo } from '../demo-connector.ts'

const never = () => new Promise<never>(() => undefined)

/** Returns a connector whose tools are loaded, as those of an MCP server are. */
const lister = (listTools: () => Promise<readonly never[]>): CustomConnector => ({
  ...demo({ token: 't' }),
  mount: () => ({ open: () => ({ invoke: never, listTools, health: never }) }),
})

function clientOf(connectors: Readonly<Record<string, Connector>>, options: object = {}) {
  const clock = createFakeClock()
  return { clock, mcp: createMcpClient({ connectors, clock, transport: scriptedTransport([]), ...options }) }
}

describe('listTools', () => {
  it('calls a few of 200 connectors at a time', async () => {
    let underWay = 0
    let most = 0
    let asked = 0
    const one = lister(async () => {
      asked += 1
      most = Math.max(most, ++underWay)
      // A turn of the loop, so that the others can start.
      await new Promise((resolve) => setImmediate(resolve))
      underWay -= 1
      return []
    })
    const { mcp } = clientOf(Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`s${index}`, one])))
    expect(await mcp.listTools('ada')).toEqual({ tools: [], omitted: [], failures: [] })
    expect(asked).toBe(200)
    expect(most).toBe(8)
  })

  it('reports a connector that hangs, and lists the others', async () => {
    const { clock, mcp } = clientOf({ stuck: lister(never), notes: demo({ token: 't' }) })
    // Loads the tool descriptions, which takes real time.
    await mcp.client('notes', 'ada').listTools()
    const { tools, failures } = await clock.until(mcp.listTools('ada', { timeoutMs: 3000 }))
    expect(tools.map(({ name }) => name)).toContain('get_note')
    expect(failures).toMatchObject([
      {
        serverId: 'stuck',
        error: { code: 'TIMEOUT', message: 'The time limit of 3000 ms passed while waiting for the tools of stuck.' },
      },
    ])
    expect(clock.monotonic()).toBe(3000)
    expect(clock.pending).toBe(0)
  })

  it('ends within the timeout of a call even if every connector hangs', async () => {
    const hanging = Array.from({ length: 100 }, (_, index) => [`s${index}`, lister(never)])
    const { clock, mcp } = clientOf(Object.fromEntries(hanging), { timeouts: { callMs: 60_000, requestMs: 20_000 } })
    const { failures } = await clock.until(mcp.listTools('ada'))
    expect(failures).toHaveLength(100)
    expect(clock.monotonic()).toBe(60_000)
  })

  it.each(['text', null, new Error('gave up')])(
    'is CANCELLED by its caller, whatever the reason: %s',
    async (reason) => {
      const { mcp } = clientOf({ stuck: lister(never) })
      const controller = new AbortController()
      const failure = errorOf(mcp.listTools('ada', { signal: controller.signal }))
      controller.abort(reason)
      expect(await failure).toMatchObject({ code: 'CANCELLED' })
    },
  )

  it('reports a connector that throws at once', async () => {
    const broken = lister(() => {
      throw new TypeError('no list')
    })
    const { mcp } = clientOf({ broken })
    expect((await mcp.listTools('ada')).failures).toMatchObject([
      { serverId: 'broken', error: { code: 'API_INTERNAL_ERROR' } },
    ])
  })
})
