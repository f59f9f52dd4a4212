import { ConnectorError } from '@mcpclient/core/define'
import * as z from 'zod'
import type { Context } from './settings.ts'

/** An object of the API that is passed on as it is. Each has a type. */
const typed = z.looseObject({ type: z.string() })
const content = z.union([z.string(), z.array(typed)])

export const model = z.string().min(1).describe('Id of the model: list_models returns it.')
const OLD_ONLY = 'Only with the setting version: 2023-06-01, and not for every model.'

/** The part of a message that has tokens: the input of count_tokens. */
export const Counted = z.object({
  model: model.optional().describe('Id of the model. Default: the setting `model`.'),
  messages: z
    .array(z.looseObject({ role: z.enum(['user', 'assistant', 'system']), content }))
    .min(1)
    .describe('The conversation in the form of the Messages API.'),
  system: content.optional(),
  tools: z
    .array(z.looseObject({ name: z.string() }))
    .optional()
    .describe('Tools, as { name, description, input_schema }, and tools of Anthropic.'),
  tool_choice: typed.optional(),
  thinking: typed.optional().describe('Such as { type: "adaptive" }.'),
  output_config: z
    .looseObject({ format: typed.optional() })
    .optional()
    .describe('For JSON: { format: { type: "json_schema", schema } }.'),
  cache_control: typed.optional(),
})

/** Source: https://platform.claude.com/docs/en/api/messages/create */
export const MessageInput = Counted.extend({
  max_tokens: z.number().int().min(1).optional().describe('Default: the setting `maxTokens`.'),
  stop_sequences: z.array(z.string().min(1)).optional(),
  temperature: z.number().min(0).max(1).optional().describe(OLD_ONLY),
  top_p: z.number().min(0).max(1).optional().describe(OLD_ONLY),
  top_k: z.number().int().min(0).optional().describe(OLD_ONLY),
  metadata: z.object({ user_id: z.string().max(512).optional() }).optional(),
  service_tier: z.enum(['auto', 'standard_only']).optional(),
})

const SAMPLING = ['temperature', 'top_p', 'top_k'] as const
/** Anthropic removed the parameters: https://platform.claude.com/docs/en/api/migration-2026-10-21 */
const WITHOUT_SAMPLING = '2026-10-21'

/**
 * Rejects the parameters that the version of the API lacks.
 * @throws ConnectorError INVALID_INPUT that names the first of them
 */
export function refuseSampling(
  input: { readonly [Name in (typeof SAMPLING)[number]]?: number | undefined },
  { settings }: Context,
): void {
  const path = SAMPLING.find((name) => input[name] !== undefined)
  if (path === undefined || settings.version < WITHOUT_SAMPLING) return
  throw new ConnectorError('INVALID_INPUT', `Version ${settings.version} of Anthropic's API has no ${path}.`, {
    hint: "Leave it out, or compose the connector with version: '2023-06-01'.",
    issues: [{ path, message: `Not in version ${settings.version}.` }],
  })
}
