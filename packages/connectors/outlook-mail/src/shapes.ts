import { mark, noContent, nullable } from '@mcpclient/core/define'
import * as z from 'zod'

const text = nullable(z.string())
const flag = nullable(z.boolean())
const count = nullable(z.number())
const personal = nullable(mark(z.string(), { private: true }))
/** A text that the sender of a message wrote. */
const written = nullable(mark(z.string(), { untrusted: true, private: true }))

export const messageId = z.string().min(1).describe("Outlook's id of the message, not its internetMessageId.")
export const draftId = z.string().min(1).describe('Id of the draft, which is the id of its message.')
export const folderId = z
  .string()
  .min(1)
  .describe('Id of a folder: list_folders returns it. Or a name: inbox, sentitems, drafts, archive, deleteditems.')
export const instant = z.iso.datetime({ offset: true })
export const body = z.enum(['text', 'html']).default('html').describe('The format of the body. Default: html.')
export const maxResults = z.number().int().min(1).max(1000).default(50).describe('Items in one page.')

const Recipient = z.object({ emailAddress: nullable(z.object({ name: written, address: personal })) })
const Recipients = nullable(z.array(Recipient))
const When = nullable(z.object({ dateTime: text, timeZone: text }))

/** A message. Without a body it was read for a list. */
export const Message = z.object({
  id: z.string(),
  conversationId: text,
  internetMessageId: text.describe('The Message-ID header.'),
  parentFolderId: text,
  subject: written,
  bodyPreview: written.describe('The first 255 characters of the text.'),
  body: nullable(z.object({ contentType: text, content: written })),
  from: nullable(Recipient),
  sender: nullable(Recipient).describe('Differs from `from` if it was sent on behalf of another account.'),
  toRecipients: Recipients,
  ccRecipients: Recipients,
  bccRecipients: Recipients,
  replyTo: Recipients,
  createdDateTime: text,
  lastModifiedDateTime: text,
  receivedDateTime: text,
  sentDateTime: text,
  isRead: flag,
  isDraft: flag,
  importance: text.describe('low, normal or high.'),
  hasAttachments: flag.describe('Inline attachments do not count.'),
  flag: nullable(z.object({ flagStatus: text, startDateTime: When, dueDateTime: When, completedDateTime: When })),
  categories: nullable(z.array(z.string())),
  webLink: nullable(mark(z.string(), { private: true })),
})

/** The messages of a page, without their bodies. */
export const Messages = z.object({ value: z.array(Message.omit({ body: true })) })

/** A message as a write returns it. */
export const MessageRef = z.object({ id: z.string(), conversationId: text, internetMessageId: text, isDraft: flag })

/** The response to a request that Graph processes later: it has no body. */
export const Accepted = noContent(z.object({ accepted: z.literal(true) }))

export const Attachment = z.object({
  '@odata.type': text.describe('#microsoft.graph.fileAttachment, itemAttachment or referenceAttachment.'),
  id: z.string(),
  name: written,
  contentType: text,
  size: count.describe('Bytes.'),
  isInline: flag,
})

export const AttachmentContent = Attachment.extend({
  contentId: text.describe('The id by which the HTML shows it.'),
  contentBytes: nullable(mark(z.string(), { untrusted: true, private: true })).describe(
    'The bytes in base64. Absent: it is an item or a link, not a file.',
  ),
})

export const Folder = z.object({
  id: z.string(),
  displayName: personal,
  parentFolderId: text,
  childFolderCount: count,
  totalItemCount: count,
  unreadItemCount: count,
  isHidden: flag,
})
