/** `@mcpclient/outlook-mail/mapping`: messages as rows that mailboxes of several providers share. */
import type { SyncMapping } from '@mcpclient/core/define'
import type { Message } from '@mcpclient/shapes'
import type * as z from 'zod'
import type { Row } from './row.ts'

type Item = Omit<z.output<typeof Row>, 'id'>
type Recipient = NonNullable<Item['from']>

const fields = [
  ...(['from', 'to', 'cc', 'bcc', 'replyTo', 'subject', 'preview', 'sentAt', 'isRead', 'isFlagged'] as const),
  ...(['isDraft', 'hasAttachments', 'conversation', 'messageId'] as const),
]

/**
 * Translates the messages of Outlook to {@link Message}, one way in. A sync has one folder, so rows have no `folders`. What
 * Graph did not send stays as it is in the row. Bodies and everything else that lists of messages lack stays in Outlook.
 */
export const messages: SyncMapping<Message, Item> = {
  fields,
  readOnly: fields,
  toRow: (item) => ({
    from: item.from ? personOf(item.from) : undefined,
    to: peopleOf(item.toRecipients),
    cc: peopleOf(item.ccRecipients),
    bcc: peopleOf(item.bccRecipients),
    replyTo: peopleOf(item.replyTo),
    subject: textOf(item.subject),
    preview: textOf(item.bodyPreview),
    sentAt: item.sentDateTime ?? undefined,
    isRead: item.isRead ?? undefined,
    isFlagged: item.flag ? item.flag.flagStatus === 'flagged' : undefined,
    isDraft: item.isDraft ?? undefined,
    hasAttachments: item.hasAttachments ?? undefined,
    conversation: item.conversationId ?? undefined,
    messageId: item.internetMessageId ?? undefined,
  }),
  toItem: () => ({}),
}

/** Returns an empty text for null: undefined is a field that Graph did not send. */
const textOf = (text: string | null | undefined): string | undefined => (text === null ? '' : text)

const personOf = ({ emailAddress }: Recipient): NonNullable<Message['from']> => ({
  email: emailAddress?.address ?? undefined,
  name: emailAddress?.name ?? undefined,
})

const peopleOf = (recipients: readonly Recipient[] | null | undefined): Message['to'] =>
  recipients === undefined ? undefined : (recipients ?? []).map(personOf)
