import { createFakeClock, scriptedTransport } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { createMcpClient, memoryStore } from '@mcpclient/core'
import type { CallStage, McpClientOptions, RequestStage } from '@mcpclient/core'
import { defineConnector, get, noAuth, tool } from '@mcpclient/core/define'
import { vault } from '@mcpclient/core/vault'
import { madeUpProvider } from '../vault/made-up-provider.ts'
import { demo } from '../demo-connector.ts'

const never = () => new Promise<never>(() => undefined)
type Options = Omit<McpClientOptions<object>, 'connectors'>

function setUp(options: Options, held = true) {
  const clock = createFakeClock()
  const transport = scriptedTransport([])
  const connectors = { notes: demo(held ? { token: 't' } : {}) }
  const mcp = createMcpClient({ connectors, transport, clock, ...options })
  return { clock, transport, mcp, notes: mcp.as('ada').notes }
}

const hangingStage: CallStage = () => never
const hangingRequestStage: RequestStage = () => never

const waits: readonly (readonly [what: string, options: () => Options, held: boolean])[] = [
  ['the policy', () => ({ permissions: { policy: never } }), true],
  ['an approval', () => ({ permissions: { approve: never } }), true],
  ['the credential store', () => ({ vault: vault({ store: { ...memoryStore(), get: never } }) }), false],
  ['the access policy of the vault', () => ({ vault: vault({ access: never }) }), true],
  [
    "a host's call stage",
    () => ({ pipeline: ({ call, request }) => ({ call: [...call, () => hangingStage], request }) }),
    true,
  ],
  [
    "a host's first request stage",
    () => ({ pipeline: ({ call, request }) => ({ call, request: [() => hangingRequestStage, ...request] }) }),
    true,
  ],
  [
    "a host's last request stage",
    () => ({ pipeline: ({ call, request }) => ({ call, request: [...request, () => hangingRequestStage] }) }),
    true,
  ],
]

