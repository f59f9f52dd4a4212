import { createMcpClient } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { createFakeClock, errorOf, scriptedTransport } from '@mcpclient/testing'
import type { ScriptedReply } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { twilio, twilioApiKey } from '../src/index.ts'

const accountSid = 'AC08e40a7c0ffee5ea5e0b1d5a11ce0001'
const subaccount = 'AC08e40a7c0ffee5ea5e0b1d5a11ce00ff'
const credential = { accountSid, authToken: 'canary-auth-token-4417' }
const key = { apiKeySid: 'SK08e40a7c0ffee5ea5e0b1d5a11ce0009', apiKeySecret: 'canary-secret-4417' }
const service = 'MG08e40a7c0ffee5ea5e0b1d5a11ce0002'
const sid = 'SM08e40a7c0ffee5ea5e0b1d5a11ce0011'
const to = '+14155550100'
const message = { sid, status: 'queued', direction: 'outbound-api' }
const sent = { status: 201, json: message }

function start(script: readonly ScriptedReply[], settings: Parameters<typeof twilio>[0] = {}) {
  const transport = scriptedTransport(script)
  const clock = createFakeClock()
  const connectors = { twilio: twilio({ ...credential, ...settings }) }
  const mcp = createMcpClient({ connectors, transport, clock, random: () => 0.5 })
  return { ada: mcp.as('ada').twilio, mcp, clock, transport }
}
const basicOf = (username: string, password: string) => `Basic ${btoa(`${username}:${password}`)}`

describe('the sender of a message', () => {
  it.each([
    ['the composed number', { from: '+15005550006' }, {}, { From: '+15005550006' }],
    ['the composed service', { messagingServiceSid: service }, {}, { MessagingServiceSid: service }],
    [
      'a number of the composed service',
      { from: '+15005550006', messagingServiceSid: service },
      {},
      { From: '+15005550006', MessagingServiceSid: service },
    ],
    ['the number of the call alone', { messagingServiceSid: service }, { from: 'MARSHES' }, { From: 'MARSHES' }],
    [
      'the service of the call alone',
      { from: '+15005550006' },
      { messaging_service_sid: service },
      { MessagingServiceSid: service },
    ],
  ])('is %s', async (_what, settings, input, fields) => {
    const { ada, transport } = start([sent], settings)
    await ada.call('send_sms', { to, body: 'Hi', ...input })
    expect(transport.requests[0]?.form).toEqual({ To: to, Body: 'Hi', ...fields })
  })

  it('is required', async () => {
    const { ada, transport } = start([], { whatsappFrom: '+14155238886' })
    const { message: text, advice, details } = await errorOf(ada.call('send_sms', { to, body: 'Hi' }))
    expect(text).toBe('No sender was named, and Twilio was composed without one.')
    expect(advice).toBe('Pass from or messaging_service_sid.')
    expect(details).toMatchObject({ outcome: 'not_processed', issues: [{ path: 'from' }] })
    expect(transport.requests).toEqual([])
  })

  it('is another one for WhatsApp, whose addresses have a prefix', async () => {
    const { ada, transport } = start([sent], { from: '+15005550006', whatsappFrom: '+14155238886' })
    await ada.call('send_whatsapp', { to, body: 'Hi' })
    expect(transport.requests[0]?.form).toEqual({
      To: `whatsapp:${to}`,
      From: 'whatsapp:+14155238886',
      Body: 'Hi',
    })
  })

  it('is required for WhatsApp as well, even if there is one for SMS', async () => {
    const { ada } = start([], { from: '+15005550006' })
    expect((await errorOf(ada.call('send_whatsapp', { to, body: 'Hi' }))).code).toBe('INVALID_INPUT')
  })
})

