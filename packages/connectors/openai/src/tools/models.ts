import { get, path, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { count, text } from '../completion.ts'
import { model } from '../inputs.ts'

const Model = z.object({
  id: z.string(),
  created: count.describe('Seconds since 1970.'),
  owned_by: text,
  shutdown_date: text,
})

/** Source: https://platform.openai.com/docs/api-reference/models */
export const models = {
  list_models: tool({
    description: 'List the models that the key may use.',
    effect: 'read',
    input: z.object({}),
    output: z.object({ data: z.array(Model) }),
    request: () => get('models'),
  }),
  get_model: tool({
    description: 'Get one model, and when it is shut down.',
    effect: 'read',
    input: z.object({ model }),
    output: Model,
    request: (input) => get(path`models/${input.model}`),
  }),
}
