import type { ToolContext } from '@mcpclient/core/define'
import * as z from 'zod'

const DEFAULT_VERSION = '2026-10-21'
const DEFAULT_MAX_TOKENS = 8192

export const Settings = z.object({
  /** The model of a request that names none, such as `claude-sonnet-5-5`. */
  model: z.string().min(1).optional(),
  /** Maximum number of tokens of a response whose request has no limit: Anthropic requires one. */
  maxTokens: z.number().int().min(1).default(DEFAULT_MAX_TOKENS),
  /** The version of the API. `2023-06-01` accepts temperature, top_p and top_k, which later versions reject. */
  version: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/, 'It is a day, such as 2026-10-21.')
    .default(DEFAULT_VERSION),
  /** The beta features to use, such as `compact-2026-09-04`. */
  beta: z.array(z.string().regex(/^[\w-]+$/, 'It is the name of a beta feature.')).optional(),
})
export type Context = ToolContext<z.output<typeof Settings>>
