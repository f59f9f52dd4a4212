import { mark } from '@mcpclient/core/define'
import * as z from 'zod'

const line = z.string().regex(/^[^\r\n]*$/, 'It is one line.')
const messageId = z.string().regex(/^<?[^\s<>]+>?$/, 'It is one Message-ID.')

/** The owner of an address, as messages name it. */
export const Person = z.object({ email: z.string().optional(), name: z.string().optional() })

/** An address to send to, or an address with the name of its owner. */
export const Mailbox = z.union([z.email(), z.object({ email: z.email(), name: line.optional() })])
export type Mailbox = z.output<typeof Mailbox>

const recipients = mark(z.array(Mailbox), { destination: 'recipient' })

/** An e-mail to send: the input of `send_email`, whatever service sends it. */
export const Email = z.object({
  to: recipients.optional().describe('Addresses, or { email, name }.'),
  cc: recipients.optional(),
  bcc: recipients.optional(),
  replyTo: recipients.optional().describe('Where replies go. Default: the sender.'),
  from: Mailbox.optional().describe('Another address of the account. Default: its own.'),
  subject: line.optional(),
  text: z.string().optional().describe('The plain text. Pass it even with html, for readers that show no HTML.'),
  html: z.string().optional(),
  attachments: z
    .array(
      z.object({
        filename: line.min(1).max(255),
        contentType: z
          .string()
          .regex(/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:; ?[\w-]+=[\w.+-]+)*$/, 'It is a media type, such as image/png.')
          .optional(),
        content: z.base64().describe('The bytes in base64.'),
        contentId: messageId.optional().describe('Shows it in the HTML: <img src="cid:logo">. Absent: it is listed.'),
      }),
    )
    .optional(),
  inReplyTo: messageId.optional().describe('Message-ID header of the message that this one replies to.'),
  references: z.array(messageId).optional().describe('Message-ID headers of the conversation, the oldest one first.'),
})
export type Email = z.output<typeof Email>

interface Recipients {
  readonly to?: readonly Mailbox[] | undefined
  readonly cc?: readonly Mailbox[] | undefined
  readonly bcc?: readonly Mailbox[] | undefined
}

/** Returns all recipients of an e-mail. */
export const recipientsOf = ({ to = [], cc = [], bcc = [] }: Recipients): readonly Mailbox[] => [...to, ...cc, ...bcc]

/** Returns whether an e-mail has a recipient in to, cc or bcc. */
export const hasRecipient = (email: Recipients): boolean => recipientsOf(email).length > 0

/** Returns whether an e-mail has a text, an HTML or an attachment. */
export const hasContent = ({
  text,
  html,
  attachments = [],
}: Pick<Partial<Email>, 'text' | 'html' | 'attachments'>): boolean =>
  (text ?? html) !== undefined || attachments.length > 0

/** Returns the address of a mailbox without the name. */
export const addressOf = (box: Mailbox): string => (typeof box === 'string' ? box : box.email)

/** Returns a Message-ID without angle brackets, as `cid:` names it. */
export const unbracketed = (messageId: string): string => messageId.replaceAll(/[<>]/g, '')

/** Returns a Message-ID in angle brackets, as headers name it. */
export const bracketed = (messageId: string): string => `<${unbracketed(messageId)}>`

/**
 * Lists the recipients and the attachments of an e-mail for a preview: ` to bo@example.com with count.csv`. It begins with
 * a space, or is empty.
 */
export function recipientsAndFiles(email: Recipients & Pick<Partial<Email>, 'attachments'>): string {
  const { bcc = [], attachments = [] } = email
  const names = recipientsOf(email).map(addressOf)
  return [
    ...(names.length === 0 ? [] : [` to ${names.join(', ')}`]),
    ...(bcc.length === 0 ? [] : [` (${bcc.length} in bcc)`]),
    ...(attachments.length === 0 ? [] : [` with ${attachments.map(({ filename }) => filename).join(', ')}`]),
  ].join('')
}