describe('a scheduled message', () => {
  const send_at = '2026-11-05T06:00:00Z'

  it.each([
    ['with a number only', { from: '+15005550006' }, {}],
    [
      'with a number of the call, although a service is composed',
      { messagingServiceSid: service },
      { from: '+15005550006' },
    ],
  ])('is refused %s, because Twilio would send it at once', async (_what, settings, input) => {
    const { ada, transport } = start([], settings)
    const error = await errorOf(ada.call('send_sms', { to, body: 'Hi', send_at, ...input }))
    expect(error).toMatchObject({ code: 'INVALID_INPUT', details: { issues: [{ path: 'send_at' }] } })
    expect(transport.requests).toEqual([])
  })

  it('has a kind, and can be canceled until it is sent', async () => {
    const { ada, transport } = start([{ status: 201, json: { ...message, status: 'scheduled' } }], {
      messagingServiceSid: service,
    })
    const output = await ada.call('send_sms', { to, body: 'Hi', send_at })
    expect(transport.requests[0]?.form).toMatchObject({ SendAt: send_at, ScheduleType: 'fixed' })
    const { undo } = twilio.tools['send_sms'] ?? {}
    const undone = (done: object) => (typeof undo === 'function' ? undo({ input: {}, output: done } as never) : undo)
    expect(undone(output)).toEqual({ tool: 'cancel_message', input: { sid } })
    expect(undone({ ...output, status: 'queued' })).toBeUndefined()
  })
})

describe('an input', () => {
  const sms = { to, from: '+15005550006' }
  const call = { to, from: '+15005550006' }
  it.each([
    ['send_sms', 'no content', sms],
    ['send_sms', 'a local number', { ...sms, to: '(415) 555-0100', body: 'Hi' }],
    ['send_sms', 'an address of WhatsApp', { ...sms, to: `whatsapp:${to}`, body: 'Hi' }],
    ['send_sms', 'a body of 1,601 characters', { ...sms, body: 'x'.repeat(1601) }],
    ['send_sms', 'eleven media', { ...sms, media_url: Array.from({ length: 11 }, () => 'https://example.com/a.jpg') }],
    ['send_sms', 'a file of this machine', { ...sms, media_url: ['file:///etc/passwd'] }],
    ['send_sms', 'variables without a template', { ...sms, body: 'Hi', content_variables: { 1: 'Ada' } }],
    ['send_sms', 'a SID of another kind', { to, body: 'Hi', messaging_service_sid: sid }],
    [
      'send_sms',
      'a time with an offset',
      { to, body: 'Hi', messaging_service_sid: service, send_at: '2026-11-05T06:00:00+01:00' },
    ],
    ['get_message', 'a path', { sid: '../Calls' }],
    ['get_message', 'a SID of a call', { sid: sid.replace('SM', 'CA') }],
    ['make_call', 'neither TwiML nor an address', call],
    ['make_call', 'both TwiML and an address', { ...call, twiml: '<Response/>', url: 'https://app.example/voice' }],
    ['list_messages', 'a time that Twilio does not read', { date_sent: '3 Nov 2026' }],
    ['list_calls', 'a page of 1,001', { page_size: 1001 }],
  ])('is refused by %s with %s', async (tool, _what, input) => {
    const { mcp, transport } = start([])
    expect((await errorOf(mcp.client('twilio', 'ada').invoke(tool, input))).code).toBe('INVALID_INPUT')
    expect(transport.requests).toEqual([])
  })
})

it('calls from the composed number, and refuses a call without one', async () => {
  const twiml = '<Response><Say>Hi</Say></Response>'
  const { ada, transport } = start([{ status: 201, json: { sid, status: 'queued' } }], { from: '+15005550006' })
  await ada.call('make_call', { to, twiml })
  expect(transport.requests[0]?.form).toEqual({ To: to, Twiml: twiml, Timeout: '60', From: '+15005550006' })
  expect(await errorOf(start([]).ada.call('make_call', { to, twiml }))).toMatchObject({
    code: 'INVALID_INPUT',
    details: { issues: [{ path: 'from' }] },
  })
})

describe('the account', () => {
  const list = { json: { messages: [], next_page_uri: null } }

  it('is the one of the credential, which is sent as HTTP Basic', async () => {
    const { ada, transport } = start([list])
    await ada.call('list_messages', {})
    expect(transport.requests).toMatchObject([
      {
        path: `/2010-04-01/Accounts/${accountSid}/Messages.json`,
        headers: { authorization: basicOf(accountSid, credential.authToken) },
      },
    ])
  })

  it('is a subaccount if the host passes one, with the same credential', async () => {
    const { ada, transport } = start([list], { account: subaccount })
    await ada.call('list_messages', {})
    expect(transport.requests).toMatchObject([
      {
        path: `/2010-04-01/Accounts/${subaccount}/Messages.json`,
        headers: { authorization: basicOf(accountSid, credential.authToken) },
      },
    ])
  })

  it('never shows its auth token, which Twilio returns', async () => {
    const account = { sid: accountSid, friendly_name: 'Marshes', auth_token: '0123456789abcdef0123456789abcdef' }
    const { ada } = start([{ json: account }])
    expect(JSON.stringify(await ada.call('get_account', {}))).not.toContain('0123456789abcdef')
  })
})

