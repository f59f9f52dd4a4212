import { createFakeClock, scriptedTransport } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { createMcpClient, TransportError } from '@mcpclient/core'
import type { PolicyOptions, RuntimeEvents } from '@mcpclient/core'
import { demo } from '../demo-connector.ts'

const note = { id: 'n1', text: 'hi' }
const lost = new TransportError('reset', { sent: true })
const neverSent = new TransportError('refused', { sent: false })

function setUp(
  answers: Parameters<typeof scriptedTransport>[0],
  options: PolicyOptions & { readonly random?: () => number } = {},
) {
  const transport = scriptedTransport(answers)
  const clock = createFakeClock()
  const mcp = createMcpClient({
    connectors: { notes: demo({ token: 't' }) },
    transport,
    clock,
    random: () => 0.5,
    ...options,
  })
  return { transport, clock, mcp, notes: mcp.as('ada').notes }
}

describe('a read', () => {
  it.each([
    ['a lost answer', lost],
    ['503', { status: 503 }],
    ['429', { status: 429 }],
    ['500', { status: 500 }],
  ])('is retried after %s', async (_what, failure) => {
    const { clock, notes, transport } = setUp([failure, { json: note }])
    expect(await clock.until(notes.call('get_note', { id: 'x' }))).toEqual(note)
    transport.verify()
  })

  it.each([400, 401, 403, 404, 409])('is not retried after %i', async (status) => {
    const { notes, transport } = setUp([{ status }])
    await expect(notes.call('get_note', { id: 'x' })).rejects.toMatchObject({ details: { status, attempts: 1 } })
    transport.verify()
  })

  it('stops after the configured attempts, and reports their number', async () => {
    const { clock, notes } = setUp([{ status: 503 }, { status: 503 }, { status: 503 }])
    await expect(clock.until(notes.call('get_note', { id: 'x' }))).rejects.toMatchObject({
      code: 'MCP_SERVER_ERROR',
      details: { attempts: 3 },
    })
  })

  it('waits up to twice as long before each further attempt, by the random function of the host', async () => {
    const numbers = [0.25, 0.75, 1]
    const retry = { attempts: 4, baseMs: 1000, maxMs: 3000 }
    const refused = { status: 503 }
    const { clock, notes, mcp } = setUp([refused, refused, refused, { json: note }], {
      retry,
      random: () => numbers.shift() ?? 0,
    })
    const delays: number[] = []
    mcp.on('request.retrying', ({ delayMs }: RuntimeEvents['request.retrying']) => delays.push(delayMs))
    await clock.until(notes.call('get_note', { id: 'x' }))
    expect(delays).toEqual([250, 1500, 3000])
  })

  it('waits as long as the provider requests', async () => {
    const { clock, notes, mcp } = setUp([{ status: 429, headers: { 'retry-after': '7' } }, { json: note }])
    const delays: number[] = []
    mcp.on('request.retrying', ({ delayMs }: RuntimeEvents['request.retrying']) => delays.push(delayMs))
    const before = clock.monotonic()
    await clock.until(notes.call('get_note', { id: 'x' }))
    expect(delays).toEqual([7000])
    expect(clock.monotonic() - before).toBeGreaterThanOrEqual(7000)
  })

  it('fails at once if the provider requests a longer wait than the caller has', async () => {
    const { clock, notes, transport } = setUp([{ status: 429, headers: { 'retry-after': '3600' } }])
    const before = clock.monotonic()
    await expect(notes.call('get_note', { id: 'x' }, { timeoutMs: 5000 })).rejects.toMatchObject({
      code: 'MCP_RATE_LIMIT_EXCEEDED',
      details: { retryAfterMs: 3_600_000 },
    })
    expect(clock.monotonic()).toBe(before)
    expect(clock.pending).toBe(0)
    transport.verify()
  })

  it('stops waiting when its caller cancels', async () => {
    const { clock, notes, transport } = setUp([{ status: 503, headers: { 'retry-after': '60' } }])
    const controller = new AbortController()
    const call = notes.call('get_note', { id: 'x' }, { signal: controller.signal })
    const settled = expect(call).rejects.toMatchObject({ code: 'CANCELLED' })
    await clock.advance(10)
    controller.abort()
    await settled
    expect(clock.pending).toBe(0)
    transport.verify()
  })
})

