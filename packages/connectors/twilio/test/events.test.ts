import { createHash } from 'node:crypto'
import { createMcpClient, memoryStore } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { createFakeClock, scriptedTransport } from '@mcpclient/testing'
import { activeSecrets, verifyRequest, webhooks } from '@mcpclient/webhooks'
import sdk from 'twilio'
import { describe, expect, it } from 'vitest'
import { statusCallbacks } from '../src/events.ts'
import { twilio, twilioApiKey } from '../src/index.ts'

const TOKEN = '12345678901234567890123456789012'
const ADDRESS = 'https://app.example/hooks/twilio'
const ADA = 'AC08e40a7c0ffee5ea5e0b1d5a11ce0001'
const BOB = 'AC08e40a7c0ffee5ea5e0b1d5a11ce00ff'
const FORM = 'application/x-www-form-urlencoded'
type Parameters = Readonly<Record<string, string>>

/** Composes Twilio with a vault, and connects each tenant to its account. */
async function setUp(accounts: Readonly<Record<string, string>> = { ada: ADA }) {
  const clock = createFakeClock()
  const hooks = webhooks({ address: 'https://app.example/hooks' })
  const mcp = createMcpClient({
    connectors: { twilio: twilio({ signingSecret: TOKEN }) },
    vault: vault({ store: memoryStore({ clock }) }),
    capabilities: [hooks],
    clock,
    transport: scriptedTransport(({ path }) => ({ json: { sid: /AC\w+/.exec(path)?.[0], friendly_name: 'Marshes' } })),
  })
  for (const [tenant, accountSid] of Object.entries(accounts)) {
    await mcp.as(tenant).twilio.connect({ accountSid, authToken: TOKEN })
  }
  const seen: (readonly [tenant: string | undefined, name: string, data: unknown])[] = []
  for (const name of ['message_received', 'message_status', 'call_status'] as const) {
    mcp.on(`twilio.${name}`, ({ tenant, data }) => seen.push([tenant, name, data]))
  }
  const deliver = (
    parameters: Parameters,
    { token = TOKEN, headers = {} }: { token?: string; headers?: object } = {},
  ) => {
    const signature = sdk.getExpectedTwilioSignature(token, ADDRESS, parameters)
    expect(sdk.validateRequest(token, signature, ADDRESS, parameters)).toBe(true)
    return hooks.receive(
      new Request('http://internal/hooks/twilio', {
        method: 'POST',
        body: new URLSearchParams(parameters).toString(),
        headers: { 'content-type': FORM, 'x-twilio-signature': signature, ...headers },
      }),
    )
  }
  return { clock, hooks, seen, deliver }
}

const received: Parameters = {
  ToCountry: 'US',
  SmsMessageSid: 'SM08e40a7c0ffee5ea5e0b1d5a11ce0041',
  NumMedia: '0',
  SmsSid: 'SM08e40a7c0ffee5ea5e0b1d5a11ce0041',
  SmsStatus: 'received',
  Body: 'How many today? *12* & more',
  To: '+15005550006',
  NumSegments: '1',
  MessageSid: 'SM08e40a7c0ffee5ea5e0b1d5a11ce0041',
  AccountSid: ADA,
  From: '+14155550100',
  ApiVersion: '2010-04-01',
}
const delivered: Parameters = {
  SmsSid: 'SM08e40a7c0ffee5ea5e0b1d5a11ce0011',
  SmsStatus: 'delivered',
  MessageStatus: 'delivered',
  To: '+14155550100',
  MessageSid: 'SM08e40a7c0ffee5ea5e0b1d5a11ce0011',
  AccountSid: ADA,
  From: '+15005550006',
  ApiVersion: '2010-04-01',
}
const completed: Parameters = {
  Called: '+14155550100',
  Direction: 'outbound-api',
  Timestamp: 'Tue, 03 Nov 2026 08:21:04 +0000',
  CallbackSource: 'call-progress-events',
  SequenceNumber: '3',
  To: '+14155550100',
  CallSid: 'CA08e40a7c0ffee5ea5e0b1d5a11ce0011',
  ApiVersion: '2010-04-01',
  CallStatus: 'completed',
  Duration: '1',
  From: '+15005550006',
  CallDuration: '49',
  AccountSid: ADA,
}

