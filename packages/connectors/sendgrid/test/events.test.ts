import { createSign, generateKeyPairSync } from 'node:crypto'
import { createMcpClient, memoryStore } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { createFakeClock, scriptedTransport } from '@mcpclient/testing'
import { webhooks } from '@mcpclient/webhooks'
import { EventWebhook } from '@sendgrid/eventwebhook'
import { expect, it } from 'vitest'
import { sendgrid } from '../src/index.ts'

const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const publicKey = keys.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')

/** Published by SendGrid in the tests of its library, with a delivery that it signed. */
const VENDOR = {
  key: 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==',
  timestamp: '1600112502',
  signature: 'MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=',
  body: '[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA","sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0","smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]\r\n',
}

function setUp(signingSecret: string | readonly string[] = publicKey, nowMs?: number) {
  const clock = createFakeClock(nowMs === undefined ? {} : { nowMs })
  const hooks = webhooks({ address: 'https://app.example/hooks' })
  const mcp = createMcpClient({
    connectors: { mail: sendgrid({ token: 'SG.1', signingSecret }) },
    capabilities: [hooks],
    transport: scriptedTransport([]),
    clock,
  })
  const seen: (readonly [name: string, data: unknown])[] = []
  const names = ['processed', 'dropped', 'deferred', 'delivered', 'bounce', 'open', 'click', 'spamreport'] as const
  for (const name of [...names, 'unsubscribe', 'group_unsubscribe', 'group_resubscribe'] as const) {
    mcp.on(`mail.${name}`, ({ data }) => seen.push([name, data]))
  }
  const deliver = (body: string, headers: Readonly<Record<string, string>>) =>
    hooks.receive(new Request('http://internal/hooks/mail', { method: 'POST', body, headers }))
  return { clock, hooks, seen, deliver }
}

const headersOf = (timestamp: string, signature: string) => ({
  'x-twilio-email-event-webhook-signature': signature,
  'x-twilio-email-event-webhook-timestamp': timestamp,
})

const signed = (body: string, nowMs: number, key = keys.privateKey) => {
  const timestamp = String(Math.floor(nowMs / 1000))
  return headersOf(
    timestamp,
    createSign('sha256')
      .update(timestamp + body)
      .sign(key, 'base64'),
  )
}

const base = { email: 'bo@example.com', timestamp: 1513299569, sg_message_id: 'm1', category: ['cat facts'] }
const event = (name: string, more: object = {}) => ({ ...base, event: name, sg_event_id: `e-${name}`, ...more })
const written = (events: readonly object[]): string => `${JSON.stringify(events)}\r\n`

it("accepts SendGrid's own test vector", async () => {
  const { deliver, seen } = setUp(VENDOR.key, Number(VENDOR.timestamp) * 1000)
  const response = await deliver(VENDOR.body, headersOf(VENDOR.timestamp, VENDOR.signature))
  expect(response.status).toBe(200)
  expect(seen).toMatchObject([['dropped', { email: 'hello@world.com', reason: 'Bounced Address' }]])
})

it('emits every event of a delivery with its own fields and the custom_args of the e-mail', async () => {
  const { deliver, seen, clock } = setUp()
  const sent = [
    event('processed', { send_at: 1513299570 }),
    event('deferred', { response: '400 try again later', attempt: '5' }),
    event('delivered', { response: '250 OK', tenant: 'ada' }),
    event('bounce', { type: 'blocked', reason: '500 unknown recipient', status: '5.0.0', sg_message_id: undefined }),
    event('open', { useragent: 'Mozilla/4.0', ip: '255.255.255.255', sg_machine_open: false }),
    event('click', { url: 'https://marshes.example/', useragent: 'Mozilla/4.0', ip: '255.255.255.255' }),
    event('spamreport', { category: 'cat facts' }),
    event('unsubscribe'),
    event('group_unsubscribe', { asm_group_id: 10, ip: '255.255.255.255' }),
    event('group_resubscribe', { asm_group_id: 10 }),
    event('account_status_change', { type: 'compliance_suspend' }),
    event('constructor'),
  ]
  const body = written(sent)
  expect((await deliver(body, signed(body, clock.now()))).status).toBe(200)
  expect(seen.map(([name]) => name)).toEqual(sent.slice(0, 10).map((each) => each.event))
  expect(seen[2]).toEqual(['delivered', { ...base, sg_event_id: 'e-delivered', response: '250 OK', tenant: 'ada' }])
})

