import { post, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { count } from '../completion.ts'
import { model } from '../inputs.ts'

const text = z.string().min(1)

/** Source: https://platform.openai.com/docs/api-reference/embeddings/create */
export const embeddings = {
  create_embedding: tool({
    description: 'Compute the vectors of texts, for search by meaning.',
    effect: 'write',
    // It stores nothing.
    idempotent: true,
    input: z.object({
      input: z.union([text, z.array(text).min(1).max(2048)]).describe('A text, or up to 2,048 texts.'),
      model: model.describe('Such as text-embedding-3-small.'),
      dimensions: z.number().int().min(1).optional(),
    }),
    output: z.object({
      model: z.string(),
      data: z.array(z.object({ index: z.number(), embedding: z.array(z.number()) })),
      usage: z.object({ prompt_tokens: z.number(), total_tokens: count }),
    }),
    request: (input) => post('embeddings', { ...input, encoding_format: 'float' }),
    examples: [{ input: { input: 'Reed warbler', model: 'text-embedding-3-small' } }],
  }),
}