describe('an event', () => {
  it('is a message that was received', async () => {
    const { deliver, seen } = await setUp()
    expect((await deliver(received)).status).toBe(204)
    const { MessageSid: message_sid, From: from, To: to, Body: body } = received
    expect(seen).toEqual([['ada', 'message_received', { message_sid, from, to, body, num_media: '0', media: [] }]])
  })

  it('lists the media of a message, and the name of the sender at WhatsApp', async () => {
    const { deliver, seen } = await setUp()
    const media = {
      MediaUrl0: 'https://api.twilio.com/ME1',
      MediaContentType0: 'image/jpeg',
      MediaUrl1: 'https://api.twilio.com/ME2',
    }
    await deliver({ ...received, NumMedia: '2', ...media, ProfileName: 'Ada', From: 'whatsapp:+14155550100', Body: '' })
    expect(seen).toMatchObject([
      [
        'ada',
        'message_received',
        {
          from: 'whatsapp:+14155550100',
          body: '',
          profile_name: 'Ada',
          media: [
            { url: 'https://api.twilio.com/ME1', content_type: 'image/jpeg' },
            { url: 'https://api.twilio.com/ME2' },
          ],
        },
      ],
    ])
  })

  it('is the status of a message', async () => {
    const { deliver, seen } = await setUp()
    await deliver(delivered)
    await deliver({ ...delivered, MessageStatus: 'undelivered', SmsStatus: 'undelivered', ErrorCode: '30007' })
    const { MessageSid: message_sid, From: from, To: to } = delivered
    expect(seen).toEqual([
      ['ada', 'message_status', { message_sid, message_status: 'delivered', from, to }],
      ['ada', 'message_status', { message_sid, message_status: 'undelivered', error_code: '30007', from, to }],
    ])
  })

  it('is the progress of a call', async () => {
    const { deliver, seen } = await setUp()
    await deliver(completed)
    expect(seen).toEqual([
      [
        'ada',
        'call_status',
        {
          call_sid: completed['CallSid'],
          call_status: 'completed',
          from: '+15005550006',
          to: '+14155550100',
          direction: 'outbound-api',
          call_duration: '49',
          timestamp: completed['Timestamp'],
          sequence_number: '3',
        },
      ],
    ])
  })

  it('goes to the tenants whose account it is of', async () => {
    const { deliver, seen } = await setUp({ ada: ADA, bob: BOB })
    await deliver({ ...delivered, AccountSid: BOB })
    await deliver({ ...delivered, AccountSid: 'AC08e40a7c0ffee5ea5e0b1d5a11ce0abc' })
    expect(seen.map(([tenant]) => tenant)).toEqual(['bob'])
  })
})

describe('a repeated delivery', () => {
  it.each([
    ['a received message', received],
    ['a status', delivered],
    ['the progress of a call', completed],
  ])('is handed over once, whatever its unsigned token: %s', async (_what, parameters) => {
    const { deliver, seen } = await setUp()
    await deliver(parameters, { headers: { 'i-twilio-idempotency-token': 'a' } })
    expect((await deliver(parameters, { headers: { 'i-twilio-idempotency-token': 'b' } })).status).toBe(204)
    expect(seen).toHaveLength(1)
  })

  it('is another event if the status is another one', async () => {
    const { deliver, seen } = await setUp()
    for (const MessageStatus of ['sent', 'delivered', 'read']) await deliver({ ...delivered, MessageStatus })
    for (const CallStatus of ['initiated', 'ringing', 'in-progress']) await deliver({ ...completed, CallStatus })
    expect(seen).toHaveLength(6)
  })

  it('is recognized a day later, because nothing signed says how old a delivery is', async () => {
    const { deliver, seen, clock } = await setUp()
    await deliver(delivered)
    await clock.advance(86_400_000)
    await deliver(delivered)
    expect(seen).toHaveLength(1)
  })
})

