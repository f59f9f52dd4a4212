import { ConnectorError, createMcpClient, createRegistry } from '@mcpclient/core'
import { scriptedTransport } from '@mcpclient/testing'
import { expect, it } from 'vitest'
import { aiChat } from '../src/index.ts'
import type { AiChatOptions } from '../src/index.ts'

const toolsOf = (provider: AiChatOptions['provider']) =>
  createMcpClient({ connectors: { ai: aiChat({ provider, apiKey: 'k' }) } })
    .as('ada')
    .ai.listTools()

it('describes the same tools to an agent, whatever the provider', async () => {
  const tools = await toolsOf('openai')
  expect(tools).toEqual(await toolsOf('anthropic'))
  expect(tools.map(({ name }) => name)).toEqual(['chat', 'stream_chat'])
  expect(tools[0]?.outputMarks).toContainEqual({ path: ['text'], untrusted: true, private: true })
  expect(tools[0]?.inputMarks?.map(({ destination }) => destination)).toEqual(['url'])
})

it('rejects an unknown provider with the list of providers', () => {
  const wrong = (provider?: string) => () => aiChat({ provider, apiKey: 'k' } as unknown as AiChatOptions)
  expect(wrong('herons')).toThrow('There is no provider of models "herons".')
  expect(wrong('constructor')).toThrow(ConnectorError)
  expect(() => aiChat()).toThrow('There is no provider of models "".')
})

it("rejects another provider's setting", () => {
  expect(() => aiChat({ provider: 'anthropic', apiKey: 'k', project: 'p' } as unknown as AiChatOptions)).toThrow(
    'project',
  )
})

it('reads the provider from a configuration', async () => {
  const ai = createRegistry([aiChat]).create({ type: 'ai-chat', provider: 'anthropic', apiKey: 'k', model: 'm' })
  const transport = scriptedTransport([
    {
      json: { id: 'msg_1', model: 'm', content: [{ type: 'text', text: 'Hello' }], usage: {}, stop_reason: 'end_turn' },
    },
  ])
  const mcp = createMcpClient({ connectors: { ai }, transport })
  const tool_input = { messages: [{ role: 'user', content: 'Hi' }] }
  expect(await mcp.handle({ server_id: 'ai', tool_name: 'chat', tool_input }, 'ada')).toMatchObject({
    status: 'success',
    tool_output: { text: 'Hello', stopReason: 'end' },
  })
})
