import { chatCost, ChatRequest, collectChat, parseToolInput } from '@mcpclient/shapes/chat'
import { describe, expect, it } from 'vitest'

const user = { role: 'user', content: 'Hi' }
const call = { id: 'c1', name: 'get_tide', input: {} }

describe('a chat request', () => {
  it.each([
    [
      'pictures by URL and by bytes',
      {
        content: [
          { type: 'image', url: 'https://a.example/b.png' },
          { type: 'image', data: 'aGk=', mediaType: 'image/png' },
        ],
      },
    ],
    ['a text', { content: 'Hi' }],
  ])('accepts a user message with %s', (_name, message) => {
    const request = {
      messages: [
        { role: 'system', content: 'Short.' },
        { role: 'user', ...message },
      ],
    }
    expect(ChatRequest.parse(request)).toEqual(request)
  })

  it.each([
    ['no messages', { messages: [] }],
    ['a system message after another one', { messages: [user, { role: 'system', content: 'Short.' }] }],
    ['an assistant message without content', { messages: [user, { role: 'assistant', content: '', toolCalls: [] }] }],
    ['a result without its call', { messages: [{ role: 'tool', content: '1' }] }],
    [
      'a picture by http',
      { messages: [{ role: 'user', content: [{ type: 'image', url: 'http://a.example/b.png' }] }] },
    ],
    [
      'a name of a tool with a space',
      { messages: [user], tools: [{ name: 'get tide', inputSchema: { type: 'object' } }] },
    ],
    [
      'a tool whose input is not an object',
      { messages: [user], tools: [{ name: 'x', inputSchema: { type: 'array' } }] },
    ],
    ['five stop sequences', { messages: [user], stopSequences: ['a', 'b', 'c', 'd', 'e'] }],
    ['a temperature that one provider lacks', { messages: [user], temperature: 1.5 }],
  ])('rejects %s', (_name, request) => {
    expect(ChatRequest.safeParse(request).success).toBe(false)
  })

  it('accepts several system messages at the start, and calls without a text', () => {
    const system = { role: 'system', content: 'Short.' }
    const messages = [system, system, user, { role: 'assistant', toolCalls: [call] }]
    expect(ChatRequest.safeParse({ messages }).success).toBe(true)
  })
})

describe('the input of a tool', () => {
  it('is the JSON object that the model wrote', () => {
    expect(parseToolInput('{"place":"Husum"}')).toEqual({ input: { place: 'Husum' } })
    expect(parseToolInput('')).toEqual({ input: {} })
  })

  it.each(['{"place":"Hu', '[1]', 'null', '"Husum"', 'Husum'])('is invalid if the model wrote %s', (text) => {
    expect(parseToolInput(text)).toEqual({ invalidInput: text })
  })

  it('keeps a name that objects inherit', () => {
    const { input } = parseToolInput('{"__proto__":{"admin":true}}')
    expect(Object.keys(input ?? {})).toEqual(['__proto__'])
    expect((input as { admin?: boolean }).admin).toBeUndefined()
  })
})

describe('collected parts', () => {
  it('are empty without a part', () => {
    const empty = { id: '', model: '', text: '', toolCalls: [], stopReason: 'other', usage: {} }
    expect(collectChat([])).toEqual(empty)
  })

  it('keep the latest count of each kind', () => {
    const counted = [
      { usage: { inputTokens: 9, outputTokens: 1 } },
      { usage: { inputTokens: undefined, outputTokens: 4 } },
    ]
    expect(collectChat(counted).usage).toEqual({ inputTokens: 9, outputTokens: 4 })
  })

  it('remain a refusal, whatever ends the text', () => {
    const parts = [{ text: 'No', stopReason: 'refusal' as const }, { text: '.' }, { stopReason: 'end' as const }]
    expect(collectChat(parts)).toMatchObject({ text: 'No.', stopReason: 'refusal' })
  })

  it('join the calls of tools that arrive in turns', () => {
    const part = (index: number, rest: object) => ({ toolCalls: [{ index, ...rest }] })
    const parts = [
      part(1, { id: 'a', name: 'one', inputDelta: '{"n"' }),
      part(2, { id: 'b', name: 'two' }),
      part(1, { inputDelta: ':1}' }),
    ]
    expect(collectChat(parts).toolCalls).toEqual([
      { id: 'a', name: 'one', input: { n: 1 } },
      { id: 'b', name: 'two', input: {} },
    ])
  })
})

describe('the cost of a chat', () => {
  const usage = { inputTokens: 1_000_000, outputTokens: 500_000, cachedInputTokens: 400_000, cacheWriteTokens: 100_000 }

  it('counts the tokens of the cache at their own prices', () => {
    expect(chatCost(usage, { input: 2, output: 10, cachedInput: 0.5, cacheWrite: 4 })).toBeCloseTo(6.6)
  })

  it('counts them as input without such prices', () => {
    expect(chatCost(usage, { input: 2, output: 10 })).toBeCloseTo(7)
  })

  it('is unknown if the provider did not report the tokens', () => {
    expect(chatCost({ inputTokens: 5 }, { input: 2, output: 10 })).toBeUndefined()
  })
})
