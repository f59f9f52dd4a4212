import { del, get, path, post, tool } from '@mcpclient/core/define'
import { fieldsOf, graphPages, pageSize } from '@mcpclient/meta'
import * as z from 'zod'
import { moderates, readsComments, removesComments } from '../requests.ts'
import { Comment, commentId, Created, Done, postId } from '../shapes.ts'

/** Comments on the posts of the page. */
export const comments = {
  list_comments: tool({
    description: 'List the comments on a post or photo, or the replies to a comment.',
    ...readsComments,
    input: z.object({
      object_id: postId.describe('Id of a post, a photo or a comment.'),
      filter: z.enum(['toplevel', 'stream']).default('toplevel').describe('stream: replies are listed as well.'),
      order: z.enum(['chronological', 'reverse_chronological']).default('reverse_chronological'),
      limit: pageSize,
    }),
    output: z.object({ data: z.array(Comment) }),
    request: ({ object_id, ...filter }) => get(path`${object_id}/comments`, { ...fieldsOf(Comment), ...filter }),
    pages: graphPages(),
  }),
  reply_to_comment: tool({
    description: 'Reply to a comment in the name of the page, or comment on a post of the page.',
    ...moderates,
    input: z.object({
      object_id: commentId.describe('Id of the comment, or of a post.'),
      message: z.string().min(1),
    }),
    output: Created,
    request: ({ object_id, message }) => post(path`${object_id}/comments`, { message }),
    preview: (input) => `Reply to ${input.object_id}: ${input.message}`,
    undo: ({ output: { id } }) => ({ tool: 'delete_comment', input: { comment_id: id } }),
    reconcile: 'Find it with list_comments before you reply again.',
  }),
  hide_comment: tool({
    description: 'Hide a comment from all users but its author and their friends, or show it again.',
    ...moderates,
    input: z.object({ comment_id: commentId, is_hidden: z.boolean().default(true) }),
    output: Done,
    request: ({ comment_id, is_hidden }) => post(path`${comment_id}`, { is_hidden }),
    preview: (input) => `${input.is_hidden ? 'Hide' : 'Show'} the comment ${input.comment_id}.`,
    undo: ({ input }) => ({ tool: 'hide_comment', input: { ...input, is_hidden: !input.is_hidden } }),
    reconcile: 'Check is_hidden with list_comments.',
  }),
  delete_comment: tool({
    description: 'Delete a comment on a post of the page, of any author.',
    ...removesComments,
    input: z.object({ comment_id: commentId }),
    output: Done,
    request: ({ comment_id }) => del(path`${comment_id}`),
    preview: (input) => `Delete the comment ${input.comment_id}.`,
    reconcile: 'Check whether list_comments still has it.',
  }),
}
