import * as z from 'zod'
import { createFakeClock, scriptedTransport } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { createMcpClient } from '@mcpclient/core'
import type { LimitPolicy } from '@mcpclient/core'
import { bearer, defineConnector, errorTable, get, tool } from '@mcpclient/core/define'
import type { Limit } from '@mcpclient/core/define'

const ping = tool({
  description: 'Ping.',
  effect: 'read',
  input: z.object({}),
  output: z.object({ who: z.string() }),
  request: () => get('ping'),
})

function setUp(
  limits: readonly Limit[],
  policy: Partial<LimitPolicy> = {},
  answer?: Parameters<typeof scriptedTransport>[0],
  tools: { readonly ping: typeof ping; readonly pong: typeof ping } = { ping, pong: ping },
) {
  const limited = defineConnector({
    id: 'limited',
    name: 'Limited',
    baseUrl: 'https://limited.example/',
    auth: bearer(),
    limits,
    tools,
  })
  const clock = createFakeClock()
  const transport = scriptedTransport(answer ?? (() => ({ json: { who: 'x' } })))
  const mcp = createMcpClient({ connectors: { it: limited({ token: 't' }) }, clock, transport, limits: policy })
  return { clock, transport, mcp }
}

describe('a declared limit', () => {
  it('admits its number of calls at once, and delays the rest', async () => {
    const { clock, mcp, transport } = setUp([{ scope: 'app', requests: 2, perMs: 1000 }])
    const calls = Promise.all(Array.from({ length: 4 }, () => mcp.as('ada').it.call('ping', {})))
    await clock.advance(0)
    expect(transport.requests).toHaveLength(2)
    await clock.advance(500)
    expect(transport.requests).toHaveLength(3)
    await clock.until(calls)
    expect(clock.pending).toBe(0)
  })

  it('rejects at once if the host configures that, with the time to wait', async () => {
    const { mcp } = setUp([{ scope: 'app', requests: 1, perMs: 1000 }], { whenLimited: 'refuse' })
    await mcp.as('ada').it.call('ping', {})
    await expect(mcp.as('ada').it.call('ping', {})).rejects.toMatchObject({
      code: 'MCP_RATE_LIMIT_EXCEEDED',
      details: { retryAfterMs: 1000, outcome: 'not_processed' },
    })
  })

  it('alternates between tenants, so that a flood of one does not starve another', async () => {
    const { clock, mcp } = setUp([{ scope: 'app', requests: 1, perMs: 100 }])
    const order: string[] = []
    const call = (tenant: string) =>
      mcp
        .as(tenant)
        .it.call('ping', {})
        .then(() => order.push(tenant))
    const flood = Array.from({ length: 50 }, () => call('a'))
    await clock.advance(0)
    const all = Promise.all([...flood, call('b')])
    await clock.until(all)
    expect(order.indexOf('b')).toBeLessThanOrEqual(2)
  })

  it('limits the calls in flight', async () => {
    let underWay = 0
    let most = 0
    const { clock, mcp } = setUp([{ scope: 'app', concurrent: 3 }], {}, async () => {
      most = Math.max(most, ++underWay)
      await Promise.resolve()
      underWay--
      return { json: { who: 'x' } }
    })
    await clock.until(Promise.all(Array.from({ length: 20 }, () => mcp.as('ada').it.call('ping', {}))))
    expect(most).toBe(3)
  })

  it('does not affect other tools if it belongs to one tool', async () => {
    const limit = { requests: 1, perMs: 60_000 }
    const { mcp, transport } = setUp([], { whenLimited: 'refuse' }, undefined, { ping: { ...ping, limit }, pong: ping })
    await mcp.as('ada').it.call('ping', {})
    await mcp.as('ada').it.call('pong', {})
    await expect(mcp.as('ada').it.call('ping', {})).rejects.toMatchObject({ code: 'MCP_RATE_LIMIT_EXCEEDED' })
    expect(transport.requests).toHaveLength(2)
  })

  it('is shared by the tools that refer to it, by its scope', async () => {
    const limit: Limit = { scope: 'connection', requests: 1, perMs: 60_000 }
    const tools = { ping: { ...ping, limit }, pong: { ...ping, limit } }
    const { mcp, transport } = setUp([], { whenLimited: 'refuse' }, undefined, tools)
    await mcp.as('ada').it.call('ping', {})
    await expect(mcp.as('ada').it.call('pong', {})).rejects.toMatchObject({ code: 'MCP_RATE_LIMIT_EXCEEDED' })
    expect(transport.requests).toHaveLength(1)
  })

  it('is released at once when a caller cancels, and when a client closes', async () => {
    const { clock, mcp } = setUp([{ scope: 'app', requests: 1, perMs: 20_000 }])
    await mcp.as('ada').it.call('ping', {})
    const controller = new AbortController()
    const cancelled = expect(mcp.as('ada').it.call('ping', {}, { signal: controller.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    })
    const closed = expect(mcp.as('ada').it.call('ping', {})).rejects.toMatchObject({ code: 'CANCELLED' })
    await clock.advance(0)
    controller.abort()
    await cancelled
    await mcp.close()
    await closed
    expect(clock.pending).toBe(0)
  })
})

describe('a limit learnt from the provider', () => {
  it('pauses the other tools of the refused call, too', async () => {
    let first = true
    const { clock, mcp, transport } = setUp([], { whenLimited: 'refuse' }, () => {
      if (!first) return { json: { who: 'x' } }
      first = false
      return { status: 429, headers: { 'retry-after': '5' } }
    })
    const retried = mcp.as('ada').it.call('ping', {})
    await clock.advance(0)
    await expect(mcp.as('ada').it.call('pong', {})).rejects.toMatchObject({
      code: 'MCP_RATE_LIMIT_EXCEEDED',
      details: { retryAfterMs: 5000 },
    })
    expect(transport.requests).toHaveLength(1)
    expect(await clock.until(retried)).toEqual({ who: 'x' })
  })

  /** Creates a client of a provider that serves 50 requests in each window of ten seconds, and responds after 50 ms. */
  function fiftyPerWindow(policy: Partial<LimitPolicy> = {}) {
    let refused = 0
    let served = 0
    let window = 0
    const scene = setUp([], policy, async () => {
      await new Promise<void>((resolve) => void scene.clock.schedule(50, resolve))
      const now = scene.clock.monotonic()
      const current = Math.floor(now / 10_000)
      if (current !== window) [window, served] = [current, 0]
      if (served++ < 50) return { json: { who: 'x' } }
      refused++
      return { status: 429, headers: { 'retry-after': String(Math.ceil(((current + 1) * 10_000 - now) / 1000)) } }
    })
    const start = (calls: number) =>
      Promise.allSettled(Array.from({ length: calls }, () => scene.mcp.as('ada').it.call('ping', {})))
    return { ...scene, start, refused: () => refused }
  }

  it('is met with a slow start, so that few of the calls that waited are refused again', async () => {
    const { clock, start, refused } = fiftyPerWindow()
    const first = start(55)
    await clock.advance(1000)
    expect(refused()).toBe(5)
    const others = start(145)
    await clock.until(Promise.all([first, others]))
    expect(refused()).toBeLessThan(5 + 12)
    expect(clock.pending).toBe(0)
  })

  it('refuses no more calls than necessary where calls fail instead of waiting', async () => {
    const { clock, start } = fiftyPerWindow({ whenLimited: 'refuse' })
    await clock.until(start(51))
    const settled = await clock.until(start(20))
    expect(settled.filter(({ status }) => status === 'rejected')).toEqual([])
  })

  it.each([
    ['the app, if only the app is counted', [{ scope: 'app', requests: 100, perMs: 1000 }], undefined, 'app'],
    ['the connection, if nothing is declared', [], undefined, 'connection'],
    [
      'the method, if the provider counts it',
      [{ requests: 100, perMs: 1000 }],
      { requests: 50, perMs: 1000 },
      'method',
    ],
  ] satisfies [string, readonly Limit[], Limit | undefined, string][])(
    'blocks %s',
    async (_what, limits, limit, scope) => {
      const tools = { ping: { ...ping, limit }, pong: ping }
      const { clock, mcp } = setUp(
        limits,
        {},
        [{ status: 429, headers: { 'retry-after': '5' } }, { json: { who: 'x' } }],
        tools,
      )
      const blocked: unknown[] = []
      mcp.on('limit.blocked', (event) => blocked.push(event))
      await clock.until(mcp.as('ada').it.call('ping', {}))
      expect(blocked).toMatchObject([{ toolName: 'ping', scope, forMs: 5000 }])
    },
  )

  it('ends for calls with the credential of the app, which count for the app and for its connection', async () => {
    const limits: readonly Limit[] = [
      { scope: 'app', requests: 100, perMs: 1000 },
      { scope: 'connection', requests: 100, perMs: 1000 },
    ]
    const ok = { json: { who: 'x' } }
    const limited = { status: 429, headers: { 'retry-after': '5' } }
    const { clock, mcp, transport } = setUp(limits, {}, [limited, ok, ok])
    const first = mcp.as('ada').it.call('ping', {})
    await clock.advance(0)
    const second = mcp.as('bob').it.call('ping', {})
    expect(await clock.until(Promise.all([first, second]))).toEqual([ok.json, ok.json])
    expect(transport.requests).toHaveLength(3)
  })

  it('blocks the scope that the connector names for an error', async () => {
    const strict = defineConnector({
      id: 'strict',
      name: 'Strict',
      baseUrl: 'https://strict.example/',
      auth: bearer(),
      errors: errorTable({}, { 429: { blocks: 'app', retryAfterMs: 5000 } }),
      tools: { ping },
    })
    const mcp = createMcpClient({
      connectors: { it: strict({ token: 't' }) },
      clock: createFakeClock(),
      transport: scriptedTransport([{ status: 429 }]),
      retry: { attempts: 1 },
    })
    const blocked: unknown[] = []
    mcp.on('limit.blocked', (event) => blocked.push(event))
    await expect(mcp.as('ada').it.call('ping', {})).rejects.toMatchObject({ code: 'MCP_RATE_LIMIT_EXCEEDED' })
    expect(blocked).toMatchObject([{ scope: 'app', forMs: 5000 }])
  })
})
