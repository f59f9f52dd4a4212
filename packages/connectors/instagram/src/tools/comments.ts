import { del, get, path, post, tool } from '@mcpclient/core/define'
import { fieldsOf, graphPages, pageSize } from '@mcpclient/meta'
import * as z from 'zod'
import { moderates, readsComments, removesComments } from '../requests.ts'
import { Comment, commentId, Created, Done, mediaId } from '../shapes.ts'

const message = z.string().min(1).max(300)

/** Comments on the media of the account. */
export const comments = {
  list_comments: tool({
    description: 'List the comments on a photo, video or album, newest first.',
    ...readsComments,
    input: z.object({ media_id: mediaId, limit: pageSize }),
    output: z.object({ data: z.array(Comment) }),
    request: ({ media_id, ...page }) => get(path`${media_id}/comments`, { ...fieldsOf(Comment), ...page }),
    pages: graphPages(),
  }),
  list_replies: tool({
    description: 'List the replies to a comment.',
    ...readsComments,
    input: z.object({ comment_id: commentId, limit: pageSize }),
    output: z.object({ data: z.array(Comment) }),
    request: ({ comment_id, ...page }) => get(path`${comment_id}/replies`, { ...fieldsOf(Comment), ...page }),
    pages: graphPages(),
  }),
  create_comment: tool({
    description: 'Comment on a photo, video or album of the account.',
    ...moderates,
    input: z.object({ media_id: mediaId, message }),
    output: Created,
    request: ({ media_id, ...content }) => post(path`${media_id}/comments`, content),
    preview: (input) => `Comment on ${input.media_id}: ${input.message}`,
    undo: ({ output: { id } }) => ({ tool: 'delete_comment', input: { comment_id: id } }),
    reconcile: 'Find it with list_comments before you comment again.',
  }),
  reply_to_comment: tool({
    description: 'Reply to a comment in the name of the account.',
    ...moderates,
    input: z.object({ comment_id: commentId, message }),
    output: Created,
    request: ({ comment_id, ...content }) => post(path`${comment_id}/replies`, content),
    preview: (input) => `Reply to ${input.comment_id}: ${input.message}`,
    undo: ({ output: { id } }) => ({ tool: 'delete_comment', input: { comment_id: id } }),
    reconcile: 'Find it with list_replies before you reply again.',
  }),
  hide_comment: tool({
    description: 'Hide a comment, or show it again.',
    ...moderates,
    input: z.object({ comment_id: commentId, hide: z.boolean().default(true) }),
    output: Done,
    request: ({ comment_id, hide }) => post(path`${comment_id}`, { hide }),
    preview: (input) => `${input.hide ? 'Hide' : 'Show'} the comment ${input.comment_id}.`,
    undo: ({ input }) => ({ tool: 'hide_comment', input: { ...input, hide: !input.hide } }),
    reconcile: 'Check hidden with list_comments.',
  }),
  delete_comment: tool({
    description: 'Delete a comment on the media of the account, of any author.',
    ...removesComments,
    input: z.object({ comment_id: commentId }),
    output: Done,
    request: ({ comment_id }) => del(path`${comment_id}`),
    preview: (input) => `Delete the comment ${input.comment_id}.`,
    reconcile: 'Check whether list_comments still has it.',
  }),
}
