import { defineConnector, del, get, patch, post, sync } from '@mcpclient/core/define'
import type { NamedFactory, TypesOfFactory } from '@mcpclient/core/define'
import * as graph from '@mcpclient/microsoft'
import * as z from 'zod'
import { listId, reads } from './inputs.ts'
import { changesOf, taskAt, tasksOf } from './requests.ts'
import { changedAt, Task } from './task.ts'
import { tools } from './tools.ts'

const tasks = sync({
  description: 'The tasks of one list, both ways.',
  params: z.object({ listId }),
  item: Task,
  key: 'id',
  revision: changedAt,
  readOnly: ['completedDateTime'],
  codes: graph.syncCodes,
  scopes: reads.scopes,
  // Changes may show late, and Microsoft names no time: https://learn.microsoft.com/graph/delta-query-overview
  settleMs: 5 * 60_000,
  page: graph.deltaPage(),
  pull: ({ params, since, page }) =>
    get(page ?? since ?? `${tasksOf(params)}/delta`, {}, { headers: graph.prefer({ pageSize: 100 }) }),
  get: (taskId, { params }) => get(taskAt({ ...params, taskId })),
  push: {
    create: (task, { params }) => post(tasksOf(params), task),
    update: (changes, { params, id: taskId }) => patch(taskAt({ ...params, taskId }), changesOf(changes)),
    remove: ({ params, id: taskId }) => del(taskAt({ ...params, taskId })),
  },
})

const definition = defineConnector({
  id: 'microsoft-todo',
  name: 'Microsoft To Do',
  description: 'Read and write tasks, their steps and links, and keep lists equal with tables of your own.',
  docs: 'https://learn.microsoft.com/graph/api/resources/todo-overview',
  baseUrl: graph.GRAPH_URL,
  headers: graph.prefer(),
  auth: graph.microsoft(),
  settings: graph.microsoftSettings,
  limits: graph.MAILBOX_LIMITS,
  check: { request: get('me/todo/lists', { $top: 1 }) },
  errors: graph.graphErrors(),
  tools,
  syncs: { tasks },
  // The longest life of a subscription to tasks is 4,230 minutes.
  webhook: graph.graphSubscription('tasks', { resource: tasksOf, lifeMs: 4170 * 60_000 }),
})

/** The tools, syncs and credential of Microsoft To Do, under one name for editors. */
export interface MicrosoftTodoTypes extends TypesOfFactory<typeof definition> {}

/** Connects to Microsoft To Do for users who sign in: `microsoftTodo({ clientId, clientSecret })`. */
export const microsoftTodo: NamedFactory<typeof definition, MicrosoftTodoTypes> = definition
