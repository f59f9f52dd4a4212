import type { Schema } from '@mcpclient/core/define'
import * as z from 'zod'

const text = z.string().nullish()
const flag = z.boolean().nullish()
const Recipient = z.object({ emailAddress: z.object({ name: text, address: text }).nullish() })
const Recipients = z.array(Recipient).nullish()
const When = z.object({ dateTime: text, timeZone: text }).nullish()

/** The fields of a row, which are never sent. */
const Item = z.object({
  id: z.string().min(1),
  conversationId: text,
  internetMessageId: text,
  subject: text,
  bodyPreview: text,
  body: z.object({ contentType: text, content: text }).nullish(),
  from: Recipient.nullish(),
  sender: Recipient.nullish(),
  toRecipients: Recipients,
  ccRecipients: Recipients,
  bccRecipients: Recipients,
  replyTo: Recipients,
  createdDateTime: text,
  receivedDateTime: text,
  sentDateTime: text,
  isRead: flag,
  isDraft: flag,
  importance: text,
  hasAttachments: flag,
  flag: z.object({ flagStatus: text, startDateTime: When, dueDateTime: When, completedDateTime: When }).nullish(),
  categories: z.array(z.string()).nullish(),
  webLink: text,
})

// `lastModifiedDateTime` orders what is read. It is no field of a row.
export const Row: Schema<z.output<typeof Item>> = Item.loose()
