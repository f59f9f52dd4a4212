import { createMcpClient, memoryStore } from '@mcpclient/core'
import type { Store } from '@mcpclient/core'
import { bearer, defineConnector, webhook } from '@mcpclient/core/define'
import { errorOf } from '@mcpclient/testing'
import { webhooks } from '@mcpclient/webhooks'
import { github } from '@mcpclient/webhooks/schemes'
import { signedRequest } from '@mcpclient/webhooks/testing'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { ADDRESS, calendar, chat, chatDelivery, message, SECRET, setUp } from './scene.ts'

const MINUTE = 60_000

describe('receive', () => {
  it('hands an event to the handlers and to the listeners of the client', async () => {
    const scene = await setUp()
    const seen: unknown[] = []
    scene.hooks.on('chat', 'message', (event) => void seen.push(event))
    scene.mcp.on('chat.message', (event) => seen.push(event))
    const response = await scene.hooks.receive(await chatDelivery(scene, message('E1')))
    expect(response.status).toBe(200)
    const data = { type: 'message', text: 'Hello' }
    expect(seen).toEqual([
      { serverId: 'chat', tenant: 'ada', connection: 'default', data },
      { id: 'E1', serverId: 'chat', event: 'message', tenant: 'ada', connection: 'default', data },
    ])
  })

  it('hands an event to every connection of the account', async () => {
    const scene = await setUp()
    await scene.mcp.as('bob').chat.at('work').connect({ token: 'b' })
    const seen: unknown[] = []
    scene.hooks.on('chat', 'message', ({ tenant, connection }) => void seen.push([tenant, connection]))
    await scene.hooks.receive(await chatDelivery(scene, message('E1')))
    expect(seen).toEqual([
      ['ada', 'default'],
      ['bob', 'work'],
    ])
  })

  it('responds 200 to a repetition, and handles it once', async () => {
    const scene = await setUp()
    let handled = 0
    scene.hooks.on('chat', 'message', () => void handled++)
    for (let n = 0; n < 3; n++) {
      expect((await scene.hooks.receive(await chatDelivery(scene, message('E1')))).status).toBe(200)
      await scene.clock.advance(20 * MINUTE)
    }
    expect(handled).toBe(1)
  })

  it('recognizes a repetition without an id by its body', async () => {
    const scene = await setUp()
    let handled = 0
    scene.hooks.on('chat', 'message', () => void handled++)
    await scene.hooks.receive(await chatDelivery(scene, message(undefined, 'one')))
    await scene.hooks.receive(await chatDelivery(scene, message(undefined, 'one')))
    await scene.hooks.receive(await chatDelivery(scene, message(undefined, 'two')))
    expect(handled).toBe(2)
  })

  it('responds 200 to a delivery that is ignored, or whose account is not connected', async () => {
    const scene = await setUp()
    const other = { ...message('E2'), team_id: 'T2' }
    const ignored = { ...message('E3'), event: { type: 'reaction' } }
    for (const body of [other, ignored]) {
      expect((await scene.hooks.receive(await chatDelivery(scene, body))).status).toBe(200)
    }
  })

  it.each([undefined, 200, 204] as const)(
    'responds with the accepted status of the connector: %s',
    async (acceptedStatus) => {
      const hooks = webhooks({ address: ADDRESS })
      const plain = defineConnector({
        id: 'plain',
        name: 'Plain',
        baseUrl: 'https://plain.example/',
        auth: bearer(),
        tools: {},
        events: { ping: z.object({}) },
        webhook: webhook({
          verify: github(),
          acceptedStatus,
          read: ({ header }) =>
            header('x-kind') === 'ping'
              ? { to: { account: 'A1' }, event: 'ping', data: {} }
              : { ignore: 'another kind of delivery' },
        }),
      })
      createMcpClient({ connectors: { plain: plain({ token: 't', signingSecret: SECRET }) }, capabilities: [hooks] })
      const deliver = async (kind: string, secret = SECRET) => {
        const url = `${ADDRESS}/plain`
        const headers = { 'x-kind': kind }
        const request = await signedRequest({ scheme: 'github', secret, url, headers, body: { kind } })
        return hooks.receive(request)
      }
      for (const kind of ['ping', 'ping', 'other']) {
        const response = await deliver(kind)
        expect([response.status, await response.text()]).toEqual([acceptedStatus ?? 200, ''])
      }
      expect((await deliver('ping', 'another-secret')).status).toBe(401)
    },
  )

  it('responds 401 to a wrong signature, and calls no handler', async () => {
    const scene = await setUp()
    let handled = 0
    scene.hooks.on('chat', 'message', () => void handled++)
    const forged = await chatDelivery(scene, message('E1'), { secret: 'another-secret' })
    expect((await scene.hooks.receive(forged)).status).toBe(401)
    expect(handled).toBe(0)
  })

  it('responds 404 to a path that is no endpoint', async () => {
    const scene = await setUp()
    for (const path of ['/hooks', '/hooks/', '/hooks/other', '/hooks/%E0%A4%A', '/', '/hooks/chat/x/y']) {
      expect((await scene.hooks.receive(await chatDelivery(scene, message('E1'), { path }))).status).toBe(404)
    }
  })

  it('W20: verifies the composed address, whatever the proxy made of the path before the server id', async () => {
    const scene = await setUp()
    for (const path of ['/chat', '/chat/', '/api/v1/hooks/chat']) {
      const request = await chatDelivery(scene, message(path), { path })
      expect((await scene.hooks.receive(request)).status).toBe(200)
    }
  })

  it('responds to the handshake of a signed provider, and not to a forged one', async () => {
    const scene = await setUp()
    const body = { type: 'url_verification', challenge: '<b>abc</b>' }
    const response = await scene.hooks.receive(await chatDelivery(scene, body))
    expect(await response.text()).toBe('<b>abc</b>')
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    const forged = await scene.hooks.receive(await chatDelivery(scene, body, { secret: 'another-secret' }))
    expect([forged.status, await forged.text()]).toEqual([401, ''])
  })

  it('rejects a request whose body was parsed before', async () => {
    const scene = await setUp()
    const request = await chatDelivery(scene, message('E1'))
    await request.text()
    expect(await errorOf(scene.hooks.receive(request))).toMatchObject({ code: 'CONFIGURATION_ERROR' })
  })

  it('parks a delivery that cannot be read, responds 400, and replays it', async () => {
    const scene = await setUp()
    const parked: unknown[] = []
    scene.mcp.on('delivery.parked', (event) => parked.push(event))
    const response = await scene.hooks.receive(await chatDelivery(scene, { team_id: 'T1' }))
    expect(response.status).toBe(400)
    const [delivery] = await Array.fromAsync(scene.hooks.parked())
    expect(delivery).toMatchObject({ serverId: 'chat', code: 'INVALID_INPUT', event: undefined })
    expect(parked).toEqual([{ serverId: 'chat', id: delivery?.id, code: 'INVALID_INPUT' }])
    expect(await errorOf(scene.hooks.replay(delivery?.id ?? ''))).toMatchObject({ code: 'INVALID_INPUT' })
    expect(await scene.hooks.discard(delivery?.id ?? '')).toBe(true)
    expect(await Array.fromAsync(scene.hooks.parked())).toEqual([])
  })

  it('stores no signature, token or cookie of a delivery that is parked', async () => {
    const scene = await setUp()
    const headers = { cookie: 'c=canary-1', authorization: 'Bearer canary-2', 'x-hub-signature': 'canary-3' }
    await scene.hooks.receive(await chatDelivery(scene, '{}', { headers }))
    const stored = JSON.stringify((await scene.state.list('hook/')).entries)
    expect(stored).toContain('hook/parked')
    expect(stored).not.toContain('canary')
    expect(stored).not.toContain('v0=')
  })
})

