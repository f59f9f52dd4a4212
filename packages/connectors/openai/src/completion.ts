import { mark, nullable } from '@mcpclient/core/define'
import * as z from 'zod'

/** The text of a model. It may try to steer an agent, and may repeat what is confidential in the prompt. */
export const written = nullable(mark(z.string(), { untrusted: true, private: true }))
export const text = nullable(z.string())
export const count = nullable(z.number())

const Usage = z.object({
  prompt_tokens: z.number(),
  completion_tokens: z.number(),
  total_tokens: count,
  prompt_tokens_details: nullable(z.object({ cached_tokens: count, cache_write_tokens: count })),
  completion_tokens_details: nullable(z.object({ reasoning_tokens: count })),
})

const Called = z.object({ name: text, arguments: written })

/** A response of the chat completions API. */
export const Completion = z.object({
  id: z.string(),
  model: z.string(),
  created: count.describe('Seconds since 1970.'),
  choices: z.array(
    z.object({
      index: count,
      finish_reason: text.describe('stop, length, tool_calls or content_filter.'),
      message: z.object({
        role: text,
        content: written,
        refusal: written.describe('Why the model declined; then there is no content.'),
        tool_calls: nullable(
          z.array(
            z.object({
              id: z.string(),
              type: text,
              function: nullable(Called),
              custom: nullable(z.object({ name: z.string(), input: written })),
            }),
          ),
        ),
      }),
    }),
  ),
  usage: nullable(Usage),
  service_tier: text,
})
export type Completion = z.output<typeof Completion>

/** An event of a streamed completion. */
export const Chunk = z.object({
  id: z.string(),
  model: z.string(),
  created: count,
  choices: z.array(
    z.object({
      index: count,
      finish_reason: text,
      delta: z.object({
        role: text,
        content: written,
        refusal: written,
        tool_calls: nullable(
          z.array(z.object({ index: z.number(), id: text, type: text, function: nullable(Called) })),
        ),
      }),
    }),
  ),
  usage: nullable(Usage).describe('In the last event.'),
  service_tier: text,
})
export type Chunk = z.output<typeof Chunk>
