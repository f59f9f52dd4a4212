import { createMcpClient } from '@mcpclient/core'
import type { ChatPart, ChatRequest, ChatResponse } from '@mcpclient/shapes/chat'
import { expectTypeOf, it } from 'vitest'
import { anthropic, anthropicChat } from '../src/index.ts'

const { all, chat } = createMcpClient({
  connectors: { all: anthropic({ apiKey: 'x', version: '2023-06-01', beta: ['x'] }), chat: anthropicChat() },
}).as('ada')

it('types chat by the common shapes', () => {
  expectTypeOf(all.call('chat', {} as ChatRequest)).resolves.toEqualTypeOf<ChatResponse>()
  expectTypeOf(all.stream('stream_chat', {} as ChatRequest)).toExtend<AsyncIterable<ChatPart>>()
  expectTypeOf(all.call('stream_chat', {} as ChatRequest)).resolves.toEqualTypeOf<ChatPart[]>()
  expectTypeOf(chat.call('chat', {} as ChatRequest)).resolves.toEqualTypeOf<ChatResponse>()
})

it('types the other tools by their schemas', () => {
  const messages = [{ role: 'user' as const, content: 'Hi' }]
  expectTypeOf(all.call('create_message', { messages })).resolves.toHaveProperty('content')
  expectTypeOf(all.getData('count_tokens', { messages })).resolves.toEqualTypeOf<{ input_tokens: number }>()
  expectTypeOf(all.call('list_models', {})).resolves.toHaveProperty('complete')
  // @ts-expect-error a message is charged
  void all.getData('create_message', { messages })
  // @ts-expect-error only the common tools
  void chat.call('create_message', { messages })
})
