import * as z from 'zod/mini'
import { MAX_NAME_LENGTH, MAX_REQUEST_ID_LENGTH } from '../errors/shown-name.ts'

/** The request of a caller without our types: an AI platform, a queue, another language. */
export const envelopeRequest = z.object({
  server_id: z.string().check(z.minLength(1), z.maxLength(MAX_NAME_LENGTH)),
  tool_name: z.string().check(z.minLength(1), z.maxLength(MAX_NAME_LENGTH)),
  tool_input: z.optional(z.unknown()),
  conversation_context: z.optional(z.unknown()),
  request_id: z.optional(z.string().check(z.minLength(1), z.maxLength(MAX_REQUEST_ID_LENGTH))),
})

export const envelopeSuccess = z.object({
  status: z.literal('success'),
  server_id: z.string(),
  tool_name: z.string(),
  tool_output: z.unknown(),
  message: z.optional(z.string()),
  original_request_id: z.optional(z.string()),
})

export const envelopeError = z.object({
  status: z.literal('error'),
  server_id: z.optional(z.string()),
  tool_name: z.optional(z.string()),
  error: z.object({
    code: z.string(),
    type: z.string(),
    message: z.string(),
    details: z.optional(z.record(z.string(), z.unknown())),
    mcp_server_status_code: z.optional(z.int()),
    mcp_server_error_details: z.optional(z.record(z.string(), z.unknown())),
  }),
  original_request_id: z.optional(z.string()),
})

export const envelope = z.discriminatedUnion('status', [envelopeSuccess, envelopeError])

export type EnvelopeRequest = z.input<typeof envelopeRequest>
export type EnvelopeSuccess = z.output<typeof envelopeSuccess>
export type EnvelopeError = z.output<typeof envelopeError>
export type Envelope = z.output<typeof envelope>