describe('a handler that fails', () => {
  it('is repeated by a job, and the provider gets its 200', async () => {
    const scene = await setUp()
    const attempts: string[] = []
    scene.hooks.on('chat', 'message', ({ id }) => {
      if (attempts.push(id) < 3) throw new Error('The database is down.')
    })
    expect((await scene.hooks.receive(await chatDelivery(scene, message('E1')))).status).toBe(200)
    await scene.clock.advance(MINUTE)
    await scene.runner.runDue()
    await scene.clock.advance(2 * MINUTE)
    await scene.runner.runDue()
    await scene.clock.advance(60 * MINUTE)
    await scene.runner.runDue()
    expect(attempts).toEqual(['E1', 'E1', 'E1'])
    expect((await scene.hooks.receive(await chatDelivery(scene, message('E1')))).status).toBe(200)
    expect(attempts).toHaveLength(3)
  })

  it('is parked after ten attempts, and replayed on demand', async () => {
    const scene = await setUp()
    let attempts = 0
    let fails = true
    scene.hooks.on('chat', 'message', () => {
      attempts++
      if (fails) throw new Error('The database is down.')
    })
    await scene.hooks.receive(await chatDelivery(scene, message('E1')))
    for (let n = 0; n < 20; n++) {
      await scene.clock.advance(90 * MINUTE)
      await scene.runner.runDue()
    }
    expect(attempts).toBe(10)
    const [delivery] = await Array.fromAsync(scene.hooks.parked())
    expect(delivery).toMatchObject({ serverId: 'chat', event: 'message', code: 'API_INTERNAL_ERROR' })
    fails = false
    await scene.hooks.replay(delivery?.id ?? '')
    expect(attempts).toBe(11)
    expect(await Array.fromAsync(scene.hooks.parked())).toEqual([])
    expect(await errorOf(scene.hooks.replay(delivery?.id ?? ''))).toMatchObject({ code: 'INVALID_INPUT' })
  })

  it('W13: leaves the delivery to the retry of the provider if no capability runs jobs', async () => {
    const scene = await setUp({ hasJobs: false })
    let attempts = 0
    scene.hooks.on('chat', 'message', () => {
      if (++attempts === 1) throw new Error('The database is down.')
    })
    const statuses: number[] = []
    for (let n = 0; n < 3; n++) {
      statuses.push((await scene.hooks.receive(await chatDelivery(scene, message('E1')))).status)
    }
    expect([statuses, attempts]).toEqual([[503, 200, 200], 2])
  })

  it('does not keep the other handlers from the event', async () => {
    const scene = await setUp()
    let handled = 0
    scene.hooks.on('chat', 'message', () => Promise.reject(new Error('unreachable')))
    scene.hooks.on('chat', 'message', () => void handled++)
    await scene.hooks.receive(await chatDelivery(scene, message('E1')))
    expect(handled).toBe(1)
  })

  it('is no more called once it is removed', async () => {
    const scene = await setUp()
    let handled = 0
    const remove = scene.hooks.on('chat', 'message', () => void handled++)
    remove()
    await scene.hooks.receive(await chatDelivery(scene, message('E1')))
    expect(handled).toBe(0)
  })
})

