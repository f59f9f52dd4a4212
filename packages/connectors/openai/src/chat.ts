import { ChatPart, ChatResponse, parseToolInput } from '@mcpclient/shapes/chat'
import type { ChatMessage, ChatUsage, ModelRequest, StopReason } from '@mcpclient/shapes/chat'
import { Chunk, Completion } from './completion.ts'

const STOP_REASONS: ReadonlyMap<string, StopReason> = new Map([
  // A stop sequence has this reason as well.
  ['stop', 'end'],
  ['length', 'length'],
  ['tool_calls', 'tool_calls'],
  ['content_filter', 'refusal'],
])

const reasonOf = (reason = ''): StopReason => STOP_REASONS.get(reason) ?? 'other'

const usageOf = (usage: Completion['usage']): ChatUsage => ({
  inputTokens: usage?.prompt_tokens,
  outputTokens: usage?.completion_tokens,
  cachedInputTokens: usage?.prompt_tokens_details?.cached_tokens,
  cacheWriteTokens: usage?.prompt_tokens_details?.cache_write_tokens,
})

type UserContent = Extract<ChatMessage, { readonly role: 'user' }>['content']

const contentOf = (content: UserContent) =>
  typeof content === 'string'
    ? content
    : content.map((part) => {
        if (part.type === 'text') return part
        const url = 'url' in part ? part.url : `data:${part.mediaType};base64,${part.data}`
        return { type: 'image_url', image_url: { url } }
      })

function messageOf(message: ChatMessage): object {
  if (message.role === 'user') return { role: 'user', content: contentOf(message.content) }
  if (message.role === 'tool') return { role: 'tool', tool_call_id: message.toolCallId, content: message.content }
  if (message.role === 'system') return message
  return {
    role: 'assistant',
    content: message.content,
    tool_calls: message.toolCalls?.map(({ id, name, input }) => ({
      id,
      type: 'function',
      function: { name, arguments: JSON.stringify(input) },
    })),
  }
}

/** Returns the body of a chat completion. */
export const completionOf = ({ model, messages, tools, toolChoice, ...options }: ModelRequest) => ({
  model,
  messages: messages.map(messageOf),
  tools: tools?.map(({ inputSchema: parameters, ...described }) => ({
    type: 'function',
    function: { ...described, parameters },
  })),
  tool_choice: typeof toolChoice === 'object' ? { type: 'function', function: { name: toolChoice.name } } : toolChoice,
  max_completion_tokens: options.maxTokens,
  temperature: options.temperature,
  stop: options.stopSequences,
  response_format: options.outputSchema && {
    type: 'json_schema',
    json_schema: { name: 'output', schema: options.outputSchema, strict: true },
  },
})

/** Reads a chat completion as the common response. */
export const CommonResponse = Completion.transform(({ id, model, choices: [choice], usage }): ChatResponse => {
  const { content, refusal, tool_calls = [] } = choice?.message ?? {}
  return {
    id,
    model,
    text: content ?? refusal ?? '',
    toolCalls: tool_calls.map((call) => ({
      id: call.id,
      name: call.function?.name ?? '',
      ...parseToolInput(call.function?.arguments ?? ''),
    })),
    stopReason: refusal ? 'refusal' : reasonOf(choice?.finish_reason),
    usage: usageOf(usage),
  }
}).pipe(ChatResponse)

/** Reads an event of a streamed completion as a part of the common response. */
export const CommonPart = Chunk.transform(({ id, model, choices: [choice], usage }): ChatPart => {
  const { role, content, refusal, tool_calls } = choice?.delta ?? {}
  const finished = choice?.finish_reason && reasonOf(choice.finish_reason)
  return {
    // Every event repeats them; the first and the last one suffice.
    ...((role !== undefined || usage !== undefined) && { id, model }),
    text: (content ?? refusal) || undefined,
    toolCalls: tool_calls?.map((call) => ({
      index: call.index,
      id: call.id,
      name: call.function?.name,
      inputDelta: call.function?.arguments,
    })),
    stopReason: refusal ? 'refusal' : finished || undefined,
    usage: usage && usageOf(usage),
  }
}).pipe(ChatPart)
