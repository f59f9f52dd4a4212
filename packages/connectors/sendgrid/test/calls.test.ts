import { createMcpClient } from '@mcpclient/core'
import { createFakeClock, errorOf, scriptedTransport } from '@mcpclient/testing'
import type { ScriptedReply } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { sendgrid } from '../src/index.ts'

const NOW = 1_793_620_000_000
const email = { to: ['bo@example.com'], subject: 'Count', text: '12 egrets' }

function start(script: readonly ScriptedReply[], settings: Parameters<typeof sendgrid>[0] = {}) {
  const transport = scriptedTransport(script)
  const clock = createFakeClock({ nowMs: NOW })
  const mail = sendgrid({ token: 'SG.canary', from: 'ada@marshes.example', ...settings })
  const mcp = createMcpClient({ connectors: { mail }, transport, clock, random: () => 0.5 })
  return { ada: mcp.as('ada').mail, mcp, clock, transport }
}

it.each([
  ['global', 'https://api.sendgrid.com/v3/mail/send'],
  ['eu', 'https://api.eu.sendgrid.com/v3/mail/send'],
] as const)('sends to the host of the region %s', async (region, url) => {
  const { ada, transport } = start([{ status: 202 }], { region })
  await ada.call('send_email', email)
  expect(transport.requests).toMatchObject([{ method: 'POST', url, headers: { authorization: 'Bearer SG.canary' } }])
})

it('fails without a sender, before a request is sent', async () => {
  const { ada, transport } = start([], { from: undefined as never })
  const error = await errorOf(ada.call('send_email', email))
  expect(error).toMatchObject({
    code: 'INVALID_INPUT',
    details: { outcome: 'not_processed', issues: [{ path: 'from' }] },
  })
  expect(transport.requests).toEqual([])
})

describe('an e-mail that SendGrid does not take', () => {
  it.each([
    ['no recipient in to', { to: [], bcc: ['bo@example.com'] }],
    ['an empty text', { text: '' }],
    ['an empty subject', { subject: '' }],
    ['1,001 recipients', { bcc: Array.from({ length: 1000 }, (_, n) => `b${n}@example.com`) }],
    ['a comma in a name', { to: [{ email: 'bo@example.com', name: 'Marsh, Bo' }] }],
    ['a line break in the subject', { subject: 'Hi\r\nBcc: eve@example.com' }],
    ['a line break in a name', { to: [{ email: 'bo@example.com', name: 'Bo\nBcc: eve@example.com' }] }],
    ['a line break in a file name', { attachments: [{ filename: 'a\r\nb', content: 'YQ==' }] }],
    ['a header in a Message-ID', { inReplyTo: '<a@b>\r\nBcc: eve@example.com' }],
  ])('is refused before it is sent: %s', async (_what, change) => {
    const { mcp, transport } = start([])
    const error = await errorOf(mcp.client('mail', 'ada').invoke('send_email', { ...email, ...change }))
    expect(error.code).toBe('INVALID_INPUT')
    expect(transport.requests).toEqual([])
  })
})

it.each([
  ['send_template_email', { template_id: 'd-1' }],
  ['schedule_email', { subject: 'Count', text: '12 egrets', send_at: 1793620800 }],
])('refuses an input of %s without a recipient in to', async (tool, input) => {
  const { mcp, transport } = start([])
  const error = await errorOf(mcp.client('mail', 'ada').invoke(tool, { ...input, to: [], bcc: ['bo@example.com'] }))
  expect(error.code).toBe('INVALID_INPUT')
  expect(transport.requests).toEqual([])
})

it('does not send an e-mail twice after a failure of the server', async () => {
  const { ada, clock, transport } = start([{ status: 500, json: { errors: [{ message: 'internal', field: null }] } }])
  const error = await errorOf(clock.until(ada.call('send_email', email)))
  expect(error.details.outcome).toBe('unknown')
  transport.verify()
})

it('sends an e-mail again that was throttled, once the limit resets', async () => {
  const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW / 1000 + 30) }
  const json = { errors: [{ field: null, message: 'too many requests' }] }
  const { ada, clock, transport } = start([{ status: 429, headers, json }, { status: 202 }])
  expect(await clock.until(ada.call('send_email', email))).toEqual({ accepted: true })
  expect(clock.monotonic()).toBeGreaterThanOrEqual(30_000)
  transport.verify()
})

it('requests another batch after a failure, and sends the scheduled e-mail once', async () => {
  const { ada, clock, transport } = start([
    { status: 503 },
    { status: 201, json: { batch_id: 'b1' } },
    { status: 503, json: {} },
  ])
  const error = await errorOf(clock.until(ada.call('schedule_email', { ...email, send_at: 1793620800 })))
  expect(error.details).toMatchObject({ outcome: 'unknown' })
  expect(transport.requests.map(({ path }) => path)).toEqual(['/v3/mail/batch', '/v3/mail/batch', '/v3/mail/send'])
})

it('ends a list of templates without a token of the next page', async () => {
  const next = 'https://api.eu.sendgrid.com/v3/templates?generations=dynamic'
  const { ada } = start([{ json: { result: [], _metadata: { next } } }])
  expect(await ada.call('list_templates', {})).toEqual({ result: [], complete: true })
})

it('marks the recipients, what other servers wrote, and what is personal', async () => {
  const { ada } = start([])
  const tools = await ada.listTools()
  const marks = (name: string) => tools.find((each) => each.name === name)
  expect(marks('send_email')?.inputMarks?.map(({ path }) => path.join('.'))).toEqual(['to', 'cc', 'bcc', 'replyTo'])
  expect(marks('list_suppressions')?.outputMarks).toEqual([
    { path: ['*', 'email'], private: true },
    { path: ['*', 'reason'], untrusted: true, private: true },
  ])
})
