import type { ChatPart, ChatResponse, ChatToolCall, ChatUsage } from './chat-response.ts'

/**
 * Parses the input that a model wrote for a tool.
 * @returns `invalidInput` if it is not a JSON object, for example because the response reached `maxTokens`
 */
export function parseToolInput(text: string): Pick<ChatToolCall, 'input' | 'invalidInput'> {
  // A call without input is an empty string at some providers.
  if (text.trim() === '') return { input: {} }
  try {
    const input: unknown = JSON.parse(text)
    if (typeof input === 'object' && input !== null && !Array.isArray(input)) return { input: { ...input } }
  } catch {
    // The model wrote something else.
  }
  return { invalidInput: text }
}

/** Returns the counts that a part has. Those that it leaves out do not replace earlier ones. */
const reported = (usage: ChatUsage = {}): ChatUsage =>
  Object.fromEntries(Object.entries(usage).filter(([, count]) => count !== undefined))

/**
 * Joins the parts of a streamed response, in their order. Pass `partialOf(error)` for what arrived before a failure.
 *
 * @example
 * const parts: ChatPart[] = []
 * for await (const part of ada.openai.stream('stream_chat', { messages })) parts.push(part)
 * const { text, toolCalls } = collectChat(parts)
 */
export function collectChat(parts: Iterable<ChatPart>): ChatResponse {
  let response: Omit<ChatResponse, 'toolCalls' | 'usage'> = { id: '', model: '', text: '', stopReason: 'other' }
  let usage: ChatUsage = {}
  const calls = new Map<number, { id: string; name: string; input: string }>()
  for (const part of parts) {
    const { id, model, stopReason } = response
    response = {
      id: part.id ?? id,
      model: part.model ?? model,
      text: response.text + (part.text ?? ''),
      // A refusal is reported before the reason why its text ended.
      stopReason: stopReason === 'refusal' ? stopReason : (part.stopReason ?? stopReason),
    }
    usage = { ...usage, ...reported(part.usage) }
    for (const { index, id: callId, name, inputDelta } of part.toolCalls ?? []) {
      const call = calls.get(index) ?? { id: '', name: '', input: '' }
      calls.set(index, {
        id: callId ?? call.id,
        name: name ?? call.name,
        input: call.input + (inputDelta ?? ''),
      })
    }
  }
  const toolCalls = [...calls.values()].map(({ input, ...call }) => ({ ...call, ...parseToolInput(input) }))
  return { ...response, toolCalls, usage }
}
