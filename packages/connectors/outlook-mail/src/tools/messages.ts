import { get, patch, post, tool } from '@mcpclient/core/define'
import { odataPages, prefer } from '@mcpclient/microsoft'
import * as z from 'zod'
import { getMessage, messageAt, messagesIn, quoted, searched, selected } from '../requests.ts'
import { scopes } from '../scopes.ts'
import { body, folderId, instant, maxResults, Message, messageId, MessageRef, Messages } from '../shapes.ts'

const reads = { effect: 'read', scopes: [scopes.read] } as const
const modifies = { effect: 'write', scopes: [scopes.write] } as const

const Criteria = z.object({
  receivedAfter: instant.optional().describe('Only messages received at this time or later: 2026-11-02T00:00:00Z.'),
  receivedBefore: instant.optional(),
  isRead: z.boolean().optional(),
  isFlagged: z.boolean().optional(),
  hasAttachments: z.boolean().optional(),
  from: z.email().optional().describe('Only messages of this sender.'),
  category: z.string().min(1).optional(),
  conversationId: z.string().min(1).optional(),
  internetMessageId: z.string().min(1).optional().describe('The Message-ID header, with its angle brackets.'),
})
type Criteria = z.output<typeof Criteria>

const EPOCH = '1970-01-01T00:00:00Z'

/**
 * Returns the filter of a list by time. What it is ordered by has to be in the filter, before everything else.
 *
 * Source: https://learn.microsoft.com/graph/api/user-list-messages
 */
function filterOf(criteria: Criteria): string | undefined {
  const { receivedAfter = EPOCH, receivedBefore, isRead, isFlagged, hasAttachments } = criteria
  const { from, category, conversationId, internetMessageId } = criteria
  const isEqual = (field: string, value: boolean | undefined) =>
    value === undefined ? [] : [`${field} eq ${String(value)}`]
  const isText = (field: string, value: string | undefined) =>
    value === undefined ? [] : [`${field} eq ${quoted(value)}`]
  const clauses = [
    ...(receivedBefore === undefined ? [] : [`receivedDateTime lt ${receivedBefore}`]),
    ...isEqual('isRead', isRead),
    ...(isFlagged === undefined ? [] : [`flag/flagStatus ${isFlagged ? 'eq' : 'ne'} 'flagged'`]),
    ...isEqual('hasAttachments', hasAttachments),
    ...isText('from/emailAddress/address', from),
    ...(category === undefined ? [] : [`categories/any(each:each eq ${quoted(category)})`]),
    ...isText('conversationId', conversationId),
    ...isText('internetMessageId', internetMessageId),
  ]
  if (clauses.length === 0 && criteria.receivedAfter === undefined) return undefined
  return [`receivedDateTime ge ${receivedAfter}`, ...clauses].join(' and ')
}

const Changes = z.object({
  isRead: z.boolean().optional(),
  flagStatus: z.enum(['notFlagged', 'flagged', 'complete']).optional(),
  categories: z.array(z.string().min(1)).optional().describe('Replaces all categories of the message.'),
  importance: z.enum(['low', 'normal', 'high']).optional(),
})

/** Messages. */
export const messages = {
  search_messages: tool({
    description: 'Search messages in all folders by words and properties. Returns at most 1,000, without the bodies.',
    ...reads,
    input: z.object({
      q: z
        .string()
        .min(1)
        .describe(
          'Words, or properties: from:bo@example.com subject:"bird count" hasAttachment:true received>=2026-11-01.',
        ),
      folderId: folderId.optional().describe('Only in this folder. Absent: in all folders.'),
      maxResults,
    }),
    output: Messages,
    // Graph orders the results of a search itself.
    request: ({ q, folderId: folder, maxResults: size }) =>
      get(messagesIn(folder), { $search: searched(q), ...selected('metadata'), $top: size }),
    pages: odataPages(1),
    examples: [{ input: { q: 'from:bo@example.com egrets' }, note: "a colleague's messages" }],
  }),
  list_messages: tool({
    description: 'List the messages of a folder, the newest first, without the bodies.',
    ...reads,
    input: Criteria.extend({ folderId: folderId.default('inbox'), maxResults }),
    output: Messages,
    request: ({ folderId: folder, maxResults: size, ...criteria }) =>
      get(messagesIn(folder), {
        $filter: filterOf(criteria),
        $orderby: 'receivedDateTime desc',
        ...selected('metadata'),
        $top: size,
      }),
    // A folder may go back for years: a call reads one page unless the caller asks for more.
    pages: odataPages(1),
    examples: [{ input: { isRead: false }, note: 'the unread messages of the inbox' }],
  }),
  get_message: tool({
    description: 'Get a message with its body. list_attachments lists its attachments.',
    ...reads,
    input: z.object({ messageId, body }),
    output: Message,
    request: ({ messageId: id, body: type }) => getMessage(id, 'full', type),
  }),
  update_message: tool({
    description: 'Mark a message as read or unread, flag it, or set its categories or its importance.',
    ...modifies,
    idempotent: true,
    input: Changes.extend({ messageId }).refine(
      ({ messageId: _id, ...changes }) => Object.values(changes).some((change) => change !== undefined),
      'Pass a field to change.',
    ),
    output: Message.omit({ body: true }),
    request: ({ messageId: id, flagStatus, ...changes }) =>
      patch(messageAt(id), { ...changes, flag: flagStatus === undefined ? undefined : { flagStatus } }),
    preview: ({ messageId: id, ...changes }) => `Change ${Object.keys(changes).join(', ')} of the message ${id}.`,
    undo: 'impossible',
  }),
  move_message: tool({
    description: 'Move a message to another folder: to archive it, or to deleteditems. Its id stays the same.',
    ...modifies,
    input: z.object({
      messageId,
      folderId: folderId.describe('Folder to move it to: an id, archive, deleteditems ...'),
    }),
    output: MessageRef.extend({ parentFolderId: Message.shape.parentFolderId }),
    request: ({ messageId: id, folderId: folder }) =>
      post(`${messageAt(id)}/move`, { destinationId: folder }, { headers: prefer() }),
    preview: ({ messageId: id, folderId: folder }) => `Move the message ${id} to the folder ${folder}.`,
    undo: 'impossible',
    reconcile: 'Read the message with get_message: parentFolderId is its folder.',
  }),
}
