import { path, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { create, gid, limit, listOf, pages, read, reads, wrapped, writes } from '../requests.ts'
import { STORY, Story } from '../shapes.ts'

const one = z.object({ task_gid: gid.describe('The gid of the task.') })

export const stories = {
  list_stories: tool({
    description: 'List the comments and changes of a task, oldest first. Comments have the type comment.',
    ...reads('stories:read'),
    input: one.extend({ limit }),
    output: listOf(Story),
    request: ({ task_gid: task, ...page }) => read(path`tasks/${task}/stories`, STORY, page),
    pages,
  }),
  add_comment: tool({
    description: 'Comment on a task. Its followers are notified.',
    ...writes('stories:write'),
    input: one
      .extend({
        text: z.string().min(1).optional(),
        html_text: z.string().min(1).optional().describe('HTML instead of text: <body>It is <b>low</b>.</body>'),
        is_pinned: z.boolean().optional().describe('Pin it to the top of the task.'),
      })
      .refine(
        (input) => (input.text === undefined) !== (input.html_text === undefined),
        'Pass either text or html_text.',
      ),
    output: wrapped(Story),
    request: ({ task_gid: task, ...input }) => create(path`tasks/${task}/stories`, input, STORY),
    preview: (input) => `Comment on the task ${input.task_gid}: ${input.text ?? input.html_text}`,
    reconcile: 'Look for it with list_stories before you add it again.',
    examples: [{ input: { task_gid: '12345', text: 'The tide is out.' } }],
  }),
}