describe("the webhook of a tenant's own account", () => {
  /** Composes Twilio without a secret, and connects tenants with the auth tokens of their accounts. */
  async function tenants() {
    const hooks = webhooks({ address: 'https://app.example/hooks' })
    const respond = ({ path }: { path: string }) => ({
      json: path.endsWith('Messages.json')
        ? { uri: path, messages: [] }
        : { sid: /AC\w+/.exec(path)?.[0], friendly_name: 'Marshes' },
    })
    const mcp = createMcpClient({
      connectors: { twilio: twilio(), key: twilioApiKey() },
      vault: vault({ store: memoryStore() }),
      capabilities: [hooks],
      transport: scriptedTransport(respond),
    })
    const seen: unknown[] = []
    for (const id of ['twilio', 'key'] as const) {
      mcp.on(`${id}.message_status`, ({ tenant, connection, data }) =>
        seen.push([tenant, connection, data.message_sid]),
      )
    }
    const deliver = (address: string, token: string, parameters: Parameters = delivered) => {
      const signature = sdk.getExpectedTwilioSignature(token, address, parameters)
      expect(sdk.validateRequest(token, signature, address, parameters)).toBe(true)
      const body = new URLSearchParams(parameters).toString()
      const headers = { 'content-type': FORM, 'x-twilio-signature': signature }
      return hooks.receive(new Request(address, { method: 'POST', body, headers }))
    }
    return { hooks, mcp, seen, deliver }
  }
  const ADAS_TOKEN = 'a'.repeat(32)
  const BOBS_TOKEN = 'b'.repeat(32)

  it('is verified with the auth token of that account alone', async () => {
    const { hooks, mcp, seen, deliver } = await tenants()
    await mcp.as('ada').twilio.connect({ accountSid: ADA, authToken: ADAS_TOKEN })
    await mcp.as('bob').twilio.connect({ accountSid: BOB, authToken: BOBS_TOKEN })
    const address = await hooks.addressOf({ connector: 'twilio', tenant: 'ada' })
    const sent: readonly (readonly [string, string, number])[] = [
      [address, BOBS_TOKEN, 401],
      [await hooks.addressOf({ connector: 'twilio', tenant: 'bob' }), ADAS_TOKEN, 401],
      [ADDRESS, ADAS_TOKEN, 401],
      [address, ADAS_TOKEN, 204],
      [`${address}?bodySHA256=0`, BOBS_TOKEN, 401],
    ]
    for (const [url, token, status] of sent) expect((await deliver(url, token)).status).toBe(status)
    expect(seen).toEqual([['ada', 'default', delivered['MessageSid']]])
  })

  it('speaks for its own connection alone, whatever account its deliveries name', async () => {
    const { hooks, mcp, seen, deliver } = await tenants()
    await mcp.as('ada').twilio.connect({ accountSid: ADA, authToken: ADAS_TOKEN })
    await mcp.as('bob').twilio.connect({ accountSid: BOB, authToken: BOBS_TOKEN })
    const address = await hooks.addressOf({ connector: 'twilio', tenant: 'ada' })
    expect((await deliver(address, ADAS_TOKEN, { ...delivered, AccountSid: BOB })).status).toBe(204)
    expect(seen).toEqual([['ada', 'default', delivered['MessageSid']]])
  })

  it('is verified with the new auth token once that is rotated', async () => {
    const { hooks, mcp, deliver } = await tenants()
    const ada = mcp.as('ada').twilio
    await ada.connect({ accountSid: ADA, authToken: ADAS_TOKEN })
    const address = await hooks.addressOf({ connector: 'twilio', tenant: 'ada' })
    await ada.rotate({ accountSid: ADA, authToken: BOBS_TOKEN })
    expect((await deliver(address, ADAS_TOKEN)).status).toBe(401)
    expect((await deliver(address, BOBS_TOKEN)).status).toBe(204)
  })

  it('needs the auth token beside an API key, with which Twilio does not sign', async () => {
    const { hooks, mcp, seen, deliver } = await tenants()
    const credential = { apiKeySid: 'SK1', apiKeySecret: 'key-secret-1' }
    const settings = { account: ADA }
    const address = await hooks.addressOf({ connector: 'key', tenant: 'ada' })
    await mcp.as('ada').key.connect(credential, { settings })
    expect((await deliver(address, 'key-secret-1')).status).toBe(401)
    await mcp.as('ada').key.connect({ ...credential, signingSecret: ADAS_TOKEN }, { settings })
    expect((await deliver(address, 'key-secret-1')).status).toBe(401)
    expect((await deliver(address, ADAS_TOKEN)).status).toBe(204)
    expect(seen).toHaveLength(1)
  })
})

it("verifies with the app's own auth token, which need not be passed twice", async () => {
  const hooks = webhooks({ address: 'https://app.example/hooks' })
  createMcpClient({
    connectors: { twilio: twilio({ accountSid: ADA, authToken: TOKEN }) },
    capabilities: [hooks],
    transport: scriptedTransport([]),
  })
  const signature = sdk.getExpectedTwilioSignature(TOKEN, ADDRESS, delivered)
  const body = new URLSearchParams(delivered).toString()
  const headers = { 'content-type': FORM, 'x-twilio-signature': signature }
  expect((await hooks.receive(new Request(ADDRESS, { method: 'POST', body, headers }))).status).toBe(204)
})

