import { createHmac } from 'node:crypto'
import { createMcpClient, memoryStore } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { createFakeClock, scriptedTransport } from '@mcpclient/testing'
import { webhooks } from '@mcpclient/webhooks'
import { expect, it } from 'vitest'
import { mailchimpTransactional } from '../../src/index.ts'

const KEY = 'webhook_key_1'
const ADDRESS = 'https://app.example/hooks/mail'

function setUp() {
  const clock = createFakeClock()
  const hooks = webhooks({ address: 'https://app.example/hooks' })
  const mcp = createMcpClient({
    connectors: { mail: mailchimpTransactional({ apiKey: 'md-1', signingSecret: KEY }) },
    capabilities: [hooks],
    transport: scriptedTransport([]),
    clock,
  })
  const seen: (readonly [name: string, data: unknown])[] = []
  const names = ['send', 'delivered', 'deferral', 'hard_bounce', 'soft_bounce', 'open', 'click', 'spam'] as const
  for (const name of [...names, 'unsub', 'reject'] as const)
    mcp.on(`mail.${name}`, ({ data }) => seen.push([name, data]))
  const deliver = (events: unknown, signature?: string) => {
    const text = typeof events === 'string' ? events : JSON.stringify(events)
    // As Mandrill signs: the address, then each field with its value.
    const mac = createHmac('sha1', KEY).update(`${ADDRESS}mandrill_events${text}`).digest('base64')
    return hooks.receive(
      new Request('http://internal/hooks/mail', {
        method: 'POST',
        body: new URLSearchParams({ mandrill_events: text }),
        headers: { 'x-mandrill-signature': signature ?? mac },
      }),
    )
  }
  return { hooks, seen, deliver }
}

const msg = {
  _id: 'm1',
  ts: 1365109999,
  email: 'bo@example.com',
  sender: 'ada@example.com',
  subject: 'Count',
  tags: [],
  metadata: [],
  state: 'sent',
}
const event = (name: string, more: object = {}) => ({ event: name, _id: 'm1', ts: 1365190000, msg, ...more })

it('emits every event of a delivery', async () => {
  const { deliver, seen } = setUp()
  const events = [
    event('send'),
    event('delivered'),
    event('deferral'),
    event('hard_bounce', { msg: { ...msg, diag: 'smtp;550 5.1.1', bounce_description: 'bad_mailbox' } }),
    event('soft_bounce'),
    event('open', { ip: '127.0.0.1', location: null, user_agent: 'Mozilla/5.0', user_agent_parsed: null }),
    event('click', { ip: '127.0.0.1', url: 'https://marshes.example/' }),
    event('spam'),
    event('unsub'),
    event('reject', { msg: { ...msg, reject: { reason: 'hard-bounce' } } }),
    { type: 'blacklist', action: 'add', reject: { email: 'bo@example.com' } },
    event('inbound'),
  ]
  expect((await deliver(events)).status).toBe(200)
  expect(seen.map(([name]) => name)).toEqual(events.slice(0, 10).map((each) => ('event' in each ? each.event : '')))
  expect(seen[6]?.[1]).toMatchObject({ _id: 'm1', ip: '127.0.0.1', url: 'https://marshes.example/' })
})

it('emits each opening of a message once', async () => {
  const { deliver, seen } = setUp()
  const first = event('open')
  for (const events of [[first], [first, event('open', { ts: 1365190060 })]]) await deliver(events)
  expect(seen).toHaveLength(2)
})

it('refuses a forged delivery', async () => {
  const { deliver, seen } = setUp()
  const other = createHmac('sha1', 'test-webhook').update(`${ADDRESS}mandrill_events[]`).digest('base64')
  expect((await deliver([event('send')], other)).status).toBe(401)
  expect((await deliver([], other)).status).toBe(401)
  expect(seen).toEqual([])
})

it('responds to the check of an address', async () => {
  const { hooks } = setUp()
  const response = await hooks.receive(new Request('http://internal/hooks/mail', { method: 'HEAD' }))
  expect(response.status).toBe(200)
  const get = await hooks.receive(new Request('http://internal/hooks/mail', { method: 'GET' }))
  expect(get.status).toBe(401)
})

it('parks what does not have the documented form', async () => {
  const { deliver, hooks } = setUp()
  expect((await deliver('{')).status).toBe(400)
  expect((await deliver([event('open', { ts: 'now' })])).status).toBe(400)
  expect(await Array.fromAsync(hooks.parked())).toHaveLength(2)
})

it("verifies the deliveries to a tenant's address with the key of that tenant's webhook alone", async () => {
  const hooks = webhooks({ address: 'https://app.example/hooks' })
  const mcp = createMcpClient({
    connectors: { mail: mailchimpTransactional() },
    vault: vault({ store: memoryStore() }),
    capabilities: [hooks],
    transport: scriptedTransport(() => ({ json: { public_id: 'p1', username: 'marshes' } })),
  })
  const seen: unknown[] = []
  mcp.on('mail.send', ({ tenant }) => seen.push(tenant))
  const text = JSON.stringify([event('send')])
  const deliver = (address: string, key: string) =>
    hooks.receive(
      new Request(address, {
        method: 'POST',
        body: new URLSearchParams({ mandrill_events: text }),
        headers: {
          'x-mandrill-signature': createHmac('sha1', key).update(`${address}mandrill_events${text}`).digest('base64'),
        },
      }),
    )
  const ada = await hooks.addressOf({ connector: 'mail', tenant: 'ada' })
  const bob = await hooks.addressOf({ connector: 'mail', tenant: 'bob' })
  await mcp.as('ada').mail.connect({ apiKey: 'md-ada', signingSecret: 'key-of-ada' })
  await mcp.as('bob').mail.connect({ apiKey: 'md-bob', signingSecret: 'key-of-bob' })
  for (const [address, key] of [
    [ada, 'key-of-bob'],
    [bob, 'key-of-ada'],
    [ada, 'md-ada'],
    [ADDRESS, 'key-of-ada'],
  ] as const) {
    expect((await deliver(address, key)).status).toBe(401)
  }
  expect((await deliver(ada, 'key-of-ada')).status).toBe(200)
  expect(seen).toEqual(['ada'])
  // The check of an address gets the same response, whether a connection has it or not.
  for (const address of [ada, ADDRESS, `${ADDRESS}/${'A'.repeat(22)}`]) {
    expect((await hooks.receive(new Request(address, { method: 'HEAD' }))).status).toBe(200)
  }
})
