import { bracketed, Email as SharedEmail, unbracketed } from '@mcpclient/shapes'
import type { Mailbox } from '@mcpclient/shapes'
import type * as z from 'zod'

/** One request has at most 4 MB, in which base64 has a third more: https://learn.microsoft.com/graph/outlook-large-attachments */
const MAX_BASE64 = 4_000_000

/** An e-mail to send. */
export const Email = SharedEmail.extend({
  from: SharedEmail.shape.from.describe(
    'Another address of the account, or of a mailbox that it may send as. Default: its own.',
  ),
  text: SharedEmail.shape.text.describe('The plain text. With html, Outlook sends the html and makes the text of it.'),
  attachments: SharedEmail.shape.attachments
    .unwrap()
    .refine((files) => files.reduce((sum, { content }) => sum + content.length, 0) <= MAX_BASE64, {
      message: 'All files together have at most 3 MB.',
    })
    .optional()
    .describe('At most 3 MB in all.'),
})
type Email = z.output<typeof Email>
type Content = Partial<Email>

export const NO_RECIPIENT = 'Pass a recipient in to, cc or bcc.'
export const NO_CONTENT = 'Pass text or html.'

const recipientOf = (box: Mailbox) => ({
  emailAddress: typeof box === 'string' ? { address: box } : { address: box.email, name: box.name },
})

/** The MAPI properties of two headers, because Graph sets no headers but those with x-. Source: MS-OXCMAIL 2.2.3 */
const IN_REPLY_TO = 'String 0x1042'
const REFERENCES = 'String 0x1039'

function propertiesOf({ inReplyTo, references = [] }: Content): readonly { id: string; value: string }[] | undefined {
  const properties = [
    ...(inReplyTo === undefined ? [] : [{ id: IN_REPLY_TO, value: bracketed(inReplyTo) }]),
    ...(references.length === 0 ? [] : [{ id: REFERENCES, value: references.map(bracketed).join(' ') }]),
  ]
  return properties.length === 0 ? undefined : properties
}

/** Returns an e-mail as a message of Graph. A field that is absent is not sent. */
export function messageOf(email: Content) {
  const { to, cc, bcc, replyTo, from, subject, text, html, attachments } = email
  const content = html ?? text
  return {
    subject,
    body: content === undefined ? undefined : { contentType: html === undefined ? 'text' : 'html', content },
    from: from === undefined ? undefined : recipientOf(from),
    toRecipients: to?.map(recipientOf),
    ccRecipients: cc?.map(recipientOf),
    bccRecipients: bcc?.map(recipientOf),
    replyTo: replyTo?.map(recipientOf),
    attachments: attachments?.map(({ filename, contentType, content: contentBytes, contentId }) => ({
      '@odata.type': '#microsoft.graph.fileAttachment',
      name: filename,
      contentType: contentType ?? 'application/octet-stream',
      contentBytes,
      contentId: contentId === undefined ? undefined : unbracketed(contentId),
      isInline: contentId === undefined ? undefined : true,
    })),
    singleValueExtendedProperties: propertiesOf(email),
  }
}
