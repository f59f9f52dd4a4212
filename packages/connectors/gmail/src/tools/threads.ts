import { get, post, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { costs } from '../costs.ts'
import { formatted, pagesOf, threadAt } from '../requests.ts'
import { scopes } from '../scopes.ts'
import { ListedThread, page, search, Thread, threadId, ThreadRef } from '../shapes.ts'

const modifies = { effect: 'write', scopes: [scopes.modify], idempotent: true } as const

/** Conversations. */
export const threads = {
  list_threads: tool({
    description: 'List or search conversations, the newest first, with the snippet of their last message.',
    effect: 'read',
    scopes: [scopes.read],
    input: z.object({ ...search, ...page }),
    output: z.object({ threads: z.array(ListedThread).default([]) }),
    request: (input) => get('users/me/threads', input, costs.listThreads),
    // A mailbox may go back for years: a call reads one page unless the caller asks for more.
    pages: pagesOf('threads', 1),
  }),
  get_thread: tool({
    description: 'Get a conversation with its messages, the oldest first.',
    effect: 'read',
    scopes: [scopes.read],
    input: z.object({
      threadId,
      format: z
        .enum(['minimal', 'metadata', 'full'])
        .default('full')
        .describe('metadata: without bodies and attachments. minimal: without headers, too.'),
    }),
    output: Thread,
    request: ({ threadId: id, format }) => get(threadAt(id), formatted(format), costs.getThread),
  }),
  trash_thread: tool({
    description: 'Move a conversation to the trash. Gmail deletes it after 30 days.',
    ...modifies,
    input: z.object({ threadId }),
    output: ThreadRef,
    request: ({ threadId: id }) => post(`${threadAt(id)}/trash`, undefined, costs.modifyThread),
    preview: ({ threadId: id }) => `Move the thread ${id} to the trash.`,
    undo: ({ input }) => ({ tool: 'untrash_thread', input }),
  }),
  untrash_thread: tool({
    description: 'Move a conversation out of the trash.',
    ...modifies,
    input: z.object({ threadId }),
    output: ThreadRef,
    request: ({ threadId: id }) => post(`${threadAt(id)}/untrash`, undefined, costs.modifyThread),
    undo: ({ input }) => ({ tool: 'trash_thread', input }),
  }),
}
