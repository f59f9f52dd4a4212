import * as z from 'zod'

/** An object of the API that is passed on as it is. Each has a type. */
export const typed = z.looseObject({ type: z.string() })
const text = z.string().min(1)
const effort = z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'])

export const model = text.describe('Id of the model: list_models returns it.')
const defaultModel = model.optional().describe('Id of the model. Default: the setting `model`.')

/** The parameters of both completions and responses. Source: https://platform.openai.com/docs/api-reference */
const common = {
  model: defaultModel,
  temperature: z.number().min(0).max(2).optional().describe('Reasoning models do not accept it.'),
  top_p: z.number().min(0).max(1).optional(),
  tools: z.array(typed).optional().describe('Functions, as { type: "function", ... }, and tools of OpenAI.'),
  tool_choice: z.union([z.enum(['none', 'auto', 'required']), typed]).optional(),
  parallel_tool_calls: z.boolean().optional(),
  service_tier: z.enum(['auto', 'default', 'flex', 'scale', 'priority', 'fast']).optional(),
  store: z.boolean().optional().describe('Whether OpenAI keeps the result for later requests.'),
  metadata: z.record(z.string().max(64), z.string().max(512)).optional(),
  safety_identifier: z.string().max(64).optional().describe('A stable id of your user, without personal data.'),
  prompt_cache_key: z.string().optional(),
}

export const CompletionInput = z.object({
  ...common,
  messages: z
    .array(
      z.looseObject({
        role: z.enum(['developer', 'system', 'user', 'assistant', 'tool']),
        content: z.union([z.string(), z.array(typed)]).nullish(),
      }),
    )
    .min(1)
    .describe('The conversation in the form of the chat completions API.'),
  max_completion_tokens: z.number().int().min(1).optional().describe('Includes reasoning.'),
  stop: z.union([text, z.array(text).min(1).max(4)]).optional(),
  reasoning_effort: effort.optional(),
  verbosity: z.enum(['low', 'medium', 'high']).optional(),
  response_format: typed
    .optional()
    .describe('For JSON: { type: "json_schema", json_schema: { name, schema, strict } }.'),
})

export const ResponseInput = z.object({
  ...common,
  input: z
    .union([text, z.array(z.looseObject({})).min(1)])
    .describe('A text, or the items of a conversation in the form of the responses API.'),
  instructions: z.string().optional().describe('The system message of this response.'),
  max_output_tokens: z.number().int().min(16).optional().describe('Includes reasoning.'),
  previous_response_id: z.string().optional().describe('Continues the conversation of this response.'),
  reasoning: z
    .object({ effort: effort.optional(), summary: z.enum(['auto', 'concise', 'detailed']).optional() })
    .optional(),
  text: z
    .object({ format: typed.optional(), verbosity: z.enum(['low', 'medium', 'high']).optional() })
    .optional()
    .describe('For JSON: { format: { type: "json_schema", name, schema, strict } }.'),
  include: z.array(z.string()).optional(),
  truncation: z.enum(['auto', 'disabled']).optional(),
})
