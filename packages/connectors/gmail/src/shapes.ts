import { mark, nullable } from '@mcpclient/core/define'
import type { Schema } from '@mcpclient/core/define'
import * as z from 'zod'
import { plainMessage } from './read-message.ts'

const text = nullable(z.string())
const count = nullable(z.number())
const personal = nullable(mark(z.string(), { private: true }))
/** A text that the sender of a message wrote. */
const written = nullable(mark(z.string(), { untrusted: true, private: true }))

export const messageId = z.string().min(1).describe("Gmail's id of the message, not its Message-ID header.")
export const threadId = z.string().min(1).describe('Id of the conversation.')
export const labelIds = z
  .array(z.string().min(1))
  .describe('Ids of labels: list_labels returns them. System labels are INBOX, UNREAD, STARRED, IMPORTANT and so on.')
export const draftId = z.string().min(1).describe('Id of the draft, not of its message.')
export const search = {
  q: z
    .string()
    .min(1)
    .optional()
    .describe('As in the search box: from:bo@example.com has:attachment after:2026/11/01.'),
  labelIds: labelIds.optional().describe('Only what has all of these labels.'),
  includeSpamTrash: z.boolean().optional(),
}
export const page = {
  maxResults: z.number().int().min(1).max(500).default(100).describe('Items in one page.'),
}

export const Attachment = z.object({
  attachmentId: text.describe('Pass it to get_attachment, with the id of the message. It may change with every read.'),
  partId: text,
  filename: written,
  contentType: text,
  size: count.describe('Bytes.'),
  contentId: text.describe('The id by which the HTML shows it.'),
})

const fields = {
  threadId: text,
  labelIds: z.array(z.string()),
  historyId: text.describe('Grows with each change of the message.'),
  internalDate: text.describe('When Gmail received it, in milliseconds since 1970.'),
  sizeEstimate: count,
  snippet: written.describe('The begin of the text.'),
  subject: written,
  from: written,
  to: written,
  cc: written,
  bcc: personal,
  replyTo: written,
  date: text.describe('The Date header, as the sender wrote it.'),
  messageId: text.describe('The Message-ID header.'),
  inReplyTo: text,
  references: text,
  text: written.describe('The text/plain body.'),
  html: written.describe('The text/html body.'),
  attachments: nullable(z.array(Attachment)),
}

/** A message with its headers and bodies as plain fields. */
export const Message = z.preprocess(plainMessage, z.object({ id: z.string(), ...fields }))

/** A message as a write returns it. */
export const MessageRef = z.object({ id: z.string(), threadId: text, labelIds: nullable(z.array(z.string())) })

/** The result of a change of labels, whatever Gmail returns for it. */
export const Modified = z.preprocess(() => ({ modified: true }), z.object({ modified: z.literal(true) }))

/** The bytes of an attachment. Gmail sends base64url. */
export const AttachmentContent = z
  .object({ size: z.number(), data: z.string() })
  .transform(({ size, data }) => ({ size, content: toBase64(data) }))
  .pipe(
    z.object({
      size: z.number().describe('Bytes.'),
      content: mark(z.string(), { untrusted: true, private: true }).describe('The bytes in base64.'),
    }),
  )

/** Turns base64url into padded base64. */
function toBase64(data: string): string {
  const digits = data.replaceAll('-', '+').replaceAll('_', '/').replaceAll('=', '')
  return digits.padEnd(Math.ceil(digits.length / 4) * 4, '=')
}

export const ListedThread = z.object({ id: z.string(), snippet: written, historyId: text })
export const Thread = z.object({ id: z.string(), historyId: text, messages: z.array(Message).default([]) })
export const ThreadRef = z.object({ id: z.string() })

export const DraftRef = z.object({ id: z.string(), message: nullable(MessageRef) })
export const Draft = z.object({ id: z.string(), message: Message })

const MessageChanges = nullable(z.array(z.object({ message: MessageRef })))
const LabelChanges = nullable(z.array(z.object({ message: MessageRef, labelIds: nullable(z.array(z.string())) })))
export const HistoryRecord = z.object({
  id: z.string(),
  messagesAdded: MessageChanges,
  messagesDeleted: MessageChanges,
  labelsAdded: LabelChanges,
  labelsRemoved: LabelChanges,
})

export const Label = z.object({
  id: z.string(),
  name: personal,
  type: text.describe('system or user.'),
  messageListVisibility: text,
  labelListVisibility: text,
  color: nullable(z.object({ textColor: text, backgroundColor: text })),
})

export const Profile = z.object({
  emailAddress: mark(z.string(), { private: true }),
  messagesTotal: count,
  threadsTotal: count,
  historyId: z.string().describe('Pass it to list_history later, to see what has changed.'),
})

const known = z.string().nullish()
/** The fields of a row that are not sent. What is null is empty; what is absent was not read. */
const content = {
  threadId: known,
  internalDate: known,
  snippet: known,
  subject: known,
  from: known,
  to: known,
  cc: known,
  replyTo: known,
  date: known,
  messageId: known,
  inReplyTo: known,
  references: known,
  text: known,
  html: known,
  attachments: z
    .array(z.object({ partId: known, filename: known, contentType: known, size: z.number().nullish() }))
    .nullish(),
}
type Content = typeof content
const Item = z.object({ id: z.string().min(1), labelIds: z.array(z.string()), ...content })

/** A row of the sync. `historyId` orders what is read. It is no field, so that a write does not change the row again. */
export const Row: Schema<z.output<typeof Item>> = z.preprocess(plainMessage, Item.loose())
export const contentFields = Object.keys(content) as (keyof Content)[]
