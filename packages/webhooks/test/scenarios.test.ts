import { gzipSync } from 'node:zlib'
import { createMcpClient, memoryStore } from '@mcpclient/core'
import type { Store } from '@mcpclient/core'
import { bearer, defineConnector, webhook } from '@mcpclient/core/define'
import { jobs } from '@mcpclient/core/jobs'
import { createFakeClock, errorOf } from '@mcpclient/testing'
import { webhooks } from '@mcpclient/webhooks'
import { slack } from '@mcpclient/webhooks/schemes'
import { signedRequest } from '@mcpclient/webhooks/testing'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { mailNotification, validation } from './mail.ts'
import { ADDRESS, chat, chatDelivery, message, notification, SECRET, setUp } from './scene.ts'

// Scenarios of public bug reports, at the door: `receive`. Those of one scheme or of subscriptions are in their own tests,
// under the same numbers.

const MINUTE = 60_000
const inbox = { connector: 'mail', tenant: 'ada', sync: 'messages' }
const target = { connector: 'calendar', tenant: 'ada', sync: 'events' }

describe('a delivery of a provider that signs', () => {
  it.each([
    ['spaces', '{ "event_id" : "E1", "team_id":"T1","event":{"type":"message"} }'],
    ['an escaped slash', '{"event_id":"E1","team_id":"T1","event":{"type":"message","text":"a\\/b"}}'],
    ['a number with a fraction', '{"event_id":"E1","team_id":"T1","event":{"type":"message","n":1.0}}'],
    ['a repeated key', '{"event_id":"E0","event_id":"E1","team_id":"T1","event":{"type":"message"}}'],
    ['an emoji', '{"event_id":"E1","team_id":"T1","event":{"type":"message","text":"😊"}}'],
  ])('W1: is verified over its bytes and handled, with %s', async (_what, body) => {
    const scene = await setUp()
    const ids: string[] = []
    scene.hooks.on('chat', 'message', ({ id }) => void ids.push(id))
    expect((await scene.hooks.receive(await chatDelivery(scene, body))).status).toBe(200)
    expect(ids).toEqual(['E1'])
  })

  it('W2: is verified before it is decoded: another charset changes nothing, invalid UTF-8 is parked with 400', async () => {
    const scene = await setUp()
    const headers = { 'content-type': 'application/json; charset=iso-8859-1' }
    expect((await scene.hooks.receive(await chatDelivery(scene, message('E1', 'Grüße'), { headers }))).status).toBe(200)
    const body = new Uint8Array([0x7b, 0xff, 0x7d])
    const options = { scheme: 'slack', secret: SECRET, url: `${ADDRESS}/chat`, body, now: scene.clock.now() } as const
    expect((await scene.hooks.receive(await signedRequest(options))).status).toBe(400)
    expect(await Array.fromAsync(scene.hooks.parked())).toMatchObject([
      { message: 'The webhook delivery is not UTF-8.' },
    ])
  })

  const sent = (change: RequestInit & { readonly headers: Record<string, string> }) =>
    new Request(`${ADDRESS}/chat`, { method: 'POST', body: '{}', ...change })
  it.each([
    ['W3: that grows beyond the limit', 413, { 'content-encoding': 'gzip' }, gzipSync(Buffer.alloc(2_000_000))],
    ['W3: in an unknown encoding', 415, { 'content-encoding': 'br' }, '{}'],
    ['W4: with two signatures in one header', 401, { 'x-slack-signature': 'v0=00, v0=00' }, '{}'],
    ['W6: without a signature', 401, {}, '{}'],
    ['W7: with an empty signature', 401, { 'x-slack-signature': '' }, '{}'],
    ['W7: with an odd number of hex digits', 401, { 'x-slack-signature': `v0=${'a'.repeat(63)}` }, '{}'],
    ['W7: with 10,000 hex digits', 401, { 'x-slack-signature': `v0=${'a'.repeat(10_000)}` }, '{}'],
    [
      'W9: with a timestamp in another notation',
      401,
      { 'x-slack-request-timestamp': '1e9', 'x-slack-signature': `v0=${'a'.repeat(64)}` },
      '{}',
    ],
  ])('%s: gets a %i', async (_what, status, headers, body) => {
    const { hooks } = await setUp()
    expect((await hooks.receive(sent({ headers, body }))).status).toBe(status)
  })

  it('W4: is found with headers in any case', async () => {
    const scene = await setUp()
    const request = await chatDelivery(scene, message('E1'))
    const headers = [...request.headers].map(([name, value]): [string, string] => [name.toUpperCase(), value])
    const other = new Request(request.url, { method: 'POST', body: await request.text(), headers })
    expect((await scene.hooks.receive(other)).status).toBe(200)
  })

  it.each([[''], [' '], [undefined], [[]], [['a', '']]] as const)(
    'W5: needs a secret when it is composed: %j',
    async (secret) => {
      const compose = () =>
        createMcpClient({
          connectors: { chat: chat({ signingSecret: secret as string }) },
          capabilities: [webhooks({ address: ADDRESS })],
        })
      expect(await errorOf(compose)).toMatchObject({ code: 'CONFIGURATION_ERROR' })
    },
  )

  it('W20: is verified whatever host and X-Forwarded headers it claims', async () => {
    const scene = await setUp()
    const headers = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http', host: 'evil.example' }
    expect((await scene.hooks.receive(await chatDelivery(scene, message('E1'), { headers }))).status).toBe(200)
  })

  it('W24: may be signed with any active secret, and with no retired one', async () => {
    const clock = createFakeClock()
    const receive = async (secrets: readonly string[], secret: string) => {
      const hooks = webhooks({ address: ADDRESS })
      createMcpClient({
        connectors: { chat: chat({ token: 'a', signingSecret: secrets }) },
        clock,
        capabilities: [hooks],
      })
      return (await hooks.receive(await chatDelivery({ clock }, message('E1'), { secret }))).status
    }
    expect(await receive(['new-secret', 'old-secret'], 'old-secret')).toBe(200)
    expect(await receive(['new-secret', 'old-secret'], 'new-secret')).toBe(200)
    expect(await receive(['new-secret'], 'old-secret')).toBe(401)
  })
})

