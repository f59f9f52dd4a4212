import { createMcpClient, memoryStore } from '@mcpclient/core'
import type { Store } from '@mcpclient/core'
import { bearer, defineConnector, webhook } from '@mcpclient/core/define'
import type { Reading, UnverifiedDelivery } from '@mcpclient/core/define'
import { createFakeClock, errorOf } from '@mcpclient/testing'
import { webhooks } from '@mcpclient/webhooks'
import { channelOf, clientState, sharedToken } from '@mcpclient/webhooks/schemes'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { Claims } from '../src/claims.ts'
import { ADDRESS, chat, chatDelivery, message, SECRET, setUp } from './scene.ts'

const HOUR = 3_600_000

interface Described {
  readonly verify?: ReturnType<typeof sharedToken>
  readonly read?: (body: unknown) => Reading
  readonly respond?: (request: UnverifiedDelivery) => undefined
}

/** Composes a service whose deliveries are proven by a token, with the app's own credential. */
function compose({ verify = sharedToken({ header: 'x-key' }), read = () => ({ ignore: 'all' }), respond }: Described) {
  const service = defineConnector({
    id: 'service',
    name: 'Service',
    baseUrl: 'https://service.example/',
    auth: bearer(),
    tools: {},
    events: { happened: z.looseObject({}), ended: z.looseObject({}) },
    webhook: webhook({
      verify,
      read: ({ json }) => read(json(z.unknown())) as { ignore: string },
      ...(respond && { handshake: { proof: 'subscription', respond } }),
    }),
  })
  const clock = createFakeClock()
  const state = memoryStore({ clock })
  const hooks = webhooks({ address: ADDRESS })
  const one = service({ token: 'a', signingSecret: SECRET })
  const mcp = createMcpClient({ connectors: { one, two: one }, clock, state, capabilities: [hooks] })
  const seen: unknown[] = []
  for (const name of ['happened', 'ended']) {
    for (const id of ['one', 'two'])
      hooks.on(id, name, ({ serverId, event, data }) => void seen.push([serverId, event, data]))
  }
  const deliver = async (body: unknown, headers: Record<string, string> = { 'x-key': SECRET }, id = 'one') => {
    const request = new Request(`http://internal/${id}`, { method: 'POST', body: JSON.stringify(body), headers })
    return (await hooks.receive(request)).status
  }
  return { mcp, hooks, state, seen, deliver }
}

describe('a delivery with several notices', () => {
  const read = (body: unknown) => body as Reading

  it('hands each of them over, even if they share an id', async () => {
    const { deliver, seen } = compose({ read })
    const notices = [
      { id: '1', to: { account: 'A' }, event: 'happened', data: 1 },
      { id: '1', to: { account: 'B' }, event: 'happened', data: 2 },
      { id: '1', to: { account: 'A' }, event: 'ended', data: 3 },
    ]
    for (let n = 0; n < 2; n++) expect(await deliver(notices)).toBe(200)
    expect(seen).toEqual([
      ['one', 'happened', 1],
      ['one', 'happened', 2],
      ['one', 'ended', 3],
    ])
  })

  it('treats an empty id as none', async () => {
    const { deliver, seen } = compose({ read })
    for (let n = 0; n < 3; n++) await deliver({ id: '', to: { account: 'A' }, event: 'happened', data: n })
    expect(seen).toHaveLength(3)
  })
})

it('dispatches under the server id that was called, if a connector is composed twice', async () => {
  const { deliver, seen, hooks } = compose({ read: () => ({ to: { account: 'A' }, event: 'happened', data: 1 }) })
  for (const id of ['one', 'two']) await deliver({}, { 'x-key': SECRET }, id)
  expect(seen.map((each) => (each as unknown[])[0])).toEqual(['one', 'two'])
  expect((await hooks.diagnose({ connector: 'two' })).address).toBe(`${ADDRESS}/two`)
})

it('responds 404 for a connector that was registered without a secret', async () => {
  const scene = await setUp()
  scene.mcp.register('later', chat())
  const path = '/hooks/later'
  expect((await scene.hooks.receive(await chatDelivery(scene, message('E1'), { path }))).status).toBe(404)
  expect(await errorOf(scene.hooks.diagnose({ connector: 'later' }))).toMatchObject({ code: 'CONFIGURATION_ERROR' })
})

