import { connectorContract } from '@mcpclient/testing/contract'
import { anthropicChat } from '../../src/index.ts'
import { asAnthropic, fixturesOf } from '../provider-scripts.ts'

const usage = { inputTokens: 42, outputTokens: 1, cachedInputTokens: 2, cacheWriteTokens: 0 }

connectorContract(anthropicChat, import.meta, {
  fixtures: fixturesOf(
    asAnthropic,
    'messages',
    (messages, streams) => ({ model: 'm', messages, max_tokens: 50, ...(streams && { stream: true }) }),
    [
      { id: 'r-1', model: 'm-1', usage },
      { text: 'I look' },
      { text: ' it up.' },
      { toolCalls: [{ index: 1, id: 'c-1', name: 'get_tide' }] },
      { toolCalls: [{ index: 1, inputDelta: '{"pl' }] },
      { toolCalls: [{ index: 1, inputDelta: 'ace":"Husum"}' }] },
      { stopReason: 'tool_calls', usage: { outputTokens: 9 } },
    ],
  ),
})
