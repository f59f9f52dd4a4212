import { createMcpClient } from '@mcpclient/core'
import { expectTypeOf, it } from 'vitest'
import { openai, openaiChat } from '../src/index.ts'

const { all, chat } = createMcpClient({
  connectors: { all: openai({ apiKey: 'x', model: 'gpt-5.4-mini', project: 'proj_1' }), chat: openaiChat() },
}).as('ada')

it('types the tools by their schemas', () => {
  const messages = [{ role: 'user' as const, content: 'Hi' }]
  expectTypeOf(all.call('create_chat_completion', { messages })).resolves.toHaveProperty('choices')
  expectTypeOf(all.call('create_response', { input: 'Hi' })).resolves.toHaveProperty('output')
  expectTypeOf(all.getData('list_models', {})).resolves.toHaveProperty('data')
  // @ts-expect-error an embedding has a model of its own
  void all.call('create_embedding', { input: 'Hi' })
  // @ts-expect-error a completion is charged
  void all.getData('create_chat_completion', { messages })
  // @ts-expect-error only the common tools
  void chat.call('create_response', { input: 'Hi' })
})
