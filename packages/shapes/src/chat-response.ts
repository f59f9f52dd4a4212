import { mark } from '@mcpclient/core/define'
import * as z from 'zod'

const written = mark(z.string(), { untrusted: true, private: true })
const count = z.number().optional()

/** The reason why a model stopped. */
export const StopReason = z
  .enum(['end', 'length', 'tool_calls', 'stop_sequence', 'refusal', 'other'])
  .describe(
    'end: the model was done; length: maxTokens or the context is full; tool_calls: run them and continue; refusal: the model ' +
      'or a filter of the provider declined.',
  )
export type StopReason = z.output<typeof StopReason>

/** The tokens of a response. A count is absent if the provider does not report it. */
export const ChatUsage = z.object({
  inputTokens: count.describe('Tokens of the request, those of a cache included.'),
  outputTokens: count.describe('Tokens of the response, reasoning included.'),
  cachedInputTokens: count.describe('Those of inputTokens that were read from a cache.'),
  cacheWriteTokens: count.describe('Those of inputTokens that were written to a cache.'),
})
export type ChatUsage = z.output<typeof ChatUsage>

/** A call of a tool that a model asks for. It was not executed. */
export const ChatToolCall = z.object({
  id: z.string(),
  name: z.string(),
  input: mark(z.record(z.string(), z.unknown()), { untrusted: true, private: true }).optional(),
  invalidInput: written.optional().describe('What the model wrote instead of a JSON object. Then there is no input.'),
})
export type ChatToolCall = z.output<typeof ChatToolCall>

/** The response of a model. */
export const ChatResponse = z.object({
  id: z.string(),
  model: z.string(),
  text: written,
  toolCalls: z.array(ChatToolCall),
  stopReason: StopReason,
  usage: ChatUsage,
})
export type ChatResponse = z.output<typeof ChatResponse>

/** A piece of a response that is streamed: what is new since the part before. `collectChat` joins the parts. */
export const ChatPart = z.object({
  id: z.string().optional(),
  model: z.string().optional(),
  text: written.optional(),
  toolCalls: z
    .array(
      z.object({
        index: z.number().describe('The same in all parts of one call.'),
        id: z.string().optional(),
        name: z.string().optional(),
        inputDelta: written.optional().describe('The next characters of the input, which is JSON.'),
      }),
    )
    .optional(),
  stopReason: StopReason.optional(),
  usage: ChatUsage.optional().describe('Counts so far: a later one replaces an earlier one.'),
})
export type ChatPart = z.output<typeof ChatPart>
