import { createMcpClient, TransportError } from '@mcpclient/core'
import { defineConnector, get, noAuth, tool } from '@mcpclient/core/define'
import type { Effect, PerformContext } from '@mcpclient/core/define'
import { createFakeClock, errorOf } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

const Settings = z.object({ shelf: z.string().default('left') })
type Context = PerformContext<z.output<typeof Settings>>
type Perform = (input: { item: string }, context: Context) => Promise<{ stored: string }>

/** Composes a connector with one tool that performs its calls. */
function setUp(perform: Perform, effect: Effect = 'write', options: object = {}) {
  const cupboard = defineConnector({
    id: 'cupboard',
    name: 'Cupboard',
    baseUrl: null,
    auth: noAuth,
    settings: Settings,
    tools: {
      store_item: tool({
        description: 'Store an item.',
        effect,
        input: z.object({ item: z.string() }),
        output: z.object({ stored: z.string() }),
        perform,
      }),
      fetch_item: tool({
        description: 'Fetch an item.',
        effect: 'read',
        input: z.object({}),
        output: z.object({}),
        request: () => get('item'),
      }),
    },
  })
  const clock = createFakeClock()
  return { clock, ada: createMcpClient({ connectors: { cupboard: cupboard() }, clock, ...options }).as('ada').cupboard }
}

const lost = new TransportError('The socket was closed.', { sent: true })

describe('a tool that performs its call', () => {
  it('receives the input, the settings, the principal and the name of the account', async () => {
    const seen: unknown[] = []
    const { ada } = setUp(async ({ item }, { settings, principal, account, requestId }) => {
      seen.push({ settings, principal, account, requestId })
      return { stored: item, extra: 1 }
    })
    expect(await ada.call('store_item', { item: 'jug' }, { requestId: 'r-1' })).toEqual({ stored: 'jug' })
    await ada.at('work').call('store_item', { item: 'jug' }, { requestId: 'r-2' })
    const common = { settings: { shelf: 'left' }, principal: { tenant: 'ada' } }
    expect(seen).toEqual([
      { ...common, account: 'default', requestId: 'r-1' },
      { ...common, account: 'work', requestId: 'r-2' },
    ])
  })

  it('runs only if the approver allows it', async () => {
    const proposals: unknown[] = []
    const approve = ({ request, input }: { request: object; input: unknown }) => {
      proposals.push({ request, input })
      return false
    }
    const { ada } = setUp(() => Promise.reject(new Error('It ran.')), 'write', { permissions: { approve } })
    expect(await errorOf(ada.call('store_item', { item: 'jug' }))).toMatchObject({ code: 'PERMISSION_DENIED' })
    const input = { item: 'jug' }
    expect(proposals).toEqual([{ request: { method: 'EXCHANGE', path: 'store_item', summary: input }, input }])
  })

  it('runs again after a lost connection if it reads', async () => {
    let runs = 0
    const { ada, clock } = setUp(
      () => (++runs === 1 ? Promise.reject(lost) : Promise.resolve({ stored: 'jug' })),
      'read',
    )
    expect(await clock.until(ada.call('store_item', { item: 'jug' }))).toEqual({ stored: 'jug' })
    expect(runs).toBe(2)
  })

  it('does not run again after a write that may have happened', async () => {
    let runs = 0
    const { ada, clock } = setUp(() => {
      runs++
      return Promise.reject(lost)
    })
    const error = await clock.until(errorOf(ada.call('store_item', { item: 'jug' })))
    expect(error).toMatchObject({ code: 'OUTCOME_UNKNOWN', details: { outcome: 'unknown' } })
    expect(runs).toBe(1)
  })

  it('runs again after a write that was never sent', async () => {
    let runs = 0
    const { ada, clock } = setUp(async (_input, { sent }) => {
      sent(false)
      if (++runs === 1) throw new TransportError('The name is unknown.', { sent: false })
      return { stored: 'jug' }
    })
    expect(await clock.until(ada.call('store_item', { item: 'jug' }))).toEqual({ stored: 'jug' })
  })

  it('reports any other error as a fault of the connector', async () => {
    const throws: Perform = () => {
      throw new TypeError('bug')
    }
    for (const perform of [throws, () => Promise.reject(new Error('bug'))]) {
      const error = await errorOf(setUp(perform).ada.call('store_item', { item: 'jug' }))
      expect(error).toMatchObject({ code: 'API_INTERNAL_ERROR', details: { outcome: 'unknown' } })
      expect(error.message).toBe('The connector of cupboard failed inside store_item.')
    }
  })

  it('reports an output that does not match its schema', async () => {
    const { ada } = setUp(() => Promise.resolve({} as { stored: string }))
    const error = await errorOf(ada.call('store_item', { item: 'jug' }))
    expect(error).toMatchObject({ code: 'DATA_TRANSFORMATION_ERROR', details: { outcome: 'unknown' } })
  })
})

describe('a connector without a base URL', () => {
  it('cannot send a request', async () => {
    const { ada } = setUp(() => Promise.resolve({ stored: '' }))
    const error = await errorOf(ada.call('fetch_item', {}))
    expect(error).toMatchObject({ code: 'CONFIGURATION_ERROR', details: { outcome: 'not_processed' } })
  })

  it('has no option baseUrl', () => {
    const bare = defineConnector({ id: 'bare', name: 'Bare', baseUrl: null, auth: noAuth, tools: {} })
    expect(() => bare({ baseUrl: 'https://bare.example/' })).toThrow('baseUrl is not an option')
  })
})

it('rejects a tool that both performs its call and describes a request', () => {
  const shape = { description: 'Store.', effect: 'write', input: z.object({}), output: z.object({}) } as const
  const perform = () => Promise.resolve({})
  const both: object = { ...shape, perform, request: () => get('item') }
  for (const broken of [shape, both]) {
    const tools = { store: broken as never }
    expect(() => defineConnector({ id: 'bare', name: 'Bare', baseUrl: null, auth: noAuth, tools })).toThrow(
      'requires one of request(), run() and perform()',
    )
  }
})
