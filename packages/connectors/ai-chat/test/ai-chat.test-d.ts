import { createMcpClient } from '@mcpclient/core'
import type { ChatPart, ChatRequest, ChatResponse } from '@mcpclient/shapes/chat'
import { expectTypeOf, it } from 'vitest'
import { aiChat, anthropicChat, openaiChat } from '../src/index.ts'
import type { AiChatOptions, AiChatProvider } from '../src/index.ts'

const { one, other, any } = createMcpClient({
  connectors: {
    one: aiChat({ provider: 'openai', apiKey: 'x', model: 'm', project: 'proj_1' }),
    other: aiChat({ provider: 'anthropic', apiKey: 'x', model: 'm', version: '2023-06-01' }),
    any: aiChat({} as AiChatOptions),
  },
}).as('ada')

it('has the same client for every provider', () => {
  expectTypeOf(one).toEqualTypeOf(other)
  expectTypeOf(any).toEqualTypeOf(one)
  expectTypeOf<AiChatProvider>().toEqualTypeOf<'openai' | 'anthropic'>()
})

it('types the calls by the common shapes', () => {
  const own = createMcpClient({ connectors: { openai: openaiChat(), anthropic: anthropicChat() } }).as('ada')
  for (const client of [any, own.openai, own.anthropic]) {
    expectTypeOf(client.call('chat', {} as ChatRequest)).resolves.toEqualTypeOf<ChatResponse>()
    expectTypeOf(client.call('stream_chat', {} as ChatRequest)).resolves.toEqualTypeOf<ChatPart[]>()
    expectTypeOf(client.stream('stream_chat', {} as ChatRequest)).toExtend<AsyncIterable<ChatPart>>()
  }
  // @ts-expect-error only the common tools
  void any.call('create_response', { input: 'Hi' })
})

it('rejects wrong options', () => {
  // @ts-expect-error no such provider
  aiChat({ provider: 'herons', apiKey: 'x' })
  // @ts-expect-error Anthropic has no project
  aiChat({ provider: 'anthropic', apiKey: 'x', project: 'proj_1' })
})
