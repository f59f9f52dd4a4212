import { get, nullable, path, post, send, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { readMessages } from '../changed-messages.ts'
import { costs } from '../costs.ts'
import { formatted, messageAt, threadAt } from '../requests.ts'
import { scopes } from '../scopes.ts'
import { AttachmentContent, labelIds, Message, messageId, MessageRef, Modified, search, threadId } from '../shapes.ts'

const modifies = { effect: 'write', scopes: [scopes.modify], idempotent: true } as const
/** The most messages that one request modifies. */
const MAX_MODIFIED = 1000

const Found = z.object({
  messages: z.array(z.object({ id: z.string() })).default([]),
  nextPageToken: nullable(z.string()),
})

/** Messages, their attachments and their labels. */
export const messages = {
  search_messages: tool({
    description: 'Search messages as in the search box of Gmail. Returns headers and snippets, without the bodies.',
    effect: 'read',
    scopes: [scopes.read],
    input: z.object({
      ...search,
      maxResults: z
        .number()
        .int()
        .min(1)
        .max(100)
        .default(20)
        .describe('Messages in one page. Each is read on its own.'),
      pageToken: z.string().min(1).optional().describe('nextPageToken of the page before.'),
    }),
    output: z.object({ messages: z.array(Message), nextPageToken: nullable(z.string()) }),
    *run(input) {
      const list = yield* send(get('users/me/messages', input, costs.listMessages), Found)
      const { changed } = yield* readMessages(
        list.messages.map(({ id }) => id),
        'metadata',
      )
      return { messages: [...changed], nextPageToken: list.nextPageToken }
    },
    examples: [{ input: { q: 'from:bo@example.com is:unread newer_than:7d' }, note: "a colleague's unread messages" }],
  }),
  get_message: tool({
    description: 'Get a message with its headers, decoded text and HTML, and the list of its attachments.',
    effect: 'read',
    scopes: [scopes.read],
    input: z.object({
      messageId,
      format: z
        .enum(['minimal', 'metadata', 'full'])
        .default('full')
        .describe('metadata: without bodies and attachments. minimal: without headers, too.'),
    }),
    output: Message,
    request: ({ messageId: id, format }) => get(messageAt(id), formatted(format), costs.getMessage),
  }),
  get_attachment: tool({
    description: 'Get the bytes of an attachment in base64. get_message lists the attachments of a message.',
    effect: 'read',
    scopes: [scopes.read],
    input: z.object({ messageId, attachmentId: z.string().min(1) }),
    output: AttachmentContent,
    request: ({ messageId: id, attachmentId }) =>
      get(path`users/me/messages/${id}/attachments/${attachmentId}`, undefined, costs.getAttachment),
  }),
  modify_labels: tool({
    description:
      'Add labels to messages or to a whole thread, or remove them: archive by removing INBOX, mark as read by removing UNREAD.',
    ...modifies,
    input: z
      .object({
        messageIds: z.array(messageId).min(1).max(MAX_MODIFIED).optional(),
        threadId: threadId.optional().describe('Instead of messageIds: every message of the conversation.'),
        addLabelIds: labelIds.optional(),
        removeLabelIds: labelIds.optional(),
      })
      .refine(
        (input) => (input.messageIds === undefined) !== (input.threadId === undefined),
        'Pass either messageIds or threadId.',
      )
      .refine(
        ({ addLabelIds = [], removeLabelIds = [] }) => addLabelIds.length + removeLabelIds.length > 0,
        'Pass labels to add or to remove.',
      ),
    output: Modified,
    request({ messageIds: ids = [], threadId: thread, ...changes }) {
      if (thread !== undefined) return post(`${threadAt(thread)}/modify`, changes, costs.modifyThread)
      const [only = '', ...others] = ids
      return others.length === 0
        ? post(`${messageAt(only)}/modify`, changes, costs.modifyMessage)
        : post('users/me/messages/batchModify', { ids, ...changes }, costs.modifyMessages)
    },
    preview: ({ messageIds = [], threadId: thread, addLabelIds = [], removeLabelIds = [] }) =>
      `Add ${addLabelIds.join(', ') || 'no labels'} to ${thread === undefined ? `${messageIds.length} messages` : `the thread ${thread}`}` +
      `, and remove ${removeLabelIds.join(', ') || 'none'}.`,
  }),
  trash_message: tool({
    description: 'Move a message to the trash. Gmail deletes it after 30 days.',
    ...modifies,
    input: z.object({ messageId }),
    output: MessageRef,
    request: ({ messageId: id }) => post(`${messageAt(id)}/trash`, undefined, costs.modifyMessage),
    preview: ({ messageId: id }) => `Move the message ${id} to the trash.`,
    undo: ({ input }) => ({ tool: 'untrash_message', input }),
  }),
  untrash_message: tool({
    description: 'Move a message out of the trash.',
    ...modifies,
    input: z.object({ messageId }),
    output: MessageRef,
    request: ({ messageId: id }) => post(`${messageAt(id)}/untrash`, undefined, costs.modifyMessage),
    undo: ({ input }) => ({ tool: 'trash_message', input }),
  }),
}
