import { valueAt } from '@mcpclient/core/define'
import type { ServerSentEvent } from '@mcpclient/core/define'
import { ChatPart, ChatResponse } from '@mcpclient/shapes/chat'
import type { ChatMessage, ChatUsage, ModelRequest, StopReason } from '@mcpclient/shapes/chat'
import { refuseSampling } from './inputs.ts'
import { eventOf, Message, MessageEvent } from './message.ts'
import type { Usage } from './message.ts'
import type { Context } from './settings.ts'

const STOP_REASONS: ReadonlyMap<string, StopReason> = new Map([
  ['end_turn', 'end'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['stop_sequence', 'stop_sequence'],
  ['tool_use', 'tool_calls'],
  ['refusal', 'refusal'],
])

const reasonOf = (reason = ''): StopReason => STOP_REASONS.get(reason) ?? 'other'

/** Anthropic counts the tokens of the cache separately. */
const usageOf = (usage: Usage): ChatUsage => {
  const { cache_read_input_tokens: read, cache_creation_input_tokens: created } = usage
  return {
    inputTokens: usage.input_tokens === undefined ? undefined : usage.input_tokens + (read ?? 0) + (created ?? 0),
    outputTokens: usage.output_tokens,
    cachedInputTokens: read,
    cacheWriteTokens: created,
  }
}

type UserContent = Extract<ChatMessage, { readonly role: 'user' }>['content']

const contentOf = (content: UserContent) =>
  typeof content === 'string'
    ? content
    : content.map((part) => {
        if (part.type === 'text') return part
        const { data, mediaType: media_type } = 'data' in part ? part : {}
        const source = 'url' in part ? { type: 'url', url: part.url } : { type: 'base64', media_type, data }
        return { type: 'image', source }
      })

/**
 * Returns the messages, without those of the system. The results of parallel calls belong in one message.
 * Source: https://platform.claude.com/docs/en/agents-and-tools/tool-use/parallel-tool-use
 */
function messagesOf(messages: readonly ChatMessage[]): readonly object[] {
  const sent: object[] = []
  let results: object[] | undefined
  for (const message of messages) {
    if (message.role === 'tool') {
      const { toolCallId: tool_use_id, content } = message
      if (results === undefined) sent.push({ role: 'user', content: (results = []) })
      results.push({ type: 'tool_result', tool_use_id, content })
      continue
    }
    results = undefined
    if (message.role === 'user') sent.push({ role: 'user', content: contentOf(message.content) })
    else if (message.role === 'assistant') sent.push({ role: 'assistant', content: blocksOf(message) })
  }
  return sent
}

const blocksOf = ({ content = '', toolCalls = [] }: Extract<ChatMessage, { readonly role: 'assistant' }>) => [
  ...(content === '' ? [] : [{ type: 'text', text: content }]),
  ...toolCalls.map(({ id, name, input }) => ({ type: 'tool_use', id, name, input })),
]

const toolChoiceOf = (choice: ModelRequest['toolChoice']) =>
  typeof choice === 'object' ? { type: 'tool', name: choice.name } : { type: choice === 'required' ? 'any' : choice }

/**
 * Returns the body of a message.
 * @throws ConnectorError INVALID_INPUT for a temperature that the version of the API lacks
 */
export function bodyOf({ model, messages, tools, toolChoice, ...options }: ModelRequest, context: Context) {
  refuseSampling(options, context)
  const system = messages.flatMap((each) => (each.role === 'system' ? [{ type: 'text', text: each.content }] : []))
  return {
    model,
    max_tokens: options.maxTokens ?? context.settings.maxTokens,
    system: system.length === 0 ? undefined : system,
    messages: messagesOf(messages),
    tools: tools?.map(({ inputSchema: input_schema, ...described }) => ({ ...described, input_schema })),
    tool_choice: toolChoice && toolChoiceOf(toolChoice),
    temperature: options.temperature,
    stop_sequences: options.stopSequences,
    output_config: options.outputSchema && { format: { type: 'json_schema', schema: options.outputSchema } },
  }
}

/** Reads a message as the common response. */
export const CommonResponse = Message.transform(({ id, model, content, stop_reason, usage }): ChatResponse => ({
  id,
  model,
  text: content.map((block) => (block.type === 'text' ? (block.text ?? '') : '')).join(''),
  toolCalls: content
    .filter(({ type }) => type === 'tool_use')
    .map(({ id: callId = '', name = '', input = {} }) => ({ id: callId, name, input })),
  stopReason: reasonOf(stop_reason),
  usage: usageOf(usage),
})).pipe(ChatResponse)

const WITH_NEWS: readonly unknown[] = ['message_start', 'message_delta', 'error']
const DELTAS: readonly unknown[] = ['text_delta', 'input_json_delta']

/** Returns an event that changes the common response, or reports an error. */
export function newsOf(event: ServerSentEvent): unknown {
  const body = eventOf(event)
  const isNews =
    WITH_NEWS.includes(valueAt(body, 'type')) ||
    DELTAS.includes(valueAt(body, 'delta.type')) ||
    valueAt(body, 'content_block.type') === 'tool_use'
  return isNews ? body : undefined
}

/** Reads an event of a streamed message as a part of the common response. */
export const CommonPart = MessageEvent.transform(({ index, message, content_block, delta, usage }): ChatPart => {
  const call = content_block ?? (delta?.partial_json === undefined ? undefined : {})
  const counts = message?.usage ?? usage
  return {
    ...(message && { id: message.id, model: message.model }),
    text: delta?.text,
    toolCalls:
      call && index !== undefined
        ? [{ index, id: content_block?.id, name: content_block?.name, inputDelta: delta?.partial_json }]
        : undefined,
    stopReason: delta?.stop_reason === undefined ? undefined : reasonOf(delta.stop_reason),
    usage: counts && usageOf(counts),
  }
}).pipe(ChatPart)
