import { cursorPages, get, nullable, path, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { model } from '../inputs.ts'

const count = nullable(z.number())

const Model = z.object({
  id: z.string(),
  display_name: z.string(),
  created_at: z.string(),
  max_input_tokens: count,
  max_tokens: count.describe('Maximum number of tokens of a response.'),
})

/** Source: https://platform.claude.com/docs/en/api/models/list */
export const models = {
  list_models: tool({
    description: 'List the models that the key may use, the newest first.',
    effect: 'read',
    input: z.object({ limit: z.number().int().min(1).max(1000).default(100).describe('Models in one page.') }),
    output: z.object({ data: z.array(Model) }),
    request: ({ limit }) => get('models', { limit }),
    pages: cursorPages({ items: 'data', next: 'last_id', param: 'after_id', more: 'has_more' }),
  }),
  get_model: tool({
    description: 'Get one model with its limits, by its id or an alias.',
    effect: 'read',
    input: z.object({ model }),
    output: Model,
    request: (input) => get(path`models/${input.model}`),
  }),
}
