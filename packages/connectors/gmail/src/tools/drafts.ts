import { del, get, noContent, post, put, send, tool } from '@mcpclient/core/define'
import type { Run } from '@mcpclient/core/define'
import { Email, recipientsAndFiles } from '@mcpclient/shapes'
import * as z from 'zod'
import { costs } from '../costs.ts'
import { draftAt, formatted, pagesOf } from '../requests.ts'
import { scopes } from '../scopes.ts'
import { Draft, draftId, DraftRef, messageId, MessageRef, page, search } from '../shapes.ts'
import { composed, composedReply, hasFewRecipients, TOO_MANY } from './send-email.ts'

const composes = { effect: 'write', scopes: [scopes.compose, scopes.read] } as const
const Content = Email.omit({ inReplyTo: true, references: true }).extend({
  replyToMessageId: messageId
    .optional()
    .describe("Gmail's id of the message to reply to. Sets the conversation, the headers and, if absent, the subject."),
})

/** Composes the message of a draft. For a reply, the original is read first. */
function* messageOf({ replyToMessageId, ...mail }: z.output<typeof Content>): Run<{ raw: string; threadId?: string }> {
  return replyToMessageId === undefined ? { raw: composed(mail) } : yield* composedReply(replyToMessageId, mail)
}

const shown = (content: z.output<typeof Content>): string =>
  `"${content.subject ?? 'Re: …'}"${recipientsAndFiles(content)}`

/** Drafts. */
export const drafts = {
  list_drafts: tool({
    description: 'List or search the drafts. Returns their ids; get_draft returns one.',
    effect: 'read',
    scopes: [scopes.read],
    input: z.object({ q: search.q, includeSpamTrash: search.includeSpamTrash, ...page }),
    output: z.object({ drafts: z.array(DraftRef).default([]) }),
    request: (input) => get('users/me/drafts', input, costs.listDrafts),
    pages: pagesOf('drafts', 1),
  }),
  get_draft: tool({
    description: 'Get a draft with its text, HTML and the list of its attachments.',
    effect: 'read',
    scopes: [scopes.read],
    input: z.object({ draftId }),
    output: Draft,
    request: ({ draftId: id }) => get(draftAt(id), formatted('full'), costs.getDraft),
  }),
  create_draft: tool({
    description: 'Create a draft of an e-mail or of a reply. It is not sent.',
    ...composes,
    input: Content.refine(hasFewRecipients, TOO_MANY),
    output: DraftRef,
    *run(input) {
      const message = yield* messageOf(input)
      return yield* send(post('users/me/drafts', { message }, costs.createDraft), DraftRef)
    },
    preview: (input) => `Create a draft of ${shown(input)}.`,
    undo: ({ output }) => ({ tool: 'delete_draft', input: { draftId: output.id } }),
    reconcile: 'Find it with list_drafts before you create it again.',
  }),
  update_draft: tool({
    description: 'Replace the whole content of a draft.',
    ...composes,
    input: Content.extend({ draftId }).refine(hasFewRecipients, TOO_MANY),
    output: DraftRef,
    *run({ draftId: id, ...input }) {
      const message = yield* messageOf(input)
      return yield* send(put(draftAt(id), { message }, costs.updateDraft), DraftRef)
    },
    preview: ({ draftId: id, ...input }) => `Replace the draft ${id} with ${shown(input)}.`,
    undo: 'impossible',
    reconcile: 'Read it with get_draft.',
  }),
  send_draft: tool({
    description: 'Send a draft to its recipients. It cannot be taken back.',
    effect: 'write',
    scopes: [scopes.compose],
    input: z.object({ draftId }),
    output: MessageRef,
    request: ({ draftId: id }) => post('users/me/drafts/send', { id }, costs.sendDraft),
    preview: ({ draftId: id }) => `Send the draft ${id}.`,
    undo: 'impossible',
    reconcile: 'Read it with get_draft: a draft that was sent no longer exists.',
  }),
  delete_draft: tool({
    description: 'Delete a draft for good.',
    effect: 'destroy',
    scopes: [scopes.compose],
    input: z.object({ draftId }),
    // Gmail returns no body.
    output: noContent(z.object({ deleted: z.literal(true) })),
    request: ({ draftId: id }) => del(draftAt(id), undefined, costs.deleteDraft),
    preview: ({ draftId: id }) => `Delete the draft ${id}.`,
    reconcile: 'Call it again: notFound means that it was deleted.',
  }),
}
