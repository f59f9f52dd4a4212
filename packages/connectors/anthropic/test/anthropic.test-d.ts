import { createMcpClient } from '@mcpclient/core'
import { expectTypeOf, it } from 'vitest'
import { anthropic, anthropicChat } from '../src/index.ts'

const { all, chat } = createMcpClient({
  connectors: { all: anthropic({ apiKey: 'x', version: '2023-06-01', beta: ['x'] }), chat: anthropicChat() },
}).as('ada')

it('types the tools by their schemas', () => {
  const messages = [{ role: 'user' as const, content: 'Hi' }]
  expectTypeOf(all.call('create_message', { messages })).resolves.toHaveProperty('content')
  expectTypeOf(all.getData('count_tokens', { messages })).resolves.toEqualTypeOf<{ input_tokens: number }>()
  expectTypeOf(all.call('list_models', {})).resolves.toHaveProperty('complete')
  // @ts-expect-error a message is charged
  void all.getData('create_message', { messages })
  // @ts-expect-error only the common tools
  void chat.call('create_message', { messages })
})