describe('a handshake that throws', () => {
  it('does not give a request without proof another response than 401', async () => {
    const { deliver } = compose({
      respond: ({ bytes }) => JSON.parse(new TextDecoder().decode(bytes.slice(1))) as undefined,
    })
    expect(await deliver({}, {})).toBe(401)
    expect(await deliver({})).toBe(200)
  })

  it('W2: responds 400 to a signed body that is not UTF-8, and parks it', async () => {
    const scene = await setUp()
    expect((await scene.hooks.receive(await chatDelivery(scene, 'not JSON'))).status).toBe(400)
    expect(await Array.fromAsync(scene.hooks.parked())).toHaveLength(1)
  })
})

describe('a listener of the client that throws', () => {
  it('does not keep the event from the handlers, and has it repeated', async () => {
    const scene = await setUp()
    let handled = 0
    scene.mcp.on('chat.message', () => {
      throw new Error('The listener failed.')
    })
    scene.hooks.on('chat', 'message', () => void handled++)
    expect((await scene.hooks.receive(await chatDelivery(scene, message('E1')))).status).toBe(200)
    expect(handled).toBe(1)
    await scene.clock.advance(HOUR)
    await scene.runner.runDue()
    expect(handled).toBe(2)
  })

  it('does not repeat a delivery that is parked', async () => {
    const scene = await setUp()
    let attempts = 0
    scene.mcp.on('delivery.parked', () => {
      throw new Error('The listener failed.')
    })
    scene.hooks.on('chat', 'message', () => Promise.reject(new Error(`Attempt ${++attempts}`)))
    await scene.hooks.receive(await chatDelivery(scene, message('E1')))
    for (let hour = 0; hour < 40; hour++) {
      await scene.clock.advance(HOUR)
      await scene.runner.runDue()
    }
    expect(attempts).toBe(10)
  })
})

describe('a delivery that is parked', () => {
  it('holds no header with the secret, whatever its name', async () => {
    const { deliver, hooks, state } = compose({
      read: () => {
        throw new Error('unreadable')
      },
    })
    expect(
      await deliver({}, { 'x-key': SECRET, 'x-copy': `v=${SECRET}`, 'x-api-key': 'canary', 'x-kind': 'kept' }),
    ).toBe(400)
    const stored = JSON.stringify((await state.list('hook/parked')).entries)
    expect(stored).toContain('kept')
    expect(stored).not.toContain(SECRET)
    expect(stored).not.toContain('canary')
    expect((await hooks.diagnose({ connector: 'one' })).verifiedAt).toBeDefined()
  })

  it('is not replayed for a channel whose token it did not carry', async () => {
    let channel = ''
    const { hooks, state, deliver } = compose({
      verify: clientState(),
      read: () => {
        if (channel === '') throw new Error('not supported yet')
        return { to: { channel }, event: 'happened' }
      },
    })
    const token = (await clientState().issueToken?.('mine', [SECRET])) ?? ''
    const rows = ['mine', 'other'].map((id) => ({
      id,
      row: { serverId: 'one', tenant: 'a', connection: 'b', params: {}, state: 'live' },
    }))
    for (const { id, row } of rows) await state.put(`hook/channel/${id}`, JSON.stringify(row))
    expect(await deliver({ value: [{ clientState: token }] }, {})).toBe(400)
    const [parked] = await Array.fromAsync(hooks.parked())
    channel = 'other'
    expect(await errorOf(hooks.replay(parked?.id ?? ''))).toMatchObject({ code: 'INVALID_INPUT' })
    channel = channelOf(token) ?? ''
    await hooks.replay(parked?.id ?? '')
    expect(await Array.fromAsync(hooks.parked())).toEqual([])
  })
})

it('keeps a claim that another process took over and settled', async () => {
  const clock = createFakeClock()
  const store: Store = memoryStore({ clock })
  const [slow, quick] = [new Claims(store, clock), new Claims(store, clock)]
  const first = await slow.claim('chat', 'd', HOUR)
  await clock.advance(60_000)
  expect(await quick.claim('chat', 'd', HOUR)).toHaveProperty('version')
  await quick.settle('chat', 'd', HOUR)
  if (typeof first === 'string') throw new Error('The first claim failed.')
  await slow.release('chat', 'd', first)
  expect(await slow.claim('chat', 'd', HOUR)).toBe('settled')
})

it('shows a handshake as verified in diagnose', async () => {
  const scene = await setUp()
  await scene.hooks.receive(await chatDelivery(scene, { type: 'url_verification', challenge: 'abc' }))
  expect((await scene.hooks.diagnose({ connector: 'chat' })).verifiedAt).toBe(scene.clock.now())
})
