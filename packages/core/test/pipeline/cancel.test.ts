import * as z from 'zod'
import { createFakeClock, errorOf, scriptedTransport } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { causeOf, ConnectorError, createMcpClient, memoryStore } from '@mcpclient/core'
import type { McpClientOptions, Permissions } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { bearer, defineConnector, eventStream, post, tool } from '@mcpclient/core/define'
import type { Limit } from '@mcpclient/core/define'
import { demo } from '../demo-connector.ts'

const never = () => new Promise<never>(() => undefined)
type Options = Pick<McpClientOptions<object & Record<string, never>>, 'vault' | 'permissions'>

const states: readonly [string, () => Options, boolean][] = [
  ['the policy is asked for', () => ({ permissions: { policy: never } satisfies Permissions }), true],
  ['an approval is waited for', () => ({ permissions: { approve: never } satisfies Permissions }), true],
  ['the credential is read', () => ({ vault: vault({ store: { ...memoryStore(), get: never } }) }), false],
]

describe.each(states)('while %s', (_state, options, held) => {
  const start = (signal?: AbortSignal) => {
    const transport = scriptedTransport([])
    const mcp = createMcpClient({ connectors: { notes: demo(held ? { token: 't' } : {}) }, transport, ...options() })
    return { mcp, transport, call: mcp.as('ada').notes.call('create_note', { text: 'x' }, { signal }) }
  }
  const cancelled = { code: 'CANCELLED', details: { outcome: 'not_processed' } }

  it('a call ends at once when its caller aborts, and nothing was sent', async () => {
    const controller = new AbortController()
    const { call, transport } = start(controller.signal)
    const settled = expect(call).rejects.toMatchObject(cancelled)
    await Promise.resolve()
    controller.abort()
    await settled
    expect(transport.requests).toEqual([])
  })

  it('a call ends when the client is closed', async () => {
    const { call, mcp } = start()
    const settled = expect(call).rejects.toMatchObject(cancelled)
    await Promise.resolve()
    await mcp.close()
    await settled
  })

  it('a call does not start if its signal has aborted', async () => {
    await expect(start(AbortSignal.abort()).call).rejects.toMatchObject(cancelled)
  })
})

describe('after the client is closed', () => {
  it('a call does not start', async () => {
    const { mcp, transport } = setUp('ok')
    await mcp.close()
    await expect(mcp.as('ada').it.call('ping', {})).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(transport.requests).toEqual([])
  })
})

function setUp(answer: 'ok' | 'refused' | 'hangs' | 'streams', limits: readonly Limit[] = []) {
  const ping = tool({
    description: 'Ping.',
    effect: 'write',
    idempotent: true,
    input: z.object({}),
    output: z.object({ who: z.string() }),
    request: () => post('ping'),
  })
  const watch = tool({
    description: 'Watch.',
    effect: 'read',
    input: z.object({}),
    output: z.object({ who: z.string() }),
    request: () => post('watch'),
    stream: eventStream({ item: ({ data }) => JSON.parse(data) as unknown }),
  })
  const it = defineConnector({
    id: 'it',
    name: 'It',
    baseUrl: 'https://it.example/',
    auth: bearer(),
    limits,
    tools: { ping, watch },
  })
  const clock = createFakeClock()
  const transport = scriptedTransport(() => {
    if (answer === 'hangs') return never()
    if (answer === 'refused') return { status: 503 }
    return answer === 'ok' ? { json: { who: 'x' } } : { events: silence() }
  })
  const mcp = createMcpClient({
    connectors: { it: it({ token: 't' }) },
    clock,
    transport,
    random: () => 0.999,
    retry: { attempts: 3, baseMs: 1000, maxMs: 1000 },
  })
  return { mcp, clock, transport }
}

async function* silence() {
  yield { data: { who: 'x' } }
  await never()
}

const onePerHour: readonly Limit[] = [{ scope: 'app', requests: 1, perMs: 20_000 }]

const reasons: readonly (readonly [name: string, reason: unknown])[] = [
  ['a string', 'text'],
  ['null', null],
  ['undefined', undefined],
  ['an Error', new Error('gave up')],
  ['an object', { why: 'gave up' }],
  ["another call's error", new ConnectorError('MCP_RATE_LIMIT_EXCEEDED', 'Slow down.', { retryAfterMs: 5 })],
]

describe.each(reasons)('aborted with %s', (_name, reason) => {
  it.each([
    ['while it waits at the limiter', 'ok', 'ping', onePerHour, 1],
    ['while attempt 2 waits at the limiter', 'refused', 'ping', onePerHour, 0],
    ['while it waits before a retry', 'refused', 'ping', [], 0],
    ['while the response is outstanding', 'hangs', 'ping', [], 0],
    ['while the stream is silent', 'streams', 'watch', [], 0],
  ] as const)('a call is CANCELLED %s', async (_state, answer, name, limits, callsBefore) => {
    const { mcp, clock } = setUp(answer, limits)
    for (let call = 0; call < callsBefore; call += 1) await mcp.as('ada').it.call('ping', {})
    const controller = new AbortController()
    const failure = errorOf(mcp.as('ada').it.call(name, {}, { signal: controller.signal }))
    await clock.advance(limits === onePerHour && answer === 'refused' ? 1000 : 0)
    controller.abort(reason)
    const error = await failure
    expect(error).toMatchObject({ code: 'CANCELLED', details: { serverId: 'it', toolName: name } })
    expect(causeOf(error)).toBe(controller.signal.reason)
    expect(clock.pending).toBe(0)
  })

  it('a call is CANCELLED before it starts, and the reason is not changed', async () => {
    const { mcp, transport } = setUp('ok')
    const error = await errorOf(mcp.as('ada').it.call('ping', {}, { signal: AbortSignal.abort(reason) }))
    expect(error).toMatchObject({ code: 'CANCELLED', details: { outcome: 'not_processed' } })
    expect(transport.requests).toEqual([])
    if (ConnectorError.is(reason)) expect(reason.details).toEqual({ retryAfterMs: 5 })
  })
})
