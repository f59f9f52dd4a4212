import { mark } from '@mcpclient/core/define'
import * as z from 'zod'

/** One request has at most 4 MB, in which base64 has a third more: https://learn.microsoft.com/graph/outlook-large-attachments */
const MAX_BASE64 = 4_000_000

export const line = z.string().regex(/^[^\r\n]*$/, 'It is one line.')
const Box = z.union([z.email(), z.object({ email: z.email(), name: line.optional() })])
export const boxes = mark(z.array(Box), { destination: 'recipient' })
const id = z.string().regex(/^<?[^\s<>]+>?$/, 'It is one Message-ID.')

const Attachment = z.object({
  filename: line.min(1).max(255),
  contentType: z
    .string()
    .regex(/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:; ?[\w-]+=[\w.+-]+)*$/, 'It is a media type, such as image/png.')
    .optional(),
  content: z.base64().describe('The bytes in base64.'),
  contentId: id.optional().describe('Shows it in the HTML: <img src="cid:logo">. Absent: it is listed.'),
})

/** An e-mail, independent of the service that sends it. */
export const Email = z.object({
  to: boxes.optional().describe('Addresses, or { email, name }.'),
  cc: boxes.optional(),
  bcc: boxes.optional(),
  replyTo: boxes.optional().describe('Where replies go. Default: the sender.'),
  from: Box.optional().describe(
    'Another address of the account, or of a mailbox that it may send as. Default: its own.',
  ),
  subject: line.optional(),
  text: z.string().optional().describe('The plain text. With html, Outlook sends the html and makes the text of it.'),
  html: z.string().optional(),
  attachments: z
    .array(Attachment)
    .refine((files) => files.reduce((sum, { content }) => sum + content.length, 0) <= MAX_BASE64, {
      message: 'All files together have at most 3 MB.',
    })
    .optional()
    .describe('At most 3 MB in all.'),
  inReplyTo: id.optional().describe('Message-ID header of the message that this one replies to.'),
  references: z.array(id).optional().describe('Message-ID headers of the conversation, the oldest one first.'),
})
type Email = z.output<typeof Email>
type Content = Partial<Email>

export const hasRecipient = ({ to = [], cc = [], bcc = [] }: Content): boolean => [...to, ...cc, ...bcc].length > 0
export const NO_RECIPIENT = 'Pass a recipient in to, cc or bcc.'
export const hasContent = ({ text, html, attachments = [] }: Content): boolean =>
  (text ?? html) !== undefined || attachments.length > 0
export const NO_CONTENT = 'Pass text or html.'

const recipientOf = (box: z.output<typeof Box>) => ({
  emailAddress: typeof box === 'string' ? { address: box } : { address: box.email, name: box.name },
})

/** The MAPI properties of two headers, because Graph sets no headers but those with x-. Source: MS-OXCMAIL 2.2.3 */
const IN_REPLY_TO = 'String 0x1042'
const REFERENCES = 'String 0x1039'
const bracketed = (messageIds: readonly string[]): string =>
  messageIds.map((messageId) => `<${messageId.replaceAll(/[<>]/g, '')}>`).join(' ')

function propertiesOf({ inReplyTo, references = [] }: Content): readonly { id: string; value: string }[] | undefined {
  const properties = [
    ...(inReplyTo === undefined ? [] : [{ id: IN_REPLY_TO, value: bracketed([inReplyTo]) }]),
    ...(references.length === 0 ? [] : [{ id: REFERENCES, value: bracketed(references) }]),
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
      contentId: contentId?.replaceAll(/[<>]/g, ''),
      isInline: contentId === undefined ? undefined : true,
    })),
    singleValueExtendedProperties: propertiesOf(email),
  }
}

const shown = (box: z.output<typeof Box>): string => (typeof box === 'string' ? box : box.email)

/** Lists the recipients and the attachments of an e-mail for a preview. */
export function recipientsAndFiles({ to = [], cc = [], bcc = [], attachments = [] }: Content): string {
  const names = [...to, ...cc, ...bcc].map(shown)
  return [
    ...(names.length === 0 ? [] : [` to ${names.join(', ')}`]),
    ...(bcc.length === 0 ? [] : [` (${bcc.length} in bcc)`]),
    ...(attachments.length === 0 ? [] : [` with ${attachments.map(({ filename }) => filename).join(', ')}`]),
  ].join('')
}
