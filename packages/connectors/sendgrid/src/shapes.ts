import { mark, noContent, nullable } from '@mcpclient/core/define'
import type { ToolContext } from '@mcpclient/core/define'
import { Mailbox } from '@mcpclient/shapes'
import * as z from 'zod'

export const Settings = z.object({
  /** The sender of e-mails without `from`: an address that SendGrid has verified. */
  from: Mailbox.optional(),
  /** `eu` for the keys of an EU subuser. @default 'global' */
  region: z.enum(['global', 'eu']).default('global'),
  /** Whether SendGrid only validates e-mails, and sends none. @default false */
  sandbox: z.boolean().default(false),
})
export type Context = ToolContext<z.output<typeof Settings>>

export const text = nullable(z.string())
export const flag = nullable(z.boolean())
export const count = nullable(z.number())
export const personal = mark(z.string(), { private: true })
/** The reply of another mail server. */
export const fromServer = nullable(mark(z.string(), { untrusted: true, private: true }))
export const unixSeconds = z.number().int().min(0).max(9_999_999_999, 'Seconds since 1970, not milliseconds.')

/** The response to an e-mail: no body, and an id in a header. */
export const Accepted = z.preprocess(
  (body) => ({ accepted: true, ...(body as object | undefined) }),
  z.object({
    accepted: z.literal(true),
    message_id: text.describe('sg_message_id of each event of the e-mail begins with it.'),
  }),
)
/** SendGrid returns no body. */
export const Deleted = noContent(z.object({ deleted: z.literal(true) }))
