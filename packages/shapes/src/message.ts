import * as z from 'zod'
import { Person } from './email.ts'

const text = z.string().optional()
const people = z.array(Person).optional()

/** A message of a mailbox, as a sync reads it. */
export const Message = z.object({
  from: Person.optional(),
  to: people,
  cc: people,
  bcc: people,
  replyTo: people,
  subject: text,
  preview: text.describe('The beginning of the text.'),
  sentAt: z.iso.datetime({ offset: true }).optional(),
  isRead: z.boolean().optional(),
  isFlagged: z.boolean().optional(),
  isDraft: z.boolean().optional(),
  hasAttachments: z.boolean().optional(),
  conversation: text.describe('The same for the messages of one conversation, at one provider.'),
  messageId: text.describe('The Message-ID header: the same at every provider.'),
  folders: z.array(z.string()).optional().describe('Labels or folders, by the ids of the provider.'),
})
export type Message = z.output<typeof Message>
