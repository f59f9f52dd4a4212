import { createMcpClient, partialOf } from '@mcpclient/core'
import { collectChat } from '@mcpclient/shapes/chat'
import type { ChatPart } from '@mcpclient/shapes/chat'
import { createFakeClock, errorOf, scriptedTransport } from '@mcpclient/testing'
import type { ScriptedReply } from '@mcpclient/testing'
import { expect, it } from 'vitest'
import { anthropic } from '../src/index.ts'

const messages = [{ role: 'user' as const, content: 'Hi' }]
const message = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'm',
  content: [{ type: 'text', text: 'Hello' }],
  stop_reason: 'end_turn',
  usage: { input_tokens: 1, output_tokens: 1 },
}
const refusal = (type: string, details?: object) => ({ type: 'error', error: { type, message: 'Sorry', details } })

function setUp(script: readonly ScriptedReply[], options: Parameters<typeof anthropic>[0] = {}) {
  const transport = scriptedTransport(script)
  const clock = createFakeClock()
  const connectors = { anthropic: anthropic({ apiKey: 'sk-1', model: 'm', ...options }) }
  const mcp = createMcpClient({ connectors, transport, clock, random: () => 0 })
  return { transport, clock, anthropic: mcp.as('ada').anthropic }
}

it('sends the version and the beta features as headers', async () => {
  const beta = setUp([{ json: message }], { beta: ['compact-2026-09-04', 'mcp-client-2026-09-15'] })
  await beta.anthropic.call('chat', { messages })
  expect(beta.transport.requests[0]?.headers).toMatchObject({
    'x-api-key': 'sk-1',
    'anthropic-version': '2026-10-21',
    'anthropic-beta': 'compact-2026-09-04,mcp-client-2026-09-15',
  })
  const plain = setUp([{ json: message }], { version: '2023-06-01' })
  await plain.anthropic.call('chat', { messages })
  expect(plain.transport.requests[0]?.headers).toHaveProperty('anthropic-version', '2023-06-01')
  expect(plain.transport.requests[0]?.headers).not.toHaveProperty('anthropic-beta')
})

it('rejects sampling parameters in the versions without them, before anything is sent', async () => {
  for (const call of [
    () => setUp([]).anthropic.call('chat', { messages, temperature: 0 }),
    () => setUp([]).anthropic.call('create_message', { messages, temperature: 1 }),
  ]) {
    const error = await errorOf(call())
    expect(error).toMatchObject({ code: 'INVALID_INPUT', details: { issues: [{ path: 'temperature' }] } })
    expect(error.advice).toContain('2023-06-01')
  }
  const error = await errorOf(
    setUp([], { version: '2027-01-01' }).anthropic.call('create_message', { messages, top_k: 1 }),
  )
  expect(error.details.issues).toMatchObject([{ path: 'top_k' }])
  const { anthropic: old, transport } = setUp([{ json: message }], { version: '2023-06-01' })
  await old.call('create_message', { messages, temperature: 0 })
  expect(transport.requests[0]?.json).toHaveProperty('temperature', 0)
})

it.each([
  ['Retry-After', { 'retry-after': '7' }, 7000],
  [
    'the exhausted limit',
    {
      'anthropic-ratelimit-requests-remaining': '40',
      'anthropic-ratelimit-requests-reset': '2026-01-01T00:01:00Z',
      'anthropic-ratelimit-output-tokens-remaining': '0',
      'anthropic-ratelimit-output-tokens-reset': '2026-01-01T00:00:12Z',
    },
    12_000,
  ],
])('waits for %s after a 429, and sends a message again', async (_name, headers, waitMs) => {
  const limited = { status: 429, headers, json: refusal('rate_limit_error') }
  const { anthropic: client, transport, clock } = setUp([limited, { json: message }])
  await clock.until(client.call('chat', { messages }))
  expect(clock.monotonic()).toBe(waitMs)
  transport.verify()
})

it('sends a message again if Anthropic is overloaded', async () => {
  const {
    anthropic: client,
    transport,
    clock,
  } = setUp([{ status: 529, json: refusal('overloaded_error') }, { json: message }])
  await clock.until(client.call('chat', { messages }))
  transport.verify()
})

it('does not repeat a message after a spend limit, though it is a 429', async () => {
  const json = refusal('rate_limit_error', { error_code: 'enforced_spend_limit_reached' })
  const { anthropic: client, transport } = setUp([{ status: 429, json }])
  const error = await errorOf(client.call('chat', { messages }))
  expect(error).toMatchObject({ code: 'MCP_CLIENT_ERROR', retryable: false })
  transport.verify()
})

it('does not repeat a message after a 500, and says that it may be charged twice', async () => {
  const { anthropic: client, transport } = setUp([{ status: 500, json: refusal('api_error') }])
  const error = await errorOf(client.call('chat', { messages }))
  expect(error).toMatchObject({ code: 'MCP_SERVER_ERROR', details: { outcome: 'unknown', attempts: 1 } })
  expect(error.advice).toContain('charged twice')
  transport.verify()
})

it('keeps the parts that arrived before an error in the stream', async () => {
  const named = (type: string, rest: object) => ({ event: type, data: { type, ...rest } })
  const events = [
    named('message_start', { message: { ...message, content: [], stop_reason: null } }),
    named('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'Hel' } }),
    named('error', refusal('overloaded_error')),
  ]
  const { anthropic: client } = setUp([{ events }])
  const error = await errorOf(client.call('stream_chat', { messages }))
  expect(error).toMatchObject({ code: 'MCP_SERVER_ERROR', retryable: false, details: { outcome: 'unknown' } })
  expect(collectChat(partialOf(error) as readonly ChatPart[])).toMatchObject({
    id: 'msg_1',
    text: 'Hel',
    stopReason: 'other',
  })
})

it('rejects a stream that closes before its end', async () => {
  const { anthropic: client } = setUp([{ events: [] }, { events: [] }])
  expect((await errorOf(client.call('stream_chat', { messages }))).details.reason).toBe('stream_unfinished')
  expect((await errorOf(client.call('stream_message', { messages }))).details.reason).toBe('stream_unfinished')
})
