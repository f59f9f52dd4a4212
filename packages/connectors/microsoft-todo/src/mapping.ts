/** `@mcpclient/microsoft-todo/mapping`: tasks as rows that task lists of several providers share. */
import { ConnectorError } from '@mcpclient/core/define'
import type { SyncMapping } from '@mcpclient/core/define'
import type { Task } from '@mcpclient/shapes'
import type * as z from 'zod'
import type { Task as TaskItem } from './task.ts'

type Item = Omit<z.output<typeof TaskItem>, 'id'>

const importances = ['low', 'normal', 'high'] as const

/**
 * Translates the tasks of Microsoft To Do to {@link Task} and back. A task that is in progress, deferred or waiting is not
 * completed in a row, and stays what it is. Reminders, repetitions and everything else that other lists lack stays there.
 *
 * To Do returns a day as its midnight in the zone of the user, in UTC. The day of a row is exact for zones from UTC-10 to
 * UTC+13.
 */
export const tasks: SyncMapping<Task, Item> = {
  fields: ['title', 'notes', 'due', 'completed', 'completedOn', 'importance'],
  readOnly: ['completedOn'],
  // The type of a body and the other states, which rows lack.
  readFirst: ['notes', 'completed'],
  toRow: ({ title, body, dueDateTime, status, completedDateTime, importance }) => ({
    title,
    notes: body?.content,
    due: dayOf(dueDateTime),
    completed: status === 'completed',
    completedOn: dayOf(completedDateTime),
    importance: importances.find((each) => each === importance),
  }),
  toItem: ({ title, notes, due, completed, importance }, _row, current) => ({
    ...(title !== undefined && { title }),
    ...(notes !== undefined && {
      body: notes && { content: notes, contentType: current?.body?.contentType ?? 'text' },
    }),
    ...(due !== undefined && { dueDateTime: due && timeOf(due) }),
    ...(completed !== undefined && { status: completed === true ? 'completed' : openStatus(current?.status) }),
    ...(importance !== undefined && { importance }),
  }),
}

/** Returns the status of a task that is not completed: the one that it has, if it is one of those. */
const openStatus = (status = 'completed'): string => (status === 'completed' ? 'notStarted' : status)

const HOUR_MS = 60 * 60_000
/** From this hour of UTC on, midnight is that of a zone east of Greenwich, where the next day begins. */
const EAST = 11

function dayOf(time: Item['dueDateTime']): string | undefined {
  if (time === undefined) return undefined
  const { dateTime, timeZone = 'UTC' } = time
  const at = Date.parse(`${dateTime.slice(0, 'yyyy-mm-ddThh:mm'.length)}Z`)
  if (timeZone !== 'UTC' || Number.isNaN(at)) return dateTime.slice(0, 'yyyy-mm-dd'.length)
  return new Date(at + (24 - EAST) * HOUR_MS).toISOString().slice(0, 'yyyy-mm-dd'.length)
}

function timeOf(due: string): Item['dueDateTime'] {
  if (/^\d{4}-\d{2}-\d{2}$/.test(due)) return { dateTime: `${due}T00:00:00`, timeZone: 'UTC' }
  throw new ConnectorError('INVALID_INPUT', 'The due date of a row is no day.', {
    outcome: 'not_processed',
    hint: 'Write it as 2026-11-05.',
  })
}