describe('the timeout of a call', () => {
  it.each(waits)('covers waiting for %s', async (_what, options, held) => {
    const { clock, notes, transport } = setUp(options(), held)
    const call = notes.call('create_note', { text: 'x' }, { timeoutMs: 2000 })
    await expect(clock.until(call)).rejects.toMatchObject({ code: 'TIMEOUT' })
    expect(clock.monotonic()).toBeLessThanOrEqual(2200)
    expect(transport.requests).toEqual([])
    // The underlying read ends with the timeout of the store.
    await clock.advance(10_000)
    expect(clock.pending).toBe(0)
  })

  it.each(waits.slice(0, 5))('reports that nothing was sent while it waited for %s', async (_what, options, held) => {
    const { clock, notes } = setUp(options(), held)
    const call = notes.call('create_note', { text: 'x' }, { timeoutMs: 2000 })
    await expect(clock.until(call)).rejects.toMatchObject({ details: { outcome: 'not_processed' } })
  })

  it('names the store if it waited for that', async () => {
    const { clock, notes } = setUp({ vault: vault({ store: { ...memoryStore(), get: never } }) }, false)
    const call = notes.call('get_note', { id: 'x' }, { timeoutMs: 2000 })
    await expect(clock.until(call)).rejects.toMatchObject({
      message: 'The time limit of 2000 ms passed while waiting for the credential store.',
    })
  })

  it('is the default if a caller sets none', async () => {
    const { clock, notes } = setUp({ permissions: { policy: never }, timeouts: { callMs: 7000 } })
    await expect(clock.until(notes.call('get_note', { id: 'x' }))).rejects.toMatchObject({ code: 'TIMEOUT' })
    expect(clock.monotonic()).toBe(7000)
  })

  it.each([
    ['the tool', { timeoutMs: 400_000 }, {}, {}, 400_000],
    ['the connector', {}, { timeoutMs: 300_000 }, {}, 300_000],
    ['the tool, even with a longer one of the connector', { timeoutMs: 150_000 }, { timeoutMs: 300_000 }, {}, 150_000],
    ['the default, with a shorter one of the tool', { timeoutMs: 60_000 }, {}, {}, 120_000],
    [
      'the host, even with a longer one of the tool',
      { timeoutMs: 400_000 },
      {},
      { timeouts: { callMs: 90_000 } },
      90_000,
    ],
    ['the tool, if the host set another limit', { timeoutMs: 400_000 }, {}, { timeouts: { requestMs: 9000 } }, 400_000],
  ])('is that of %s', async (_whose, toolLimit, connectorLimit, options, limitMs) => {
    const clock = createFakeClock()
    const slow = defineConnector({
      ...{ id: 'slow', name: 'Slow', baseUrl: 'https://slow.example/', auth: noAuth, ...connectorLimit },
      tools: {
        write_poem: tool({
          description: 'Write a poem.',
          effect: 'read',
          input: z.object({}),
          output: z.object({}),
          request: () => get('poem'),
          ...toolLimit,
        }),
      },
    })
    const connectors = { slow: slow() }
    // The whole call waits: no limit of a request is shorter.
    const mcp = createMcpClient({ connectors, clock, permissions: { policy: never }, ...options })
    await expect(clock.until(mcp.as('ada').slow.call('write_poem', {}))).rejects.toMatchObject({ code: 'TIMEOUT' })
    expect(clock.monotonic()).toBe(limitMs)
  })

  it('covers a refresh, which continues so that its grant is stored', async () => {
    const provider = madeUpProvider()
    const clock = createFakeClock()
    const transport = provider.transport()
    const connectors = { notes: provider.connector('notes')({ clientId: 'c', clientSecret: 's' }) }
    const mcp = createMcpClient({
      connectors,
      transport,
      clock,
      vault: vault({ redirectUri: 'https://app.example/cb' }),
    })
    const { notes } = mcp.as('ada')
    const begun = await notes.connect()
    const state = new URL(begun.status === 'authorize' ? begun.url : 'about:blank').searchParams.get('state')
    await mcp.completeAuthorization(`https://app.example/cb?code=1&state=${String(state)}`, 'ada')
    await clock.advance(3_600_000)
    const { promise, resolve } = Promise.withResolvers<void>()
    provider.trouble.delay = promise

    const started = clock.monotonic()
    const first = notes.call('read_note', {}, { timeoutMs: 2000 })
    await expect(clock.until(first)).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: 'The time limit of 2000 ms passed while waiting for the token refresh.',
    })
    expect(clock.monotonic() - started).toBe(2000)
    const second = notes.call('read_note', {})
    await clock.advance(0)
    resolve()
    await expect(second).resolves.toEqual({ text: 'seen with access-2' })
    expect(provider.seen.refreshes).toBe(1)
  })

  it('sends a request once if its credential arrives after the attempt timed out', async () => {
    const clock = createFakeClock()
    const sent: string[] = []
    const first = Promise.withResolvers<Record<string, never>>()
    const mcp = createMcpClient({
      connectors: { notes: demo({ token: 't' }) },
      clock,
      // Ignores its signal, as the transport of a host may.
      transport: {
        send: ({ method }) => {
          sent.push(method)
          return never()
        },
      },
      retry: { attempts: 2, baseMs: 0 },
      timeouts: { callMs: 60_000, requestMs: 1000 },
      pipeline: ({ call, request }) => ({
        call,
        request: [
          ...request,
          () => (next) => async (attempt) => {
            if (attempt.number === 1) await first.promise
            attempt.signal?.throwIfAborted()
            return next(attempt)
          },
        ],
      }),
    })
    const call = mcp.as('ada').notes.call('create_note', { text: 'x' })
    const settled = expect(clock.until(call)).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' })
    await clock.advance(1000)
    first.resolve({})
    await settled
    expect(sent).toEqual(['POST'])
  })

  it('does not count for the breaker if it passed before anything was sent', async () => {
    const store = memoryStore()
    let hangs = true
    const { clock, mcp, transport } = setUp(
      {
        vault: vault({ store: { ...store, get: (key) => (hangs ? never() : store.get(key)) } }),
        transport: scriptedTransport(() => ({ json: { id: 'n', text: 'x' } })),
        retry: { attempts: 1 },
      },
      false,
    )
    const { notes } = mcp.as('ada')
    for (let call = 0; call < 30; call += 1) {
      await expect(clock.until(notes.call('get_note', { id: 'x' }, { timeoutMs: 10 }))).rejects.toMatchObject({
        code: 'TIMEOUT',
      })
    }
    hangs = false
    await expect(notes.call('get_note', { id: 'x' })).rejects.toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE' })
    expect(transport.requests).toEqual([])
  })

  it.each([Number.NaN, Infinity, -1, 0, '5', null, 2 ** 31, {}])('rejects timeoutMs: %s', async (timeoutMs) => {
    const { notes } = setUp({})
    await expect(notes.invoke('get_note', { id: 'x' }, { timeoutMs: timeoutMs as number })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      details: { issues: [{ path: 'timeoutMs' }], outcome: 'not_processed' },
    })
  })

  it.each([Number.NaN, Infinity, -1, 0, 1.5, '5', null])('rejects maxPages: %s', async (maxPages) => {
    const { notes } = setUp({})
    await expect(notes.invoke('list_notes', {}, { maxPages: maxPages as number })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      details: { issues: [{ path: 'maxPages' }] },
    })
  })
})

describe('a policy that returns a thenable, as query builders do', () => {
  it('is awaited, and does not allow everything', async () => {
    const settle = (resolve: (policy: object) => void) => resolve({ allow: [] })
    const thenable: object = Object.defineProperty({}, ['th', 'en'].join(''), { value: settle })
    const { notes, transport } = setUp({ permissions: { policy: () => thenable } })
    await expect(notes.call('get_note', { id: 'x' })).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
    expect(transport.requests).toEqual([])
  })
})