describe('a handler that takes longer than the provider waits', () => {
  it('gets its 200 in time, and no second run if it succeeds', async () => {
    const scene = await setUp()
    const end = Promise.withResolvers<void>()
    let runs = 0
    scene.hooks.on('chat', 'message', () => (runs++, end.promise))
    const response = scene.hooks.receive(await chatDelivery(scene, message('E1')))
    const started = scene.clock.now()
    expect((await scene.clock.until(response)).status).toBe(200)
    expect(scene.clock.now() - started).toBeLessThan(3000)
    end.resolve()
    await scene.clock.advance(10 * MINUTE)
    await scene.runner.runDue()
    expect(runs).toBe(1)
  })

  it('is repeated by a job if its process stops', async () => {
    const scene = await setUp()
    let runs = 0
    scene.hooks.on('chat', 'message', () => (++runs === 1 ? new Promise(() => undefined) : undefined))
    await scene.clock.until(scene.hooks.receive(await chatDelivery(scene, message('E1'))))
    await scene.clock.advance(2 * MINUTE)
    await scene.runner.runDue()
    expect(runs).toBe(2)
  })
})

describe('a process that stops before it responded', () => {
  it('leaves the delivery to the retry of the provider, after a minute', async () => {
    const scene = await setUp()
    let runs = 0
    const first = scene.hooks.on('chat', 'message', () => new Promise(() => undefined))
    // The process stops: nothing after the claim is written.
    const receiving = scene.hooks.receive(await chatDelivery(scene, message('E1')))
    await scene.clock.advance(0)
    first()
    scene.hooks.on('chat', 'message', () => void runs++)
    expect((await scene.hooks.receive(await chatDelivery(scene, message('E1')))).status).toBe(503)
    expect(runs).toBe(0)
    void receiving
  })
})

