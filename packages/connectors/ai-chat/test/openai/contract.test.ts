import { connectorContract } from '@mcpclient/testing/contract'
import { openaiChat } from '../../src/index.ts'
import { asOpenai, fixturesOf } from '../provider-scripts.ts'

const head = { id: 'r-1', model: 'm-1' }
const usage = { inputTokens: 42, outputTokens: 9, cachedInputTokens: 2, cacheWriteTokens: 0 }

connectorContract(openaiChat, import.meta, {
  fixtures: fixturesOf(
    asOpenai,
    'chat/completions',
    (messages, streams) => ({
      model: 'm',
      messages,
      max_completion_tokens: 50,
      ...(streams && { stream: true, stream_options: { include_usage: true } }),
    }),
    [
      head,
      { text: 'I look' },
      { text: ' it up.' },
      { toolCalls: [{ index: 0, id: 'c-1', name: 'get_tide', inputDelta: '' }] },
      { toolCalls: [{ index: 0, inputDelta: '{"pl' }] },
      { toolCalls: [{ index: 0, inputDelta: 'ace":"Husum"}' }] },
      { stopReason: 'tool_calls' },
      { ...head, usage },
    ],
  ),
})
