import { path } from '@mcpclient/core/define'

export interface InList {
  readonly listId: string
}
interface InTask extends InList {
  readonly taskId: string
}

export const tasksOf = ({ listId }: InList): string => path`me/todo/lists/${listId}/tasks`
export const taskAt = ({ listId, taskId }: InTask): string => path`me/todo/lists/${listId}/tasks/${taskId}`
export const stepsOf = (task: InTask): string => `${taskAt(task)}/checklistItems`
export const linksOf = (task: InTask): string => `${taskAt(task)}/linkedResources`

/** The values of fields that have no null. */
const EMPTY: Readonly<Record<string, unknown>> = {
  title: '',
  body: { content: '', contentType: 'text' },
  status: 'notStarted',
  importance: 'normal',
  isReminderOn: false,
  categories: [],
}

/** Returns the body of an update: null becomes the value of a task without the field. */
export const changesOf = (fields: Readonly<Record<string, unknown>>): object =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value ?? EMPTY[name] ?? null]))
