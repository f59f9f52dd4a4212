import type { ToolContext } from '@mcpclient/core/define'
import * as z from 'zod'

const id = z.string().regex(/^[\w-]+$/, 'It is an id, such as org-4417.')

export const Settings = z.object({
  /** The model of a request that names none, such as `gpt-5.4-mini`. Not that of embeddings. */
  model: z.string().min(1).optional(),
  /** The organization that is charged, for a key of a user in several organizations. */
  organization: id.optional(),
  /** The project that is charged, for a key that reaches several projects. */
  project: id.optional(),
})
export type Context = ToolContext<z.output<typeof Settings>>
