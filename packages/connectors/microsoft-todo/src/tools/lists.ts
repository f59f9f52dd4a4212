import { get, post, tool } from '@mcpclient/core/define'
import { odataPages } from '@mcpclient/microsoft'
import * as z from 'zod'
import { pageSize, reads, writes } from '../inputs.ts'
import { TaskList } from '../shapes.ts'

export const lists = {
  list_task_lists: tool({
    description: 'List the task lists: the default one, flagged e-mails, and those of the user.',
    ...reads,
    input: z.object({ pageSize }),
    output: z.object({ value: z.array(TaskList) }),
    request: ({ pageSize: size }) => get('me/todo/lists', { $top: size }),
    pages: odataPages(),
  }),
  create_task_list: tool({
    description: 'Create a task list. Graph does not recognize a repeated call: it creates a second list.',
    ...writes,
    input: z.object({ displayName: z.string().min(1) }),
    output: TaskList,
    request: (input) => post('me/todo/lists', input),
    preview: ({ displayName }) => `Create the task list "${displayName}".`,
    undo: 'impossible',
    reconcile: 'Find it with list_task_lists before you create it again.',
  }),
}
