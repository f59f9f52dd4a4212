import { createMcpClient, partialOf } from '@mcpclient/core'
import { collectChat } from '@mcpclient/shapes/chat'
import type { ChatPart } from '@mcpclient/shapes/chat'
import { createFakeClock, errorOf, scriptedTransport } from '@mcpclient/testing'
import type { ScriptedReply } from '@mcpclient/testing'
import { expect, it } from 'vitest'
import { openai } from '../src/index.ts'

const messages = [{ role: 'user' as const, content: 'Hi' }]
const completion = {
  id: 'chatcmpl-1',
  model: 'gpt-5.4-mini',
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Hello' } }],
}

function setUp(script: readonly ScriptedReply[], options: Parameters<typeof openai>[0] = {}) {
  const transport = scriptedTransport(script)
  const clock = createFakeClock()
  const connectors = { openai: openai({ apiKey: 'sk-1', ...options }) }
  const mcp = createMcpClient({ connectors, transport, clock, random: () => 0 })
  return { transport, clock, openai: mcp.as('ada').openai }
}

it('sends the organization and the project as headers, and neither if they are not set', async () => {
  const both = setUp([{ json: completion }], { model: 'm', organization: 'org-1', project: 'proj_1' })
  await both.openai.call('chat', { messages })
  expect(both.transport.requests[0]?.headers).toMatchObject({
    authorization: 'Bearer sk-1',
    'openai-organization': 'org-1',
    'openai-project': 'proj_1',
  })
  const none = setUp([{ json: completion }], { model: 'm' })
  await none.openai.call('chat', { messages })
  expect(Object.keys(none.transport.requests[0]?.headers ?? {}).filter((name) => /^openai/.test(name))).toEqual([])
})

it('uses the model of the input rather than the setting, and needs one of them', async () => {
  const { openai: client, transport } = setUp([{ json: completion }], { model: 'one' })
  await client.call('chat', { messages, model: 'other' })
  expect(transport.requests[0]?.json).toMatchObject({ model: 'other' })
  const error = await errorOf(setUp([]).openai.call('chat', { messages }))
  expect(error).toMatchObject({ code: 'INVALID_INPUT', details: { issues: [{ path: 'model' }] } })
})

it('waits for the longer of the limits that OpenAI reports as used up, and sends a completion again', async () => {
  const limited = {
    status: 429,
    headers: {
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '1s',
      'x-ratelimit-remaining-tokens': '0',
      'x-ratelimit-reset-tokens': '1m30s',
    },
    json: { error: { type: 'tokens', code: 'rate_limit_exceeded', message: 'Rate limit reached', param: null } },
  }
  const { openai: client, transport, clock } = setUp([limited, { json: completion }], { model: 'm' })
  await clock.until(client.call('chat', { messages }))
  expect(clock.monotonic()).toBe(90_000)
  transport.verify()
})

it.each(['insufficient_quota', 'credit_balance_exhausted', 'project_spend_limit_exceeded'])(
  'does not repeat a completion after %s, though it is a 429',
  async (code) => {
    const json = { error: { type: 'insufficient_quota', code, message: 'No credits', param: null } }
    const { openai: client, transport } = setUp([{ status: 429, json }], { model: 'm' })
    const error = await errorOf(client.call('chat', { messages }))
    expect(error).toMatchObject({ code: 'MCP_CLIENT_ERROR', retryable: false, details: { providerCode: code } })
    expect(error.advice).toContain('Waiting does not help')
    transport.verify()
  },
)

it('does not repeat a completion after a 500, and says that it may be charged twice', async () => {
  const { openai: client, transport } = setUp([{ status: 500, json: {} }], { model: 'm' })
  const error = await errorOf(client.call('chat', { messages }))
  expect(error).toMatchObject({ code: 'MCP_SERVER_ERROR', details: { outcome: 'unknown', attempts: 1 } })
  expect(error.advice).toContain('charged twice')
  transport.verify()
})

it('keeps the parts that arrived before an error in the stream', async () => {
  const chunk = (delta: object) => ({
    data: { id: 'chatcmpl-1', model: 'm', choices: [{ index: 0, delta, finish_reason: null }] },
  })
  const events = [
    chunk({ role: 'assistant', content: '' }),
    chunk({ content: 'Hel' }),
    { data: { error: { code: 'slow_down' } } },
  ]
  const { openai: client } = setUp([{ events }], { model: 'm' })
  const error = await errorOf(client.call('stream_chat', { messages }))
  expect(error).toMatchObject({ code: 'MCP_RATE_LIMIT_EXCEEDED', retryable: false, details: { outcome: 'unknown' } })
  expect(collectChat(partialOf(error) as readonly ChatPart[])).toMatchObject({
    id: 'chatcmpl-1',
    text: 'Hel',
    stopReason: 'other',
  })
})

it('rejects a stream that closes before its end', async () => {
  const { openai: client } = setUp([{ events: [] }, { events: [] }], { model: 'm' })
  expect((await errorOf(client.call('stream_chat', { messages }))).details.reason).toBe('stream_unfinished')
  expect((await errorOf(client.call('stream_response', { input: 'Hi' }))).details.reason).toBe('stream_unfinished')
})
