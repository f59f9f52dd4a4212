import { LLMock } from '@copilotkit/aimock'
import { createMcpClient } from '@mcpclient/core'
import { collectChat } from '@mcpclient/shapes/chat'
import type { ChatRequest } from '@mcpclient/shapes/chat'
import { errorOf } from '@mcpclient/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aiChat } from '../src/index.ts'
import type { AiChatProvider } from '../src/index.ts'

const mock = new LLMock({ port: 0, host: '127.0.0.1', logLevel: 'silent', chunkSize: 4 })

beforeAll(async () => {
  mock.onMessage('reed', { content: 'Reed warblers and bitterns.' })
  mock.onToolResult('call_tide', { content: 'High at 14:10.' })
  mock.onMessage('tide', { toolCalls: [{ id: 'call_tide', name: 'get_tide', arguments: '{"place":"Husum"}' }] })
  mock.onMessage('busy', { error: { message: 'Slow down', type: 'rate_limit_error' }, status: 429, retryAfter: 60 })
  await mock.start()
})
afterAll(() => mock.stop())

const user = (content: string) => ({ role: 'user' as const, content })
const get_tide = {
  name: 'get_tide',
  inputSchema: { type: 'object' as const, properties: { place: { type: 'string' } } },
}

/** Chats over a real connection with the mock, which follows the documentation of the vendors independently. */
function setUp(provider: AiChatProvider) {
  const ai = aiChat({ provider, apiKey: 'k', model: 'm', baseUrl: `${mock.url}/v1/` })
  const mcp = createMcpClient({ connectors: { ai }, retry: { attempts: 1 } })
  const { ai: client } = mcp.as('ada')
  return {
    client,
    /** Returns the response in one piece and from a stream. */
    both: async (request: ChatRequest) => [
      await client.call('chat', request),
      collectChat(await client.call('stream_chat', request)),
    ],
  }
}

describe.each(['openai', 'anthropic'] as const)('a mock of %s', (provider) => {
  it('returns a text, in one piece and in parts', async () => {
    const { both, client } = setUp(provider)
    for (const response of await both({ messages: [user('What nests in reed?')] })) {
      expect(response).toMatchObject({ text: 'Reed warblers and bitterns.', toolCalls: [], stopReason: 'end' })
      expect(response.id).not.toBe('')
    }
    const texts: unknown[] = []
    for await (const { text } of client.stream('stream_chat', { messages: [user('reed')] })) if (text) texts.push(text)
    expect(texts.length).toBeGreaterThan(3)
  })

  it('returns the call of a tool, and the response to its result', async () => {
    const { both } = setUp(provider)
    const question = user('When is high tide?')
    for (const response of await both({ messages: [question], tools: [get_tide] })) {
      const call = { id: 'call_tide', name: 'get_tide', input: { place: 'Husum' } }
      expect(response).toMatchObject({ toolCalls: [call], stopReason: 'tool_calls' })
      const messages = [
        question,
        { role: 'assistant' as const, toolCalls: [call] },
        { role: 'tool' as const, toolCallId: call.id, content: '14:10' },
      ]
      for (const last of await both({ messages, tools: [get_tide] })) expect(last.text).toBe('High at 14:10.')
    }
  })

  it('reports a rate limit with its wait', async () => {
    const error = await errorOf(setUp(provider).client.call('chat', { messages: [user('busy')] }))
    expect(error).toMatchObject({ code: 'MCP_RATE_LIMIT_EXCEEDED', details: { retryAfterMs: 60_000 } })
  })
})
