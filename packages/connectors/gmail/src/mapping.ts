/** `@mcpclient/gmail/mapping`: messages as rows that mailboxes of several providers share. */
import type { SyncMapping } from '@mcpclient/core/define'
import type { Message } from '@mcpclient/shapes'
import type * as z from 'zod'
import { addressesIn } from './address-list.ts'
import type { Row } from './shapes.ts'

type Item = Omit<z.output<typeof Row>, 'id'>

const fields = [
  ...(['from', 'to', 'cc', 'replyTo', 'subject', 'preview', 'sentAt', 'isRead', 'isFlagged', 'isDraft'] as const),
  ...(['hasAttachments', 'conversation', 'messageId', 'folders'] as const),
]

/**
 * Translates the messages of Gmail to {@link Message}, one way in. `folders` are ids of labels, and `isFlagged` is the star.
 * `hasAttachments` needs the format `full`. Bodies and everything else that lists of messages lack stays at Gmail.
 */
export const messages: SyncMapping<Message, Item> = {
  fields,
  readOnly: fields,
  toRow: ({ labelIds, subject, snippet, date, internalDate, threadId, messageId, attachments, ...item }) => ({
    from: addressesOf(item.from)?.[0],
    to: addressesOf(item.to),
    cc: addressesOf(item.cc),
    replyTo: addressesOf(item.replyTo),
    subject: subject ?? undefined,
    preview: snippet?.replaceAll(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] ?? entity),
    sentAt: timeOf(date ?? undefined) ?? timeOf(internalDate && Number(internalDate)),
    isRead: !labelIds.includes('UNREAD'),
    isFlagged: labelIds.includes('STARRED'),
    isDraft: labelIds.includes('DRAFT'),
    hasAttachments: attachments ? attachments.length > 0 : undefined,
    conversation: threadId ?? undefined,
    messageId: messageId ?? undefined,
    folders: labelIds,
  }),
  toItem: () => ({}),
}

/** A snippet is escaped for HTML. */
const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
}

const addressesOf = (header: string | null | undefined) =>
  header === null || header === undefined ? undefined : addressesIn(header)

/** Returns a time that can be read. A sender may write anything. */
function timeOf(time: string | number | null | undefined): string | undefined {
  const date = new Date(time ?? Number.NaN)
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}
