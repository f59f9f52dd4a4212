import { Mailbox } from '@mcpclient/shapes'
import * as z from 'zod'

export const PasswordSettings = z.object({
  /** The name of the mail server, such as `smtp.example.com`. */
  host: z.string().regex(/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i, 'It is a host name without a port.'),
  /** @default 587 */
  port: z.number().int().min(1).max(65_535).default(587),
  /**
   * `starttls` encrypts after the greeting, on port 587, and fails if the server does not offer it. `tls` encrypts from the
   * start, on port 465. `none` is for a server on this machine only.
   * @default 'starttls'
   */
  security: z.enum(['starttls', 'tls', 'none']).default('starttls'),
  /** The sender of e-mails without `from`. */
  from: Mailbox,
})
export const Xoauth2Settings = PasswordSettings.extend({
  /** The name of the account, which is usually its address. */
  username: z.string().min(1),
})
export type Settings = z.output<typeof PasswordSettings> & { readonly username?: string | undefined }
