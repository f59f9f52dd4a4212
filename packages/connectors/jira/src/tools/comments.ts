import { del, get, post, put, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { commentId, destroys, issueIdOrKey, pageSize, reads, to, updates, visibility, writes } from '../inputs.ts'
import type { Context } from '../inputs.ts'
import { commentAt, issueAt, pagesOf } from '../requests.ts'
import { richText, shownText, writtenText } from '../rich-text.ts'
import { Comment, Done } from '../shapes.ts'

export const comments = {
  list_comments: tool({
    description: 'List the comments on an issue.',
    ...reads,
    input: z.object({
      issueIdOrKey,
      orderBy: z.enum(['created', '-created']).default('created').describe('-created: newest first.'),
      maxResults: pageSize('Comments'),
    }),
    output: z.object({ comments: z.array(Comment) }),
    request: ({ issueIdOrKey: issue, ...query }) => get(`${issueAt(issue)}/comment`, query),
    pages: pagesOf('comments'),
  }),
  add_comment: tool({
    description: 'Comment on an issue. Its watchers are notified, and customers see it in a service project.',
    ...writes,
    input: z.object({ issueIdOrKey: to, body: richText, visibility }),
    output: Comment,
    request: ({ issueIdOrKey: issue, body, ...rest }, { settings }: Context) =>
      post(`${issueAt(issue)}/comment`, { ...rest, body: writtenText(body, settings.apiVersion) }),
    preview: ({ issueIdOrKey: issue, body }) => `Comment on the issue ${issue}: ${shownText(body)}`,
    undo: ({ input, output }) => ({
      tool: 'delete_comment',
      input: { issueIdOrKey: input.issueIdOrKey, id: output.id },
    }),
    reconcile: 'Find it with list_comments and orderBy -created before you add it again.',
  }),
  update_comment: tool({
    description: 'Replace the text of a comment.',
    ...updates,
    input: z.object({ issueIdOrKey: to, id: commentId, body: richText, visibility }),
    output: Comment,
    request: ({ issueIdOrKey: issue, id, body, ...rest }, { settings }: Context) =>
      put(commentAt(issue, id), { ...rest, body: writtenText(body, settings.apiVersion) }),
    preview: ({ issueIdOrKey: issue, id, body }) => `Replace the comment ${id} on ${issue} with: ${shownText(body)}`,
    undo: 'impossible',
    reconcile: 'Read the comments with list_comments.',
  }),
  delete_comment: tool({
    description: 'Delete a comment for good.',
    ...destroys,
    input: z.object({ issueIdOrKey, id: commentId }),
    output: Done,
    request: ({ issueIdOrKey: issue, id }) => del(commentAt(issue, id)),
    preview: ({ issueIdOrKey: issue, id }) => `Delete the comment ${id} on the issue ${issue}.`,
    reconcile: 'Call it again: an error with status 404 means that it was deleted.',
  }),
}