describe('a delivery that is ignored', () => {
  it.each([
    ['a request for TwiML', { ...completed, CallbackSource: '', CallStatus: 'ringing' }],
    ['a recording', { AccountSid: ADA, CallSid: 'CA1', RecordingSid: 'RE1', RecordingStatus: 'completed' }],
    ['another product', { AccountSid: ADA, EventType: 'onMessageAdded' }],
  ])('is %s', async (_what, parameters) => {
    const { deliver, seen, hooks } = await setUp()
    expect((await deliver(parameters)).status).toBe(204)
    expect([seen, await Array.fromAsync(hooks.parked())]).toEqual([[], []])
  })

  it('is a signed one in JSON', async () => {
    const { hooks, seen } = await setUp()
    const body = JSON.stringify([{ specversion: '1.0', type: 'com.twilio.messaging.message.delivered' }])
    const url = `${ADDRESS}?bodySHA256=${createHash('sha256').update(body).digest('hex')}`
    const signature = sdk.getExpectedTwilioSignature(TOKEN, url, {})
    expect(sdk.validateRequestWithBody(TOKEN, signature, url, body)).toBe(true)
    const send = (content: string) =>
      hooks.receive(
        new Request(url, {
          method: 'POST',
          body: content,
          headers: { 'content-type': 'application/json', 'x-twilio-signature': signature },
        }),
      )
    expect((await send(body)).status).toBe(204)
    expect((await send('[]')).status).toBe(401)
    expect([seen, await Array.fromAsync(hooks.parked())]).toEqual([[], []])
  })
})

describe('a delivery that is refused', () => {
  it('is signed with another token, or not at all', async () => {
    const { deliver, seen } = await setUp()
    expect((await deliver(delivered, { token: 'another-token' })).status).toBe(401)
    expect((await deliver(delivered, { headers: { 'x-twilio-signature': '' } })).status).toBe(401)
    expect(seen).toEqual([])
  })

  it('has another field than the one that was signed', async () => {
    const { hooks, seen } = await setUp()
    const signature = sdk.getExpectedTwilioSignature(TOKEN, ADDRESS, delivered)
    const body = new URLSearchParams({ ...delivered, AccountSid: BOB }).toString()
    const headers = { 'content-type': FORM, 'x-twilio-signature': signature }
    expect((await hooks.receive(new Request(ADDRESS, { method: 'POST', body, headers }))).status).toBe(401)
    expect(seen).toEqual([])
  })

  it('is parked if it does not have the documented form', async () => {
    const { deliver, hooks } = await setUp()
    const { From: _from, ...anonymous } = received
    expect((await deliver(anonymous)).status).toBe(400)
    expect(await Array.fromAsync(hooks.parked())).toMatchObject([{ serverId: 'twilio', code: 'INVALID_INPUT' }])
  })
})

it("accepts Twilio's published vectors: of a form, and of JSON with bodySHA256", async () => {
  const url = 'https://mycompany.com/myapp.php?foo=1&bar=2'
  const verdict = async (address: string, body: string, type: string, signature: string) => {
    const headers = { 'content-type': type, 'x-twilio-signature': signature }
    const result = await verifyRequest(new Request(address, { method: 'POST', body, headers }), {
      scheme: statusCallbacks.verify,
      secrets: activeSecrets('12345'),
      address: 'https://mycompany.com/myapp.php',
    })
    return result.verified
  }
  const fields = { CallSid: 'CA1234567890ABCDE', Caller: '+14158675309', Digits: '1234' }
  const form = new URLSearchParams({ ...fields, From: '+14158675309', To: '+18005551212' }).toString()
  expect(await verdict(url, form, FORM, 'RSOYDt4T1cUTdK1PDd93/VVr8B8=')).toBe(true)
  expect(await verdict(url, form, FORM, 'kvajT1Ptam85bY51eRf/AJRuM3w=')).toBe(true)
  expect(await verdict(url, form, FORM, 'ZSOYDt4T1cUTdK1PDd93/VVr8B8=')).toBe(false)
  const json = '{"property": "value", "boolean": true}'
  const signed = `${url}&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620`
  expect(await verdict(signed, json, 'application/json', 'a9nBmqA0ju/hNViExpshrM61xv4=')).toBe(true)
  expect(await verdict(signed, `${json} `, 'application/json', 'a9nBmqA0ju/hNViExpshrM61xv4=')).toBe(false)
})
