import type { ScriptedEvent } from '@mcpclient/testing'

/** The response of a model at any provider. The text and the input of a call arrive in these pieces. */
export interface Script {
  readonly text: readonly string[]
  readonly calls: readonly {
    readonly id: string
    readonly name: string
    readonly input: object
    readonly cut: number
  }[]
  readonly stopReason: 'end' | 'length' | 'tool_calls'
  readonly usage: { readonly input: number; readonly cached: number; readonly output: number }
}

const piecesOf = ({ input, cut }: Script['calls'][number]): readonly string[] => {
  const json = JSON.stringify(input)
  return [json.slice(0, cut), json.slice(cut)]
}

/** Returns the response and the events of OpenAI's chat completions. */
export function asOpenai({ text, calls, stopReason, usage }: Script) {
  const about = { id: 'r-1', model: 'm-1', created: 1 }
  const reason = stopReason === 'end' ? 'stop' : stopReason
  const counts = {
    prompt_tokens: usage.input + usage.cached,
    completion_tokens: usage.output,
    total_tokens: usage.input + usage.cached + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cached, cache_write_tokens: 0 },
  }
  const tool_calls = calls.map(({ id, name, input }) => ({
    id,
    type: 'function',
    function: { name, arguments: JSON.stringify(input) },
  }))
  const content = text.length === 0 ? null : text.join('')
  const chunk = (delta: object, finish_reason: string | null = null) => ({
    data: { ...about, choices: [{ index: 0, delta, finish_reason }], usage: null },
  })
  const events: readonly ScriptedEvent[] = [
    chunk({ role: 'assistant', content: '' }),
    ...text.map((piece) => chunk({ content: piece })),
    ...calls.flatMap((call, index) => [
      chunk({ tool_calls: [{ index, id: call.id, type: 'function', function: { name: call.name, arguments: '' } }] }),
      ...piecesOf(call).map((piece) => chunk({ tool_calls: [{ index, function: { arguments: piece } }] })),
    ]),
    chunk({}, reason),
    { data: { ...about, choices: [], usage: counts } },
    '[DONE]',
  ]
  const message = { role: 'assistant', content, refusal: null, ...(tool_calls.length > 0 && { tool_calls }) }
  return { json: { ...about, choices: [{ index: 0, message, finish_reason: reason }], usage: counts }, events }
}

/** Returns the response and the events of Anthropic's Messages API. */
export function asAnthropic({ text, calls, stopReason, usage }: Script) {
  const about = { id: 'r-1', type: 'message', role: 'assistant', model: 'm-1', stop_sequence: null }
  const reason = { end: 'end_turn', length: 'max_tokens', tool_calls: 'tool_use' }[stopReason]
  const counts = { input_tokens: usage.input, cache_read_input_tokens: usage.cached, cache_creation_input_tokens: 0 }
  const texts = text.length === 0 ? [] : [{ type: 'text', text: text.join('') }]
  const used = calls.map(({ id, name, input }) => ({ type: 'tool_use', id, name, input }))
  const named = (type: string, rest: object) => ({ event: type, data: { type, ...rest } })
  const block = (index: number, content_block: object, deltas: readonly object[]) => [
    named('content_block_start', { index, content_block }),
    ...deltas.map((delta) => named('content_block_delta', { index, delta })),
    named('content_block_stop', { index }),
  ]
  const start = { ...about, content: [], stop_reason: null, usage: { ...counts, output_tokens: 1 } }
  const events: readonly ScriptedEvent[] = [
    named('message_start', { message: start }),
    named('ping', {}),
    ...(texts.length === 0
      ? []
      : block(
          0,
          { type: 'text', text: '' },
          text.map((piece) => ({ type: 'text_delta', text: piece })),
        )),
    ...calls.flatMap((call, index) =>
      block(
        texts.length + index,
        { type: 'tool_use', id: call.id, name: call.name, input: {} },
        piecesOf(call).map((partial_json) => ({ type: 'input_json_delta', partial_json })),
      ),
    ),
    named('message_delta', {
      delta: { stop_reason: reason, stop_sequence: null },
      usage: { output_tokens: usage.output },
    }),
    named('message_stop', {}),
  ]
  const json = {
    ...about,
    content: [...texts, ...used],
    stop_reason: reason,
    usage: { ...counts, output_tokens: usage.output },
  }
  return { json, events }
}

/** The script of the contract, with a text and a call. */
const script: Script = {
  text: ['I look', ' it up.'],
  calls: [{ id: 'c-1', name: 'get_tide', input: { place: 'Husum' }, cut: 4 }],
  stopReason: 'tool_calls',
  usage: { input: 40, cached: 2, output: 9 },
}
const messages = [{ role: 'user', content: 'When is high tide?' }]
const usage = { inputTokens: 42, outputTokens: 9, cachedInputTokens: 2, cacheWriteTokens: 0 }

/**
 * Returns a fixture of each tool for the contract.
 * @param as writes the script as the provider does
 * @param path the path of both requests
 * @param request returns the request's body, in one piece or as a stream
 * @param parts the parts that the stream is expected to yield
 */
export const fixturesOf = (
  as: typeof asOpenai | typeof asAnthropic,
  path: string,
  request: (messages: readonly object[], streams: boolean) => object,
  parts: readonly object[],
) => {
  const { json, events } = as(script)
  const output = {
    id: 'r-1',
    model: 'm-1',
    text: 'I look it up.',
    toolCalls: [{ id: 'c-1', name: 'get_tide', input: { place: 'Husum' } }],
    stopReason: 'tool_calls',
    usage,
  }
  const sent = (streams: boolean) => ({ method: 'POST' as const, path, json: request(messages, streams) })
  const input = { model: 'm', messages, maxTokens: 50 }
  return [
    { tool: 'chat', input, request: sent(false), response: { json }, output },
    { tool: 'stream_chat', input, request: sent(true), response: { events }, output: parts },
  ]
}
