import * as z from 'zod'
import { createFakeClock, scriptedTransport } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { createMcpClient } from '@mcpclient/core'
import { bearer, defineConnector, get, post, tool } from '@mcpclient/core/define'
import type { Limit, RequestSpec } from '@mcpclient/core/define'

const output = z.object({ ok: z.boolean() })
const read = (cost: RequestSpec['cost'], limit?: Limit | readonly Limit[]) =>
  tool({
    description: 'Read.',
    effect: 'read',
    input: z.object({}),
    output,
    limit,
    request: () => get('items', undefined, { cost }),
  })
const send = tool({
  description: 'Send.',
  effect: 'write',
  input: z.object({ to: z.string().optional(), body: z.string().default('') }),
  output,
  request: (input) => post('messages', input),
})

type Tools = Readonly<Record<string, ReturnType<typeof read> | typeof send>>

/** Defines a connector whose calls fail instead of waiting. */
function setUp(limits: readonly Limit[], tools: Tools) {
  const limited = defineConnector({
    id: 'limited',
    name: 'Limited',
    baseUrl: 'https://limited.example/',
    auth: bearer(),
    limits,
    tools,
  })
  const transport = scriptedTransport(() => ({ json: { ok: true } }))
  const clock = createFakeClock()
  const mcp = createMcpClient({
    connectors: { it: limited({ token: 't' }) },
    clock,
    transport,
    limits: { whenLimited: 'refuse' },
  })
  const call = (name: string, input: object = {}) => mcp.client('it', 'ada').invoke(name, input)
  /** Calls until a limit refuses, and returns the number of calls that passed. */
  const admitted = async (name: string, input: object = {}): Promise<number> => {
    for (let passed = 0; ; passed++) {
      if (passed === 20) return passed
      try {
        await call(name, input)
      } catch (error) {
        expect(error).toMatchObject({ code: 'MCP_RATE_LIMIT_EXCEEDED' })
        return passed
      }
    }
  }
  return { admitted, call, clock, transport }
}

const points: Limit = { name: 'points', requests: 10, perMs: 3_600_000, scope: 'app' }
const burst: Limit = { requests: 4, perMs: 1000 }

describe('a cost', () => {
  it.each([
    ['a number counts in every limit', 2, 2],
    ['by name counts 1 in the limits that it does not name', { points: 2 }, 4],
    ['that names no limit counts 1 in each', {}, 4],
    ['of 0 exempts the request from every rate', 0, 20],
    ['of 0 in one limit leaves the others', { points: 0 }, 4],
  ] as const)('%s', async (_what, cost, passed) => {
    const { admitted } = setUp([points, burst], { read: read(cost) })
    expect(await admitted('read')).toBe(passed)
  })

  it('is taken from the named limit', async () => {
    const { admitted, clock } = setUp([points, burst], { read: read({ points: 3 }) })
    expect(await admitted('read')).toBe(3)
    await clock.advance(1000)
    expect(await admitted('read')).toBe(0)
    await clock.advance((3 * 3_600_000) / 10)
    expect(await admitted('read')).toBe(1)
  })

  it('counts in all limits that share the name', async () => {
    const own: Limit = { name: 'points', requests: 6, perMs: 60_000 }
    const { admitted } = setUp([points, own], { read: read({ points: 3 }) })
    expect(await admitted('read')).toBe(2)
  })

  it('does not count for requests in flight', async () => {
    const { admitted } = setUp([{ name: 'points', concurrent: 1 }], { read: read({ points: 3 }) })
    expect(await admitted('read')).toBe(20)
  })

  it('may use any name where no limit has one, for variants of a service that share tools', async () => {
    const { admitted } = setUp([burst], { read: read({ points: 3 }) })
    expect(await admitted('read')).toBe(4)
  })
})

describe('a limit per field', () => {
  const pair: Limit = { per: 'to', requests: 2, perMs: 6000 }

  it('counts each value by itself', async () => {
    const { admitted, clock } = setUp([pair], { send })
    expect(await admitted('send', { to: 'bo', body: 'a' })).toBe(2)
    expect(await admitted('send', { to: 'bo', body: 'b' })).toBe(0)
    expect(await admitted('send', { to: 'cy' })).toBe(2)
    await clock.advance(3000)
    expect(await admitted('send', { to: 'bo' })).toBe(1)
  })

  it('does not count calls without the field', async () => {
    const { admitted } = setUp([pair], { send, read: read(1) })
    expect(await admitted('send', { body: 'a' })).toBe(20)
    expect(await admitted('read')).toBe(20)
  })

  it('counts a value for its scope', async () => {
    const { admitted } = setUp([pair, { ...pair, scope: 'method', requests: 1 }], { send, send_too: send })
    expect(await admitted('send', { to: 'bo' })).toBe(1)
    expect(await admitted('send_too', { to: 'bo' })).toBe(1)
    expect(await admitted('send_too', { to: 'cy' })).toBe(1)
  })

  it('distinguishes a number from a string of the same digits', async () => {
    const any = { ...send, input: z.object({ to: z.unknown() }) } as unknown as typeof send
    const { admitted } = setUp([pair], { send: any })
    expect(await admitted('send', { to: '1' })).toBe(2)
    expect(await admitted('send', { to: 1 })).toBe(2)
  })

  it('is refused if no input has the field', () => {
    expect(() => setUp([{ ...pair, per: 'recipient' }], { send })).toThrow(/no input has the field "recipient"/)
  })
})

it('takes several limits of one tool', async () => {
  const shared: Limit = { requests: 3, perMs: 1000, scope: 'connection' }
  const own: Limit = { requests: 2, perMs: 1000 }
  const { admitted } = setUp([], { first: read(1, [shared, own]), second: read(1, shared), third: read(1) })
  expect(await admitted('first')).toBe(2)
  expect(await admitted('second')).toBe(1)
  expect(await admitted('third')).toBe(20)
})
