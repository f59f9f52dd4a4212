import type { GraphContext } from './context.ts'
import { GraphFailure } from './failure.ts'
import { createFolder } from './folder.ts'
import type { Folder } from './folder.ts'
import { listResponse } from './list.ts'
import type { Fields, GraphResource } from './routes.ts'

/** A list of Microsoft To Do. */
export interface SimulatedTaskList {
  readonly id: string
  readonly displayName: string
}

export interface TaskResource extends GraphResource {
  /** Returns the tasks of a list: by its id, or of the default one. */
  tasksOf(listId?: string): Folder
}

/** The number of the first list in ids. */
const FIRST_FOLDER = 40

/** The fields of a new task that a body leaves out. */
const DEFAULTS: Fields = {
  title: '',
  status: 'notStarted',
  importance: 'normal',
  isReminderOn: false,
  hasAttachments: false,
  categories: [],
  body: { content: '', contentType: 'text' },
}

/** Creates the task lists of a user. The first one is the default list. Ids of tasks are never immutable. */
export function createTaskLists(settings: readonly SimulatedTaskList[], context: GraphContext): TaskResource {
  const lists = settings.map((list, index) => ({
    list,
    tasks: createFolder(
      {
        name: `tasks of ${list.id}`,
        folder: FIRST_FOLDER + index,
        type: 'todoTask',
        immutableIds: false,
        resources: [`me/todo/lists/${list.id}/tasks`],
        path: `me/todo/lists/${list.id}/tasks`,
        operations: 'tasks',
        contentOf: (body) => ({ ...DEFAULTS, ...body }),
      },
      context,
    ),
  }))
  const shown = ({ list }: (typeof lists)[number], index: number): Fields => ({
    ...list,
    isOwner: true,
    isShared: false,
    wellknownListName: index === 0 ? 'defaultList' : 'none',
  })
  return {
    routes: [
      {
        operation: 'taskLists.list',
        method: 'GET',
        path: /^me\/todo\/lists$/,
        run: (call) => listResponse(call, context, lists.map(shown)),
      },
      ...lists.flatMap(({ tasks }) => tasks.routes),
    ],
    tasksOf(listId = settings[0]?.id) {
      const found = lists.find(({ list }) => list.id === listId)
      if (found === undefined) throw new GraphFailure('ErrorItemNotFound')
      return found.tasks
    },
    behave() {
      for (const { tasks } of lists) tasks.behave()
    },
    writes: () => lists.reduce((sum, { tasks }) => sum + tasks.writes(), 0),
  }
}
