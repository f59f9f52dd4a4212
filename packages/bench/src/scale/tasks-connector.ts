import { defineConnector, errorTable, get, noAuth, patch, path, post, sync } from '@mcpclient/core/define'
import * as z from 'zod'

const tasks = sync({
  description: 'The tasks of a list.',
  params: z.object({ list: z.string() }),
  item: z.object({ id: z.string(), etag: z.string(), title: z.string() }),
  key: 'id',
  version: 'etag',
  codes: {},
  pull: ({ params, since, page }) => get('tasks', { list: params.list, since, page }),
  get: (id) => get(path`tasks/${id}`),
  push: {
    id: (seed) => seed,
    create: (item, { id }) => post('tasks', { ...item, id }),
    update: (changes, { id }) => patch(path`tasks/${id}`, changes),
  },
})

/** A connector with one sync, at a provider that a transport stands in for. */
export const tasksConnector = defineConnector({
  id: 'tasks',
  name: 'Tasks',
  baseUrl: 'https://tasks.example/',
  auth: noAuth,
  errors: errorTable({}, {}),
  tools: {},
  syncs: { tasks },
})
