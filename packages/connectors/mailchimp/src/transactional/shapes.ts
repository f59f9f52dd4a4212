import { mark, nullable } from '@mcpclient/core/define'
import type { ToolContext } from '@mcpclient/core/define'
import { Mailbox } from '@mcpclient/shapes'
import * as z from 'zod'

export const Settings = z.object({
  /** The sender of e-mails without `from`: an address of a verified domain. */
  from: Mailbox.optional(),
})
export type Context = ToolContext<z.output<typeof Settings>>

export const text = nullable(z.string())
export const count = nullable(z.number())
export const personal = mark(z.string(), { private: true })
/** The reply of another mail server. */
export const fromServer = nullable(mark(z.string(), { untrusted: true, private: true }))
