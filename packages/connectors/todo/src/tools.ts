import { tool } from '@mcpclient/core/define'
import type { PerformContext } from '@mcpclient/core/define'
import * as z from 'zod'
import { findTasks, Search } from './find-tasks.ts'
import { Changes, ChangedTask, id, Task, UpdatedTask, written } from './shapes.ts'
import type { Row } from './shapes.ts'
import { TaskStore } from './task-store.ts'
import type { StoredTask, TaskStoreOptions, Written } from './task-store.ts'

const taskOf = ({ id: taskId, row }: StoredTask) => ({ ...row, id: taskId })
const changedOf = (done: Written) => ({ ...taskOf(done), changed: done.changed })

/** Returns the tools over a store. */
export const toolsOf = (options: TaskStoreOptions) => {
  const tasksOf = (context: PerformContext) => new TaskStore(options, context)
  return {
    list_tasks: tool({
      description: 'List tasks: filter, search and order them. Returns one page, and `next` if there are more.',
      effect: 'read',
      input: Search,
      output: z.object({
        tasks: z.array(Task),
        next: z.string().optional(),
        /** Ids of rows that cannot be read. */
        unreadable: z.array(z.string()),
      }),
      async perform(search, context) {
        const found = await findTasks(tasksOf(context), search)
        return { ...found, tasks: found.tasks.map(taskOf), unreadable: [...found.unreadable] }
      },
      examples: [{ input: { status: 'open', dueBefore: '2026-12-01', orderBy: 'due' } }],
    }),
    get_task: tool({
      description: 'Get one task with its notes.',
      effect: 'read',
      input: z.object({ id }),
      output: Task,
      perform: async (input, context) => taskOf(await tasksOf(context).get(input.id)),
    }),
    create_task: tool({
      description: 'Create a task. With an `id` of yours, a repeated call returns the same task and changes nothing.',
      effect: 'write',
      input: z.object({
        id: id.optional().describe('Your own id of the new task: a UUID, for example. Default: a new one.'),
        ...z.object(written).partial().required({ title: true }).shape,
      }),
      output: ChangedTask,
      async perform({ id: given, ...fields }, context) {
        const tasks = tasksOf(context)
        const now = tasks.now()
        const { priority = 'normal', tags } = fields
        const created = { status: 'open', createdAt: now, updatedAt: now } as const
        const row: Row = { ...fields, priority, tags: distinct(tags), ...created }
        return changedOf(await tasks.create(given ?? newId(tasks.clock.now()), row))
      },
      preview: ({ title }) => `Create the task "${title}".`,
      undo: ({ output }) => (output.changed ? { tool: 'delete_task', input: { id: output.id } } : undefined),
      reconcile: 'Call it again with the same id. Without an id, search for the title with list_tasks first.',
      examples: [{ input: { title: 'Count herons', due: '2026-11-05', priority: 'high', tags: ['birds'] } }],
    }),
    update_task: tool({
      description: 'Change fields of a task. Fields that are not passed stay; null empties a field.',
      effect: 'write',
      idempotent: true,
      input: z.object({ id, ...Changes.shape }).refine(({ id: _id, ...changes }) => Object.keys(changes).length > 0, {
        message: 'Pass at least one field to change.',
      }),
      output: UpdatedTask,
      async perform({ id: taskId, ...changes }, context) {
        const done = await tasksOf(context).change(taskId, (row) => withChanges(row, changes))
        return { ...changedOf(done), previous: previousOf(done) }
      },
      preview: ({ id: taskId, ...changes }) => `Change ${Object.keys(changes).join(', ')} of the task ${taskId}.`,
      undo: ({ output: { id: taskId, changed, previous } }) =>
        changed ? { tool: 'update_task', input: { id: taskId, ...previous } } : undefined,
    }),
    complete_task: tool({
      description: 'Mark a task as done.',
      effect: 'write',
      idempotent: true,
      input: z.object({ id }),
      output: ChangedTask,
      async perform(input, context) {
        const tasks = tasksOf(context)
        const done = (row: Row): Row => ({ ...row, status: 'done', completedAt: tasks.now() })
        return changedOf(await tasks.change(input.id, (row) => (row.status === 'done' ? row : done(row))))
      },
      preview: (input) => `Mark the task ${input.id} as done.`,
      undo: ({ output }) => (output.changed ? { tool: 'reopen_task', input: { id: output.id } } : undefined),
    }),
    reopen_task: tool({
      description: 'Mark a task that is done as open again.',
      effect: 'write',
      idempotent: true,
      input: z.object({ id }),
      output: ChangedTask,
      async perform(input, context) {
        const open = ({ completedAt: _completedAt, ...row }: Row): Row => ({ ...row, status: 'open' })
        return changedOf(await tasksOf(context).change(input.id, (row) => (row.status === 'open' ? row : open(row))))
      },
      preview: (input) => `Mark the task ${input.id} as open again.`,
      undo: ({ output }) => (output.changed ? { tool: 'complete_task', input: { id: output.id } } : undefined),
    }),
    delete_task: tool({
      description: 'Delete a task for good. Returns false in `deleted` if there is no such task.',
      effect: 'destroy',
      idempotent: true,
      input: z.object({ id }),
      output: z.object({ deleted: z.boolean() }),
      perform: async (input, context) => ({ deleted: await tasksOf(context).delete(input.id) }),
      preview: (input) => `Delete the task ${input.id} for good.`,
      undo: 'impossible',
    }),
  }
}

const distinct = (tags: readonly string[] = []): string[] => [...new Set(tags)]

/** Ids in the order of creation, for 88 years: the time, then a random part. */
const newId = (now: number): string =>
  `${Math.floor(now).toString(36).padStart(9, '0')}${crypto.randomUUID().replaceAll('-', '').slice(0, 16)}`

/** The values of empty fields; the other fields are absent. */
const EMPTY: Readonly<Record<string, unknown>> = { priority: 'normal', tags: [] }

function withChanges(row: Row, { tags, ...changes }: Changes): Row {
  const given = { ...changes, ...(tags !== undefined && { tags: tags && distinct(tags) }) }
  const changed = Object.entries(given).map(([name, value]) => [name, value ?? EMPTY[name]] as const)
  const next = { ...row, ...Object.fromEntries(changed) }
  // Without the fields that are undefined now. The rest is the row, whose fields the input schema has checked.
  return Object.fromEntries(Object.entries(next).filter(([, value]) => value !== undefined)) as Row
}

const changeable = ['title', 'notes', 'due', 'priority', 'tags'] as const

/** Returns the previous values of the fields that a write changed. */
const previousOf = ({ before, row }: Written): z.output<typeof UpdatedTask>['previous'] =>
  Object.fromEntries(
    changeable
      .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(row[name]))
      .map((name) => [name, before[name] ?? null]),
  )
