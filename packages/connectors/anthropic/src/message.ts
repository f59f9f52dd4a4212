import { mark, nullable } from '@mcpclient/core/define'
import type { ServerSentEvent } from '@mcpclient/core/define'
import * as z from 'zod'

/** The text of a model. It may try to steer an agent, and may repeat what is confidential in the prompt. */
const written = nullable(mark(z.string(), { untrusted: true, private: true }))
const text = nullable(z.string())
const count = nullable(z.number())
const anything = nullable(mark(z.unknown(), { untrusted: true, private: true }))

const Block = z.object({
  type: z.string().describe('text, thinking, redacted_thinking, tool_use and others.'),
  text: written,
  citations: anything,
  id: text,
  name: text,
  input: nullable(mark(z.record(z.string(), z.unknown()), { untrusted: true, private: true })),
  tool_use_id: text,
  content: anything.describe('The result of a tool of Anthropic.'),
  thinking: written,
  signature: text,
  data: text.describe('Encrypted thinking.'),
})

const Usage = z.object({
  input_tokens: count.describe('Without those of the cache.'),
  output_tokens: count,
  cache_creation_input_tokens: count,
  cache_read_input_tokens: count,
})
export type Usage = z.output<typeof Usage>

/** A response of the Messages API. Source: https://platform.claude.com/docs/en/api/messages */
export const Message = z.object({
  id: z.string(),
  model: z.string(),
  role: text,
  content: z.array(Block).describe('Pass it on unchanged as the content of the next assistant message.'),
  stop_reason: text,
  stop_sequence: text,
  usage: Usage,
})
export type Message = z.output<typeof Message>

/** An event of a streamed message. `type` determines its fields. */
export const MessageEvent = z.object({
  type: z.string(),
  index: count.describe('Of the block of content.'),
  message: nullable(Message),
  content_block: nullable(Block),
  delta: nullable(
    z.object({
      type: text,
      text: written,
      partial_json: written,
      thinking: written,
      signature: text,
      citation: anything,
      stop_reason: text,
      stop_sequence: text,
    }),
  ),
  usage: nullable(Usage).describe('Counts so far.'),
})
export type MessageEvent = z.output<typeof MessageEvent>

/** Source: https://platform.claude.com/docs/en/build-with-claude/streaming */
export const eventOf = ({ event, data }: ServerSentEvent): unknown => (event === 'ping' ? undefined : JSON.parse(data))
export const isEnd = ({ event }: ServerSentEvent): boolean => event === 'message_stop'