describe('W13: a delivery that was claimed', () => {
  it('is handled when it is sent again, at once, if no job could be stored for its handler', async () => {
    const clock = createFakeClock()
    const base = memoryStore({ clock })
    let isDown = true
    const store: Store = {
      ...{ get: base.get.bind(base), delete: base.delete.bind(base), list: base.list.bind(base) },
      put: (...written) => (isDown ? Promise.reject(new Error('down')) : base.put(...written)),
    }
    const hooks = webhooks({ address: ADDRESS })
    const connectors = { chat: chat({ token: 'a', signingSecret: SECRET }) }
    createMcpClient({ connectors, clock, capabilities: [jobs({ store }), hooks] })
    let attempts = 0
    hooks.on('chat', 'message', () => {
      if (++attempts === 1) throw new Error('The database is down.')
    })
    expect((await hooks.receive(await chatDelivery({ clock }, message('E1')))).status).toBe(503)
    isDown = false
    expect((await hooks.receive(await chatDelivery({ clock }, message('E1')))).status).toBe(200)
    expect(attempts).toBe(2)
  })
})

describe('W15: one event under several ids', () => {
  const events = defineConnector({
    id: 'events',
    name: 'Events',
    baseUrl: 'https://events.example/',
    auth: bearer(),
    tools: {},
    events: { message: z.looseObject({}) },
    webhook: webhook({
      verify: slack(),
      read: ({ json }) => {
        const { event } = json(z.object({ event: z.looseObject({ event_ts: z.string() }) }))
        return { id: event.event_ts, to: { account: 'T1' }, event: 'message', data: event }
      },
    }),
  })

  it('is handled once if the connector makes the id of the time of the event', async () => {
    const clock = createFakeClock()
    const hooks = webhooks({ address: ADDRESS })
    const connectors = { chat: events({ token: 'a', signingSecret: SECRET }) }
    createMcpClient({ connectors, clock, capabilities: [hooks] })
    let handled = 0
    hooks.on('chat', 'message', () => void handled++)
    for (let n = 0; n < 11; n++) {
      const body = { event_id: `E${n}`, event: { event_ts: '1525215129.000001' } }
      expect((await hooks.receive(await chatDelivery({ clock }, body))).status).toBe(200)
    }
    expect(handled).toBe(1)
  })

  it('is handled once for each id otherwise', async () => {
    const scene = await setUp()
    let handled = 0
    scene.hooks.on('chat', 'message', () => void handled++)
    for (let n = 0; n < 11; n++) await scene.hooks.receive(await chatDelivery(scene, message(`E${n}`)))
    expect(handled).toBe(11)
  })
})

