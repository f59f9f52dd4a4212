import { mark } from '@mcpclient/core/define'
import * as z from 'zod'

const text = z.string().min(1)
const JsonSchema = z.looseObject({ type: z.literal('object') })

/** The bounds are the narrower ones of the providers. */
const MAX_STOP_SEQUENCES = 4
const TOOL_NAME = /^[\w-]{1,64}$/

const Image = z.union([
  z.object({
    type: z.literal('image'),
    url: mark(z.url({ protocol: /^https$/ }), { destination: 'url' }).describe('The provider downloads it.'),
  }),
  z.object({
    type: z.literal('image'),
    data: z.base64().describe('The bytes in base64.'),
    mediaType: z.enum(['image/jpeg', 'image/png', 'image/gif', 'image/webp']),
  }),
])

const CalledTool = z.object({ id: z.string(), name: z.string(), input: z.record(z.string(), z.unknown()) })

/** A message of a conversation with a model. */
export const ChatMessage = z.discriminatedUnion('role', [
  z.object({ role: z.literal('system'), content: text }),
  z.object({
    role: z.literal('user'),
    content: z.union([text, z.array(z.union([z.object({ type: z.literal('text'), text }), Image])).min(1)]),
  }),
  z
    .object({
      role: z.literal('assistant'),
      content: z.string().optional(),
      toolCalls: z.array(CalledTool).optional().describe('The calls of the response that this message repeats.'),
    })
    .refine(({ content, toolCalls }) => content || toolCalls?.length, 'Pass content or toolCalls.'),
  z.object({
    role: z.literal('tool'),
    toolCallId: z.string().describe('The id of the call that this is the result of.'),
    content: z.string(),
  }),
])
export type ChatMessage = z.output<typeof ChatMessage>

/** A tool that a model may call. The host runs it, and sends the result in a message with the role `tool`. */
export const ChatToolDefinition = z.object({
  name: z.string().regex(TOOL_NAME, 'It has at most 64 letters, digits, underscores and hyphens.'),
  description: z.string().optional(),
  inputSchema: JsonSchema.describe('A JSON Schema of an object.'),
})
export type ChatToolDefinition = z.output<typeof ChatToolDefinition>

const messages = z
  .array(ChatMessage)
  .min(1)
  .refine(
    (all) => all.findLastIndex(({ role }) => role === 'system') < all.filter(({ role }) => role === 'system').length,
    'System messages come first.',
  )
  .describe('The conversation, the oldest message first.')

/** A conversation to continue, and how: the input of `chat`, whatever provider runs the model. */
export const ChatRequest = z.object({
  model: z.string().min(1).optional().describe("The provider's id of the model. Default: the setting `model`."),
  messages,
  tools: z.array(ChatToolDefinition).min(1).optional(),
  toolChoice: z
    .union([z.enum(['auto', 'required', 'none']), z.object({ name: z.string() })])
    .optional()
    .describe('Whether the model may call a tool, must call one, or must call this one. Default: auto.'),
  maxTokens: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe('Maximum number of tokens of the response, reasoning included.'),
  temperature: z.number().min(0).max(1).optional().describe('Not every model accepts it.'),
  stopSequences: z.array(text).max(MAX_STOP_SEQUENCES).optional().describe('The response ends before one of these.'),
  outputSchema: JsonSchema.optional().describe(
    'The response is JSON that fits this JSON Schema of an object. Every object in it needs additionalProperties: false, and all ' +
      'of its properties in required.',
  ),
})
export type ChatRequest = z.output<typeof ChatRequest>
