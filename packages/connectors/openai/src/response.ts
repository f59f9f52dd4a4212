import { nullable, valueAt } from '@mcpclient/core/define'
import type { ServerSentEvent } from '@mcpclient/core/define'
import * as z from 'zod'
import { count, text, written } from './completion.ts'

const Part = z.object({ type: z.string(), text: written, refusal: written })

/** An item of a response: a message, a call of a function, reasoning, or what a tool of OpenAI did. */
const OutputItem = z.object({
  type: z.string(),
  id: text,
  status: text,
  role: text,
  content: nullable(z.array(Part)),
  call_id: text.describe('Id of a call of a function; its output names it.'),
  name: text,
  arguments: written.describe('The input of the function, as JSON.'),
  summary: nullable(z.array(Part)).describe('Of the reasoning.'),
  encrypted_content: text,
})

/** A response of the responses API. */
export const Response = z.object({
  id: z.string(),
  model: text,
  status: text.describe('completed, incomplete, in_progress or queued.'),
  created_at: count.describe('Seconds since 1970.'),
  output: z.array(OutputItem),
  incomplete_details: nullable(z.object({ reason: text })),
  previous_response_id: text,
  usage: nullable(
    z.object({
      input_tokens: z.number(),
      output_tokens: z.number(),
      total_tokens: count,
      input_tokens_details: nullable(z.object({ cached_tokens: count, cache_write_tokens: count })),
      output_tokens_details: nullable(z.object({ reasoning_tokens: count })),
    }),
  ),
  service_tier: text,
})

/** An event of a streamed response. `type` determines its fields. */
export const ResponseEvent = z.object({
  type: z
    .string()
    .describe('Such as response.output_text.delta; response.completed or response.incomplete is the last one.'),
  sequence_number: count,
  item_id: text,
  output_index: count,
  content_index: count,
  delta: written,
  text: written,
  refusal: written,
  name: text,
  arguments: written,
  item: nullable(OutputItem),
  part: nullable(Part),
  response: nullable(Response),
})

const bodyOf = ({ data }: ServerSentEvent): unknown => JSON.parse(data)

/** Returns an event, or the error that it reports in the form of a refused request. */
export function eventOf(event: ServerSentEvent): unknown {
  const body = bodyOf(event)
  const type = valueAt(body, 'type')
  if (type === 'error') return { error: { code: valueAt(body, 'code'), message: valueAt(body, 'message') } }
  return type === 'response.failed' ? { error: valueAt(body, 'response.error') ?? {} } : body
}

const LAST: readonly unknown[] = ['response.completed', 'response.incomplete']
export const isLast = (event: ServerSentEvent): boolean => LAST.includes(valueAt(bodyOf(event), 'type'))