it('emits an event once that arrives again, beside new ones', async () => {
  const { deliver, seen, clock } = setUp()
  const bodies = [written([event('open')]), written([event('open'), event('click')])]
  for (const body of bodies) expect((await deliver(body, signed(body, clock.now()))).status).toBe(200)
  expect(seen.map(([name]) => name)).toEqual(['open', 'click'])
})

it('parks a delivery with an event that does not have the documented form', async () => {
  const { deliver, hooks, seen, clock } = setUp()
  const body = written([event('open', { email: 1 })])
  expect((await deliver(body, signed(body, clock.now()))).status).toBe(400)
  expect(await Array.fromAsync(hooks.parked())).toMatchObject([{ code: 'INVALID_INPUT' }])
  expect(seen).toEqual([])
})

it("accepts and refuses the same signatures as SendGrid's own library", async () => {
  const oracle = new EventWebhook()
  const { deliver, clock } = setUp()
  const body = written([event('open')])
  const good = signed(body, clock.now())
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const cases: readonly (readonly [string, Record<string, string>])[] = [
    [body, good],
    [body.trimEnd(), good],
    [body.replace('bo@', 'eve@'), good],
    [body, signed(body, clock.now(), stranger)],
    [body, { ...good, 'x-twilio-email-event-webhook-timestamp': String(Math.floor(clock.now() / 1000) - 1) }],
  ]
  const outcomes: boolean[] = []
  for (const [text, headers] of cases) {
    const theirs = oracle.verifySignature(
      oracle.convertPublicKeyToECDSA(publicKey),
      text,
      headers['x-twilio-email-event-webhook-signature'] ?? '',
      headers['x-twilio-email-event-webhook-timestamp'] ?? '',
    )
    expect((await deliver(text, headers)).status).toBe(theirs ? 200 : 401)
    outcomes.push(theirs)
  }
  expect(outcomes).toEqual([true, false, false, false, false])
})

it('refuses a delivery that is older than a day, and one without a signature', async () => {
  const { deliver, clock, seen } = setUp()
  const body = written([event('open')])
  expect((await deliver(body, signed(body, clock.now() - 86_401_000))).status).toBe(401)
  expect((await deliver(body, {})).status).toBe(401)
  expect(seen).toEqual([])
})

it("verifies the deliveries to a tenant's address with the key of that tenant alone, as SendGrid's library does", async () => {
  const clock = createFakeClock()
  const oracle = new EventWebhook()
  const hooks = webhooks({ address: 'https://app.example/hooks' })
  const mcp = createMcpClient({
    connectors: { mail: sendgrid() },
    vault: vault({ store: memoryStore({ clock }) }),
    capabilities: [hooks],
    transport: scriptedTransport(() => ({ json: { scopes: [] } })),
    clock,
  })
  const pairs = { ada: keys, bob: generateKeyPairSync('ec', { namedCurve: 'P-256' }) }
  const publicKeyOf = (tenant: keyof typeof pairs) =>
    pairs[tenant].publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
  const seen: unknown[] = []
  mcp.on('mail.open', ({ tenant, connection }) => seen.push([tenant, connection]))
  const addresses = { ada: '', bob: '' }
  for (const tenant of ['ada', 'bob'] as const) {
    addresses[tenant] = await hooks.addressOf({ connector: 'mail', tenant })
    await mcp.as(tenant).mail.connect({ token: `SG.${tenant}`, signingSecret: publicKeyOf(tenant) })
  }
  const body = written([event('open')])
  for (const [to, signer] of [
    ['ada', 'bob'],
    ['bob', 'ada'],
    ['ada', 'ada'],
  ] as const) {
    const headers = signed(body, clock.now(), pairs[signer].privateKey)
    const theirs = oracle.verifySignature(
      oracle.convertPublicKeyToECDSA(publicKeyOf(to)),
      body,
      headers['x-twilio-email-event-webhook-signature'],
      headers['x-twilio-email-event-webhook-timestamp'],
    )
    const response = await hooks.receive(new Request(addresses[to], { method: 'POST', body, headers }))
    expect([response.status, theirs]).toEqual(to === signer ? [200, true] : [401, false])
  }
  const elsewhere = { method: 'POST', body, headers: signed(body, clock.now()) }
  expect((await hooks.receive(new Request('https://app.example/hooks/mail', elsewhere))).status).toBe(401)
  expect(seen).toEqual([['ada', 'default']])
})
