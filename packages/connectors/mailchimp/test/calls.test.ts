import { createMcpClient } from '@mcpclient/core'
import { createFakeClock, errorOf, scriptedTransport } from '@mcpclient/testing'
import type { ScriptedReply } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { mailchimp, mailchimpApiKey } from '../src/index.ts'

const KEY = '0123456789abcdef0123456789abcdef-us6'
const problem = (status: number, title: string, more: object = {}) => ({
  status,
  json: { type: 'https://mailchimp.com/developer/marketing/docs/errors/', title, status, detail: 'Detail.', ...more },
})

function start(script: readonly ScriptedReply[], apiKey = KEY) {
  const transport = scriptedTransport(script)
  const clock = createFakeClock()
  const mcp = createMcpClient({
    connectors: { lists: mailchimpApiKey({ apiKey }) },
    transport,
    clock,
    random: () => 0.5,
  })
  return { ada: mcp.as('ada').lists, mcp, clock, transport }
}

const health = { json: { health_status: 'ok' } }

describe('the data center', () => {
  it('is the one at the end of the API key', async () => {
    const { ada, transport } = start([health])
    await ada.call('ping', {})
    expect(transport.requests).toMatchObject([
      { url: 'https://us6.api.mailchimp.com/3.0/ping', headers: { authorization: `Bearer ${KEY}` } },
    ])
  })

  it.each(['0123-evil.example/x', '0123-us6.evil', '0123-', '0123'])('is refused in the key %s', (apiKey) => {
    expect(() => mailchimpApiKey({ apiKey })).toThrow(/dataCenter/)
  })

  it('is required for a pasted token', async () => {
    const connectors = { lists: mailchimp({ token: 'token-1', dataCenter: 'us19' }) }
    const transport = scriptedTransport([health])
    await createMcpClient({ connectors, transport }).as('ada').lists.call('ping', {})
    expect(transport.requests[0]?.url).toBe('https://us19.api.mailchimp.com/3.0/ping')
  })
})

it.each([
  [404, 'Resource Not Found', 'MCP_CLIENT_ERROR', /./],
  [400, 'Member Exists', 'MCP_CLIENT_ERROR', /upsert_member/],
  [400, 'Member In Compliance State', 'MCP_CLIENT_ERROR', /pending/],
  [400, 'Forgotten Email Not Subscribed', 'MCP_CLIENT_ERROR', /form/],
  [401, 'API Key Invalid', 'MCP_AUTHENTICATION_FAILURE', /credential/],
  [403, 'User Disabled', 'MCP_AUTHENTICATION_FAILURE', /./],
  [429, 'Too Many Requests', 'MCP_RATE_LIMIT_EXCEEDED', /./],
  [503, 'Compliance Related', 'MCP_CLIENT_ERROR', /owner/],
  [500, 'constructor', 'MCP_SERVER_ERROR', /./],
] as const)('maps a %i with the title "%s" to %s', async (status, title, code, advice) => {
  const transport = scriptedTransport([problem(status, title)])
  const connectors = { lists: mailchimpApiKey({ apiKey: KEY }) }
  const mcp = createMcpClient({ connectors, transport, retry: { attempts: 1 } })
  const error = await errorOf(mcp.as('ada').lists.call('get_audience', { list_id: 'l1' }))
  expect(error).toMatchObject({ code, details: { providerCode: title } })
  expect(error.advice).toMatch(advice)
})

it('explains a 403 without a body', async () => {
  const transport = scriptedTransport([{ status: 403 }])
  const connectors = { lists: mailchimpApiKey({ apiKey: KEY }) }
  const mcp = createMcpClient({ connectors, transport, retry: { attempts: 1 } })
  const error = await errorOf(mcp.as('ada').lists.call('ping', {}))
  expect(error.code).toBe('MCP_CLIENT_ERROR')
  expect(error.advice).toContain('fewer requests')
})

it('quotes the first problem of a field', async () => {
  const errors = [{ field: 'AGE', message: 'Please enter a number' }]
  const { ada } = start([problem(400, 'Invalid Resource', { errors })])
  const error = await errorOf(ada.call('update_member', { list_id: 'l1', subscriber_hash: 'h', merge_fields: {} }))
  expect(error.message).toContain('AGE: Please enter a number')
})

it('retries an upsert after a lost response, but no campaign and no change of a member', async () => {
  const lost = { status: 500, json: {} }
  const upsert = start([lost, { json: { id: 'h', email_address: 'bo@example.com' } }])
  await upsert.clock.until(
    upsert.ada.call('upsert_member', { list_id: 'l1', email_address: 'bo@example.com', status_if_new: 'pending' }),
  )
  upsert.transport.verify()
  const campaign = start([lost])
  const error = await errorOf(campaign.clock.until(campaign.ada.call('send_campaign', { campaign_id: 'c1' })))
  expect(error.details.outcome).toBe('unknown')
  campaign.transport.verify()
  const change = start([lost])
  const input = { list_id: 'l1', subscriber_hash: 'bo@example.com', email_address: 'bo@example.org' }
  const unknown = await errorOf(change.clock.until(change.ada.call('update_member', input)))
  expect(unknown.details.outcome).toBe('unknown')
  change.transport.verify()
})

it('sends ten requests at once, and no more', async () => {
  const opened: (() => void)[] = []
  const clock = createFakeClock()
  const transport = scriptedTransport(
    () =>
      new Promise((resolve) => {
        opened.push(() => {
          resolve(health)
        })
      }),
  )
  const mcp = createMcpClient({ connectors: { lists: mailchimpApiKey({ apiKey: KEY }) }, transport, clock })
  const calls = Array.from({ length: 12 }, () => mcp.as('ada').lists.call('ping', {}))
  await clock.advance(0)
  expect(opened).toHaveLength(10)
  for (const open of opened.splice(0)) open()
  await Promise.all(calls.slice(0, 10))
  await clock.advance(0)
  expect(opened).toHaveLength(2)
  for (const open of opened) open()
  expect(await Promise.all(calls)).toHaveLength(12)
})

it.each(['2026-11-02T14:10:00Z', '2026-11-02T14:15:30Z', '2026-11-02'])(
  'schedules no campaign at %s',
  async (schedule_time) => {
    const { ada, transport } = start([])
    const error = await errorOf(ada.call('schedule_campaign', { campaign_id: 'c1', schedule_time }))
    expect(error.code).toBe('INVALID_INPUT')
    expect(transport.requests).toEqual([])
  },
)

it('names neither the secret nor the path of a webhook for approval', () => {
  const { preview } = mailchimpApiKey.tools['create_webhook'] ?? {}
  const sentence = preview?.({ list_id: 'l1', url: 'https://app.example/hooks/lists/s3cr3t' } as never, {} as never)
  expect(sentence).toBe('Send changes of the audience l1 to app.example.')
})