describe('a delivery that a retry cannot mend', () => {
  it('W16: gets its 200 if it is a repetition, old, of an unknown account, or of a sync that is not scheduled', async () => {
    const scene = await setUp()
    await scene.hooks.subscribe(target)
    const [watch] = [...scene.watches.values()]
    if (watch === undefined) throw new Error('There is no watch.')
    const repeated = [message('E1'), message('E1'), { ...message('E2'), team_id: 'T9' }]
    for (const body of repeated) expect((await scene.hooks.receive(await chatDelivery(scene, body))).status).toBe(200)
    for (const number of ['7', '3', '7']) {
      const request = notification(watch, { 'x-goog-message-number': number })
      expect((await scene.hooks.receive(request)).status).toBe(200)
    }
  })

  it('W17: wakes its sync and passes no cursor on, whatever order pushes arrive in', async () => {
    const scene = await setUp()
    await scene.hooks.subscribe(target)
    const [watch] = [...scene.watches.values()]
    if (watch === undefined) throw new Error('There is no watch.')
    scene.woken.length = 0
    for (const number of ['120', '100', '120']) {
      await scene.hooks.receive(notification(watch, { 'x-goog-message-number': number }))
    }
    const woken = { serverId: 'calendar', tenant: 'ada', connection: 'default', sync: 'events' }
    const each = { ...woken, params: { calendar: 'primary' } }
    expect(scene.woken).toEqual([each, each, each])
  })
})

describe('W22: a request that checks the address', () => {
  const script = '<script>alert(1)</script>&amp;'

  it('is responded to as plain text while a subscription is made, and not before or after', async () => {
    const scene = await setUp()
    const check = async (token = script) => {
      const response = await scene.hooks.receive(validation(token))
      const { status, headers } = response
      return [status, headers.get('content-type'), headers.get('x-content-type-options'), await response.text()]
    }
    expect(await check()).toEqual([401, null, null, ''])
    const during: unknown[] = []
    scene.faults.before = async () => {
      during.push(await check(), await check('x'.repeat(5000)))
      during.push((await scene.hooks.receive(mailNotification(undefined))).status)
    }
    await scene.hooks.subscribe(inbox)
    expect(during).toEqual([[200, 'text/plain; charset=utf-8', 'nosniff', script], [400, null, null, ''], 401])
    expect(await check()).toEqual([401, null, null, ''])
  })

  it('is refused again if the subscription failed, or its process stopped', async () => {
    const scene = await setUp()
    scene.faults.before = () => Promise.reject(new Error('socket hang up'))
    await scene.hooks.subscribe(inbox).catch(() => undefined)
    expect((await scene.hooks.receive(validation('a'))).status).toBe(401)
    scene.faults.before = () => new Promise(() => undefined)
    void scene.hooks.subscribe(inbox).catch(() => undefined)
    await scene.clock.advance(1)
    expect((await scene.hooks.receive(validation('a'))).status).toBe(200)
    await scene.clock.advance(3 * MINUTE)
    expect((await scene.hooks.receive(validation('a'))).status).toBe(401)
  })

  it('is refused while another connector subscribes', async () => {
    const scene = await setUp()
    const statuses: number[] = []
    scene.faults.before = async () => void statuses.push((await scene.hooks.receive(validation('a'))).status)
    await scene.hooks.subscribe(target)
    expect(statuses).toEqual([401])
  })
})

describe('W23: a notification without clientState', () => {
  it('is refused, diagnose says why, and the subscription works once it is made again', async () => {
    const scene = await setUp()
    await scene.hooks.subscribe(inbox)
    scene.woken.length = 0
    expect((await scene.hooks.receive(mailNotification(undefined))).status).toBe(401)
    expect(await scene.hooks.diagnose({ connector: 'mail' })).toMatchObject({ reason: 'token_missing' })
    // It proves nothing, so it does not make us subscribe again.
    expect(scene.subscriptions.size).toBe(1)
    expect(scene.woken).toEqual([])
    await scene.hooks.unsubscribe(inbox)
    await scene.hooks.subscribe(inbox)
    scene.woken.length = 0
    const tokens = [...scene.subscriptions.values()].map(({ token }) => token)
    expect((await scene.hooks.receive(mailNotification(...tokens))).status).toBe(200)
    expect(scene.woken).toHaveLength(1)
  })
})