describe('an API key', () => {
  const list = { messages: [], uri: `/2010-04-01/Accounts/${accountSid}/Messages.json?PageSize=1&Page=0` }

  function connecting(body: object) {
    const transport = scriptedTransport([{ json: body }])
    const connectors = { twilio: twilioApiKey({ account: accountSid }) }
    return { mcp: createMcpClient({ connectors, vault: vault(), transport, clock: createFakeClock() }), transport }
  }

  it('is verified by reading a message, because only a Main key reads accounts', async () => {
    const { mcp, transport } = connecting(list)
    const result = await mcp.as('ada').twilio.connect(key)
    expect(result).toEqual({ status: 'connected', account: { id: accountSid } })
    expect(transport.requests).toMatchObject([
      {
        path: `/2010-04-01/Accounts/${accountSid}/Messages.json`,
        query: { PageSize: '1' },
        headers: { authorization: basicOf(key.apiKeySid, key.apiKeySecret) },
      },
    ])
  })

  it('needs the account that it is of', () => {
    expect(() => twilioApiKey(key)).toThrow('account')
    expect(() => twilioApiKey({ ...key, account: key.apiKeySid })).toThrow('account')
  })

  it('has the same tools', () => {
    expect(twilioApiKey.tools).toEqual(twilio.tools)
  })
})

it('sends a message again after 20429, which Twilio has not processed', async () => {
  const busy = { status: 429, json: { code: 20429, message: 'Too Many Requests', status: 429 } }
  const { ada, clock, transport } = start([busy, sent], { from: '+15005550006' })
  expect(await clock.until(ada.call('send_sms', { to, body: 'Hi' }))).toMatchObject({ sid })
  transport.verify()
})

it('does not repeat a message whose response was lost, and says how to check', async () => {
  const { ada, clock, transport } = start([{ status: 503, json: {} }], { from: '+15005550006' })
  const error = await errorOf(clock.until(ada.call('send_sms', { to, body: 'Hi' })))
  expect(error).toMatchObject({ details: { outcome: 'unknown' } })
  expect(error.advice).toContain('list_messages')
  transport.verify()
})

it('shows the recipient, the time and the content of a write', async () => {
  const preview = (tool: string, input: object) => twilio.tools[tool]?.preview?.(input as never, {} as never)
  expect(preview('send_sms', { to, body: 'Hi', media_url: ['https://example.com/a.jpg'] })).toBe(
    `Send an SMS to ${to}: Hi, https://example.com/a.jpg`,
  )
  const template = { to, content_sid: 'HX1', content_variables: { 1: 'Ada' }, send_at: '2026-11-05T06:00:00Z' }
  expect(preview('send_whatsapp', template)).toBe(
    `Send a WhatsApp message to ${to} at 2026-11-05T06:00:00Z: template HX1 {"1":"Ada"}`,
  )
  expect(preview('make_call', { to, url: 'https://app.example/voice' })).toBe(
    `Call ${to} and follow https://app.example/voice`,
  )
})

it('marks where messages and calls go, and what others wrote', async () => {
  const tools = await start([]).ada.listTools()
  const marks = (name: string) => tools.find((each) => each.name === name)
  expect(marks('send_sms')?.inputMarks).toEqual([
    { path: ['to'], destination: 'recipient' },
    { path: ['media_url'], destination: 'url' },
    { path: ['status_callback'], destination: 'url' },
  ])
  expect(marks('make_call')?.inputMarks?.map(({ path }) => path.join('.'))).toEqual([
    'to',
    'twiml',
    'url',
    'status_callback',
  ])
  expect(marks('get_message')?.outputMarks).toEqual([
    { path: ['to'], private: true },
    { path: ['from'], private: true },
    { path: ['body'], untrusted: true, private: true },
  ])
})