describe('a store that fails', () => {
  it('W13: makes the provider send the delivery again', async () => {
    const base = memoryStore()
    let isDown = false
    const state: Store = {
      get: (key) => (isDown ? Promise.reject(new Error('down')) : base.get(key)),
      put: (key, value, options) => (isDown ? Promise.reject(new Error('down')) : base.put(key, value, options)),
      delete: (key, options) => base.delete(key, options),
      list: (prefix, options) => base.list(prefix, options),
    }
    const scene = await setUp({ state })
    let handled = 0
    scene.hooks.on('chat', 'message', () => void handled++)
    isDown = true
    expect((await scene.hooks.receive(await chatDelivery(scene, message('E1')))).status).toBe(503)
    isDown = false
    expect((await scene.hooks.receive(await chatDelivery(scene, message('E1')))).status).toBe(200)
    expect(handled).toBe(1)
  })
})

describe('webhooks', () => {
  it.each([
    '',
    'app.example/hooks',
    'http://app.example/hooks',
    'https://app.example/hooks?a=1',
    'https://a.example/#b',
  ])('rejects %s as an address', async (address) => {
    expect(await errorOf(() => webhooks({ address }))).toMatchObject({ code: 'CONFIGURATION_ERROR' })
  })

  it('needs the secret of each connector that it serves', () => {
    const compose = (connectors?: readonly string[]) =>
      createMcpClient({
        connectors: { chat: chat(), calendar: calendar({ signingSecret: SECRET }) },
        capabilities: [webhooks({ address: ADDRESS, connectors })],
      })
    expect(() => compose()).toThrow('The webhook of chat has no secret.')
    expect(() => compose(['calendar'])).not.toThrow()
    expect(() => compose(['other'])).toThrow('other is no composed connector with a webhook.')
  })

  it('serves only the connectors that it names', async () => {
    const scene = await setUp({ connectors: ['calendar'] })
    expect((await scene.hooks.receive(await chatDelivery(scene, message('E1')))).status).toBe(404)
  })

  it('reports what it verified and refused', async () => {
    const scene = await setUp()
    await scene.hooks.receive(await chatDelivery(scene, message('E1')))
    const verifiedAt = scene.clock.now()
    await scene.clock.advance(MINUTE)
    await scene.hooks.receive(await chatDelivery(scene, message('E2'), { secret: 'another-secret' }))
    expect(await scene.hooks.diagnose({ connector: 'chat' })).toEqual({
      address: 'https://app.example/hooks/chat',
      verifiedAt,
      refusedAt: scene.clock.now(),
      reason: 'signature_mismatch',
      subscriptions: [],
    })
    expect(await errorOf(scene.hooks.diagnose({ connector: 'other' }))).toMatchObject({ code: 'INVALID_INPUT' })
  })

  it('writes at most one refusal a minute, so that forged requests do not flood the store', async () => {
    let writes = 0
    const base = memoryStore()
    const state: Store = {
      get: (key) => base.get(key),
      put: (key, value, options) => (writes++, base.put(key, value, options)),
      delete: (key, options) => base.delete(key, options),
      list: (prefix, options) => base.list(prefix, options),
    }
    const scene = await setUp({ state })
    const before = writes
    for (let n = 0; n < 100; n++) {
      await scene.hooks.receive(await chatDelivery(scene, message(`E${n}`), { secret: 'another-secret' }))
    }
    expect(writes - before).toBe(1)
  })

  it('need a client that composes them', async () => {
    const hooks = webhooks({ address: ADDRESS })
    expect(await errorOf(hooks.diagnose({ connector: 'chat' }))).toMatchObject({ code: 'CONFIGURATION_ERROR' })
  })
})