describe('a write', () => {
  it('is not sent twice if its response is lost, and has an unknown outcome', async () => {
    const { notes, transport } = setUp([lost])
    await expect(notes.call('create_note', { text: 'x' })).rejects.toMatchObject({
      code: 'OUTCOME_UNKNOWN',
      details: { outcome: 'unknown', attempts: 1 },
    })
    transport.verify()
  })

  it.each([500, 502, 503, 429])('is not sent twice after %i without proof', async (status) => {
    const { notes, transport } = setUp([{ status }])
    await expect(notes.call('create_note', { text: 'x' })).rejects.toMatchObject({
      details: { status, outcome: status === 429 ? 'not_processed' : 'unknown' },
    })
    transport.verify()
  })

  it('is retried if it provably never arrived', async () => {
    const { clock, notes, transport } = setUp([neverSent, { json: note }])
    expect(await clock.until(notes.call('create_note', { text: 'x' }))).toEqual(note)
    transport.verify()
  })

  it('is retried if it is idempotent', async () => {
    const { clock, notes, transport } = setUp([lost, { json: { deleted: true } }])
    expect(await clock.until(notes.call('delete_note', { id: 'x' }))).toEqual({ deleted: true })
    transport.verify()
  })

  it('is retried with the same key', async () => {
    const { clock, notes, transport } = setUp([lost, { status: 503 }, { json: note }])
    await clock.until(notes.call('create_once', { text: 'x' }, { idempotencyKey: 'k-1' }))
    expect(transport.requests.map(({ headers }) => headers['idempotency-key'])).toEqual(['k-1', 'k-1', 'k-1'])
  })

  it('has a different key for each call', async () => {
    const { notes, transport } = setUp(() => ({ json: note }))
    await notes.call('create_once', { text: 'x' })
    await notes.call('create_once', { text: 'x' })
    const [first, second] = transport.requests.map(({ headers }) => headers['idempotency-key'])
    expect(first).toBeTruthy()
    expect(first).not.toBe(second)
  })

  it('has an unknown outcome if it is cancelled during the request', async () => {
    const { notes } = setUp(() => new Promise(() => undefined))
    const controller = new AbortController()
    const call = notes.call('create_note', { text: 'x' }, { signal: controller.signal })
    const settled = expect(call).rejects.toMatchObject({ code: 'CANCELLED', details: { outcome: 'unknown' } })
    await Promise.resolve()
    controller.abort()
    await settled
  })
})

describe('a host without retries', () => {
  it('still receives the outcome of a write', async () => {
    const { notes, transport } = setUp([lost], { retry: { attempts: 1 } })
    await expect(notes.call('create_note', { text: 'x' })).rejects.toMatchObject({
      code: 'OUTCOME_UNKNOWN',
      details: { outcome: 'unknown', attempts: 1 },
    })
    transport.verify()
  })
})

describe('a provider that is down', () => {
  it('receives hardly more requests than there are calls', async () => {
    const { clock, notes, transport } = setUp(() => ({ status: 503 }), {
      breaker: { minimumCalls: 100_000 },
      retry: { baseMs: 1, maxMs: 1 },
    })
    const calls = 400
    const all = Promise.allSettled(Array.from({ length: calls }, () => notes.call('get_note', { id: 'x' })))
    await clock.until(all)
    expect(transport.requests.length).toBeLessThanOrEqual(calls * 1.1 + 6)
  })
})

describe('the whole call', () => {
  it('ends in time if the provider never responds', async () => {
    const { clock, notes } = setUp(() => new Promise(() => undefined), { timeouts: { requestMs: 1000 } })
    const before = clock.monotonic()
    await expect(clock.until(notes.call('get_note', { id: 'x' }, { timeoutMs: 2500 }))).rejects.toMatchObject({
      code: 'TIMEOUT',
    })
    expect(clock.monotonic() - before).toBeLessThanOrEqual(2500)
    expect(clock.pending).toBe(0)
  })
})
