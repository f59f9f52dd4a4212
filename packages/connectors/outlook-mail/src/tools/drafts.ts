import { del, get, noContent, patch, post, tool } from '@mcpclient/core/define'
import { odataPages } from '@mcpclient/microsoft'
import { recipientsAndFiles } from '@mcpclient/shapes'
import * as z from 'zod'
import { Email, messageOf } from '../email.ts'
import { messageAt, messagesIn, selected } from '../requests.ts'
import { scopes } from '../scopes.ts'
import { Accepted, draftId, maxResults, messageId, MessageRef, Messages } from '../shapes.ts'

const composes = { effect: 'write', scopes: [scopes.write], output: MessageRef } as const
const Content = Email.omit({ inReplyTo: true, references: true })

const shown = (content: z.output<typeof Content>): string =>
  `"${content.subject ?? 'Re: …'}"${recipientsAndFiles(content)}`

/** Drafts. The id of a draft stays the same when it is sent, so that a lost response can be cleared up. */
export const drafts = {
  list_drafts: tool({
    description: 'List the drafts, without their bodies. get_message returns one.',
    effect: 'read',
    scopes: [scopes.read],
    input: z.object({ maxResults }),
    output: Messages,
    request: ({ maxResults: size }) => get(messagesIn('drafts'), { ...selected('metadata'), $top: size }),
    pages: odataPages(1),
  }),
  create_draft: tool({
    description: 'Create a draft of an e-mail or of a reply. It is not sent.',
    ...composes,
    input: Content.extend({
      replyToMessageId: messageId
        .optional()
        .describe(
          "Outlook's id of the message to reply to. Sets the conversation and, if absent, subject and recipient.",
        ),
    }),
    request: ({ replyToMessageId, ...email }) =>
      replyToMessageId === undefined
        ? post('me/messages', messageOf(email))
        : post(`${messageAt(replyToMessageId)}/createReply`, { message: messageOf(email) }),
    preview: (input) => `Create a draft of ${shown(input)}.`,
    undo: ({ output }) => ({ tool: 'delete_draft', input: { draftId: output.id } }),
    reconcile: 'Find it with list_drafts before you create it again.',
  }),
  update_draft: tool({
    description: 'Change fields of a draft. Fields that are not passed stay, and so do the attachments.',
    ...composes,
    idempotent: true,
    input: Content.omit({ attachments: true }).extend({ draftId }),
    request: ({ draftId: id, ...email }) => patch(messageAt(id), messageOf(email)),
    preview: ({ draftId: id, ...changes }) =>
      `Change ${Object.keys(changes).join(', ') || 'nothing'} of the draft ${id}${recipientsAndFiles(changes)}.`,
    undo: 'impossible',
  }),
  send_draft: tool({
    description: 'Send a draft to its recipients. It cannot be taken back.',
    effect: 'write',
    scopes: [scopes.send],
    input: z.object({ draftId }),
    output: Accepted,
    request: ({ draftId: id }) => post(`${messageAt(id)}/send`),
    preview: ({ draftId: id }) => `Send the draft ${id}.`,
    undo: 'impossible',
    reconcile: 'Read it with get_message: isDraft is false once it was sent, which takes some time.',
  }),
  delete_draft: tool({
    description: 'Delete a draft.',
    effect: 'destroy',
    scopes: [scopes.write],
    input: z.object({ draftId }),
    // Graph returns no body.
    output: noContent(z.object({ deleted: z.literal(true) })),
    request: ({ draftId: id }) => del(messageAt(id)),
    preview: ({ draftId: id }) => `Delete the draft ${id}.`,
    reconcile: 'Call it again: ErrorItemNotFound means that it was deleted.',
  }),
}
