import { createHmac } from 'node:crypto'
import { createMcpClient, memoryStore } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { createFakeClock, scriptedTransport } from '@mcpclient/testing'
import { webhooks } from '@mcpclient/webhooks'
import { describe, expect, it } from 'vitest'
import { verifyToken, whatsappCloud } from '../src/index.ts'

const SECRET = 'app_secret_1'
const [ada, bob] = ['106853218861309', '1913623884432103'] as const

/** Composes WhatsApp with a vault, and connects two tenants to a number each. */
async function setUp() {
  const clock = createFakeClock()
  const hooks = webhooks({ address: 'https://app.example/hooks' })
  const mcp = createMcpClient({
    connectors: { whatsapp: whatsappCloud({ signingSecret: SECRET }) },
    vault: vault({ store: memoryStore({ clock }) }),
    capabilities: [hooks],
    clock,
    transport: scriptedTransport(({ path }) => ({ json: { id: path.split('/').at(-1) } })),
  })
  for (const [tenant, phoneNumberId] of Object.entries({ ada, bob })) {
    const settings = { phoneNumberId, businessAccountId: '102290129340398' }
    await mcp.as(tenant).whatsapp.connect({ token: `token-of-${tenant}` }, { settings })
  }
  const seen: (readonly [tenant: string | undefined, name: string, data: unknown])[] = []
  for (const name of ['message', 'status'] as const) {
    mcp.on(`whatsapp.${name}`, ({ tenant, data }) => seen.push([tenant, name, data]))
  }
  const request = (path: string, init?: RequestInit) =>
    hooks.receive(new Request(`http://internal/hooks/whatsapp${path}`, init))
  const deliver = (payload: unknown, secret = SECRET) => {
    const body = typeof payload === 'string' ? payload : JSON.stringify(payload)
    const mac = createHmac('sha256', secret).update(body).digest('hex')
    const headers = { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${mac}` }
    return request('', { method: 'POST', body, headers })
  }
  return { seen, request, deliver }
}

// The shapes of https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/payload-examples
const valueOf = (number: string, content: object) => ({
  messaging_product: 'whatsapp',
  metadata: { display_phone_number: '15555555555', phone_number_id: number },
  ...content,
})
const message = { from: '16315551181', id: 'wamid.1', timestamp: '1764554400', type: 'text', text: { body: 'Hi' } }
const contacts = [{ profile: { name: 'Ada Reed' }, wa_id: '16315551181' }]
const status = { id: 'wamid.2', status: 'delivered', timestamp: '1764554401', recipient_id: '16315551181' }
const delivery = (...values: readonly object[]) => ({
  object: 'whatsapp_business_account',
  entry: values.map((value) => ({ id: '102290129340398', changes: [{ value, field: 'messages' }] })),
})

describe('a delivery', () => {
  it('emits each message and status for the number that it belongs to', async () => {
    const { deliver, seen } = await setUp()
    const reply = {
      ...message,
      id: 'wamid.3',
      type: 'button',
      button: { payload: 'yes', text: 'Yes' },
      text: undefined,
    }
    const first = valueOf(ada, { contacts, messages: [message, reply] })
    expect((await deliver(delivery(first, valueOf(bob, { statuses: [status] })))).status).toBe(200)
    const metadata = { display_phone_number: '15555555555', phone_number_id: ada }
    expect(seen).toEqual([
      ['ada', 'message', { ...message, metadata, profile_name: 'Ada Reed' }],
      ['ada', 'message', { ...reply, metadata, profile_name: 'Ada Reed' }],
      ['bob', 'status', { ...status, metadata: { ...metadata, phone_number_id: bob } }],
    ])
  })

  it('is handled once, and each status of a message once', async () => {
    const { deliver, seen } = await setUp()
    const received = delivery(valueOf(ada, { contacts, messages: [message], statuses: [status] }))
    await deliver(received)
    await deliver(received)
    await deliver(delivery(valueOf(ada, { statuses: [{ ...status, status: 'read' }] })))
    expect(seen.map(([, name, data]) => [name, (data as typeof status).status])).toEqual([
      ['message', undefined],
      ['status', 'delivered'],
      ['status', 'read'],
    ])
  })

  it('is ignored if it has no messages', async () => {
    const { deliver, seen } = await setUp()
    const update = { event: 'APPROVED', message_template_id: 1 }
    const changes = [{ field: 'message_template_status_update', value: update }]
    const template = { object: 'whatsapp_business_account', entry: [{ id: '102290129340398', changes }] }
    expect((await deliver(template)).status).toBe(200)
    expect((await deliver({ object: 'page', entry: [] })).status).toBe(200)
    expect(seen).toEqual([])
  })

  it('is refused if it is forged', async () => {
    const { deliver, request, seen } = await setUp()
    const body = delivery(valueOf(ada, { contacts, messages: [message] }))
    expect((await deliver(body, 'another secret')).status).toBe(401)
    expect((await request('', { method: 'POST', body: JSON.stringify(body) })).status).toBe(401)
    expect(seen).toEqual([])
  })

  it('verifies with the signature of a known vector', async () => {
    const { request } = await setUp()
    const signature = 'sha256=9853aa679e105b611af040e5124d90921ec5e9a7c1943e64a25b60dbb70e7a75'
    const body = '{"object":"whatsapp_business_account","entry":[]}'
    const headers = { 'x-hub-signature-256': signature }
    expect((await request('', { method: 'POST', body, headers })).status).toBe(200)
    expect((await request('', { method: 'POST', body: `${body} `, headers })).status).toBe(401)
  })
})

it('responds to the check of the address', async () => {
  const { request } = await setUp()
  const query = `?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=`
  expect(await (await request(query + (await verifyToken(SECRET)))).text()).toBe('1158201444')
  expect((await request(`${query}meatyhamhock`)).status).toBe(401)
})
