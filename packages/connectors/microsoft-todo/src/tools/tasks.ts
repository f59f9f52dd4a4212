import { del, get, patch, post, tool } from '@mcpclient/core/define'
import { odataPages } from '@mcpclient/microsoft'
import * as z from 'zod'
import { kept, listId, pageSize, reads, removable, taskId, to, writes } from '../inputs.ts'
import { changesOf, taskAt, tasksOf } from '../requests.ts'
import { Deleted, Task } from '../shapes.ts'

const { title, ...optional } = kept
const New = z.object({ ...optional, ...removable }).partial()
const Changes = z.object({
  ...z.object(kept).partial().shape,
  ...(Object.fromEntries(Object.entries(removable).map(([name, schema]) => [name, schema.nullable().optional()])) as {
    readonly [Name in keyof typeof removable]: z.ZodOptional<z.ZodNullable<(typeof removable)[Name]>>
  }),
})

export const tasks = {
  list_tasks: tool({
    description: 'List the tasks of a list.',
    ...reads,
    input: z.object({
      listId,
      status: kept.status.optional().describe('Only tasks with this status.'),
      orderBy: z.enum(['createdDateTime', 'lastModifiedDateTime desc']).optional(),
      pageSize,
    }),
    output: z.object({ value: z.array(Task) }),
    request: ({ status, orderBy, pageSize: size, ...list }) =>
      get(tasksOf(list), {
        $filter: status === undefined ? undefined : `status eq '${status}'`,
        $orderby: orderBy,
        $top: size,
      }),
    pages: odataPages(1),
  }),
  get_task: tool({
    description: 'Get one task with its steps and links.',
    ...reads,
    input: z.object({ listId, taskId }),
    output: Task,
    request: (task) => get(taskAt(task), { $expand: 'checklistItems,linkedResources' }),
  }),
  create_task: tool({
    description: 'Create a task. Graph does not recognize a repeated call: it creates a second task.',
    ...writes,
    input: z.object({ listId: to, title, ...New.shape }),
    output: Task,
    request: ({ listId: list, ...task }) => post(tasksOf({ listId: list }), task),
    preview: ({ title: name, listId: list }) => `Create the task "${name}" in the list ${list}.`,
    undo: ({ input, output }) => ({ tool: 'delete_task', input: { listId: input.listId, taskId: output.id } }),
    reconcile: "Find it with list_tasks and orderBy 'lastModifiedDateTime desc' before you create it again.",
    examples: [
      {
        input: {
          listId: 'AAMkADReedListAAA=',
          title: 'Count herons',
          dueDateTime: { dateTime: '2026-11-05T00:00:00', timeZone: 'America/New_York' },
        },
      },
    ],
  }),
  update_task: tool({
    description: 'Change fields of a task. Fields that are not passed stay; null removes a field.',
    ...writes,
    input: z
      .object({ listId: to, taskId, ...Changes.shape })
      .refine(({ listId: _list, taskId: _task, ...changes }) => Object.keys(changes).length > 0, {
        message: 'Pass at least one field to change.',
      }),
    output: Task,
    request: ({ listId: list, taskId: task, ...changes }) =>
      patch(taskAt({ listId: list, taskId: task }), changesOf(changes)),
    preview: ({ listId: _list, taskId: task, ...changes }) =>
      `Change ${Object.keys(changes).join(', ')} of the task ${task}.`,
    undo: 'impossible',
    reconcile: 'Read the task with get_task: it shows whether the fields have changed.',
  }),
  complete_task: tool({
    description: 'Mark a task as completed. A task that recurs gets its next occurrence.',
    ...writes,
    input: z.object({ listId: to, taskId }),
    output: Task,
    request: (task) => patch(taskAt(task), { status: 'completed' }),
    preview: ({ taskId: task }) => `Complete the task ${task}.`,
    undo: ({ input }) => ({ tool: 'update_task', input: { ...input, status: 'notStarted' } }),
    reconcile: 'Read the task with get_task: its status shows whether it was completed.',
  }),
  delete_task: tool({
    description: 'Delete a task with its steps and links.',
    effect: 'destroy',
    scopes: writes.scopes,
    input: z.object({ listId, taskId }),
    output: Deleted,
    request: (task) => del(taskAt(task)),
    preview: ({ taskId: task, listId: list }) => `Delete the task ${task} from the list ${list}.`,
    reconcile: 'Call it again: an error with status 404 means that it was deleted.',
  }),
}
