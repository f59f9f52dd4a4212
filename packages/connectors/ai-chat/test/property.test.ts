import { createMcpClient } from '@mcpclient/core'
import { collectChat } from '@mcpclient/shapes/chat'
import type { ChatResponse } from '@mcpclient/shapes/chat'
import { scriptedTransport } from '@mcpclient/testing'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { aiChat } from '../src/index.ts'
import type { AiChatProvider } from '../src/index.ts'
import { asAnthropic, asOpenai } from './provider-scripts.ts'

const count = fc.nat(100_000)
const scripts = fc.record({
  text: fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 5 }), { maxLength: 5 }),
  calls: fc.uniqueArray(
    fc.record({
      id: fc.uuid(),
      name: fc.constantFrom('get_tide', 'list_birds'),
      input: fc.dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }),
      cut: fc.nat(8),
    }),
    { maxLength: 3, selector: ({ id }) => id },
  ),
  stopReason: fc.constantFrom('end' as const, 'length' as const, 'tool_calls' as const),
  usage: fc.record({ input: count, cached: count, output: count }),
})

const messages = [{ role: 'user' as const, content: 'Hi' }]

/** Returns the response of a provider: in one piece, and collected from its stream. */
async function responsesOf(
  provider: AiChatProvider,
  { json, events }: ReturnType<typeof asOpenai> | ReturnType<typeof asAnthropic>,
): Promise<readonly ChatResponse[]> {
  const transport = scriptedTransport([{ json }, { events }])
  const mcp = createMcpClient({ connectors: { ai: aiChat({ provider, apiKey: 'k', model: 'm' }) }, transport })
  const { ai } = mcp.as('ada')
  const whole = await ai.call('chat', { messages })
  const collected = collectChat(await ai.call('stream_chat', { messages }))
  await mcp.close()
  return [whole, collected]
}

it('returns the same response from every provider, in one piece and from a stream', async () => {
  await fc.assert(
    fc.asyncProperty(scripts, async (script) => {
      const { text, calls, stopReason, usage } = script
      const expected: ChatResponse = {
        id: 'r-1',
        model: 'm-1',
        text: text.join(''),
        toolCalls: calls.map(({ id, name, input }) => ({
          id,
          name,
          input: JSON.parse(JSON.stringify(input)) as never,
        })),
        stopReason,
        usage: {
          inputTokens: usage.input + usage.cached,
          outputTokens: usage.output,
          cachedInputTokens: usage.cached,
          cacheWriteTokens: 0,
        },
      }
      const all = [
        ...(await responsesOf('openai', asOpenai(script))),
        ...(await responsesOf('anthropic', asAnthropic(script))),
      ]
      for (const each of all) expect(each).toEqual(expected)
    }),
    { numRuns: 60 },
  )
})
