import { createHmac } from 'node:crypto'
import { createMcpClient, memoryStore } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { createFakeClock, scriptedTransport } from '@mcpclient/testing'
import { webhooks } from '@mcpclient/webhooks'
import { expect, it } from 'vitest'
import { instagram, verifyToken } from '../src/index.ts'

const SECRET = 'ig_secret_1'

/** Composes Instagram with a vault, and connects two tenants to the account that their token names. */
async function setUp() {
  const clock = createFakeClock()
  const hooks = webhooks({ address: 'https://app.example/hooks' })
  const mcp = createMcpClient({
    connectors: { instagram: instagram({ signingSecret: SECRET }) },
    vault: vault({ store: memoryStore({ clock }) }),
    capabilities: [hooks],
    clock,
    transport: scriptedTransport(({ headers }) => {
      const user_id = headers['authorization']?.replace('Bearer ', '')
      return { json: { id: `app-${user_id}`, user_id, username: 'marshwatch' } }
    }),
  })
  await mcp.as('ada').instagram.connect({ token: '1784141' })
  await mcp.as('bob').instagram.connect({ token: '1784142' })
  const seen: (readonly [tenant: string | undefined, name: string, data: unknown])[] = []
  for (const name of ['comment', 'mention'] as const) {
    mcp.on(`instagram.${name}`, ({ tenant, data }) => seen.push([tenant, name, data]))
  }
  const request = (path: string, init?: RequestInit) =>
    hooks.receive(new Request(`http://internal/hooks/instagram${path}`, init))
  const deliver = (payload: unknown, secret = SECRET) => {
    const body = JSON.stringify(payload)
    const mac = createHmac('sha256', secret).update(body).digest('hex')
    return request('', { method: 'POST', body, headers: { 'x-hub-signature-256': `sha256=${mac}` } })
  }
  return { seen, request, deliver }
}

// The shapes of https://developers.facebook.com/docs/instagram-platform/webhooks
const comment = {
  id: '17865799348089039',
  text: 'Where was that?',
  from: { id: '232323232', username: 'egret.example' },
  media: { id: '123123123', media_product_type: 'FEED' },
}
const mention = { media_id: '999', comment_id: '17858893269123456' }
const entry = (id: string, field: string, value: object) => ({ id, time: 1_764_554_401, changes: [{ field, value }] })
const delivery = (...entries: readonly object[]) => ({ object: 'instagram', entry: entries })

it('emits each comment and mention for its account, once', async () => {
  const { deliver, seen } = await setUp()
  const received = delivery(
    entry('1784141', 'comments', comment),
    entry('1784142', 'mentions', mention),
    entry('1784143', 'comments', comment),
    entry('1784141', 'story_insights', { media_id: '1', reach: 2 }),
  )
  expect((await deliver(received)).status).toBe(200)
  expect((await deliver(received)).status).toBe(200)
  expect(seen).toEqual([
    ['ada', 'comment', comment],
    ['bob', 'mention', mention],
  ])
})

it('ignores deliveries about something else', async () => {
  const { deliver, seen } = await setUp()
  expect((await deliver(delivery({ id: '1784141', time: 1, messaging: [{}] }))).status).toBe(200)
  expect((await deliver({ object: 'page', entry: [entry('1784141', 'comments', comment)] })).status).toBe(200)
  expect(seen).toEqual([])
})

it('refuses a forged delivery', async () => {
  const { deliver, seen } = await setUp()
  expect((await deliver(delivery(entry('1784141', 'comments', comment)), 'another secret')).status).toBe(401)
  expect(seen).toEqual([])
})

it('responds to the check of the address', async () => {
  const { request } = await setUp()
  const query = `?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=`
  expect(await (await request(query + (await verifyToken(SECRET)))).text()).toBe('1158201444')
  expect((await request(`${query}meatyhamhock`)).status).toBe(401)
})
