import { mark } from '@mcpclient/core/define'
import * as z from 'zod'

export const reads = { effect: 'read', scopes: ['Tasks.Read'] } as const
export const writes = { effect: 'write', scopes: ['Tasks.ReadWrite'] } as const

export const listId = z.string().min(1).describe('Id of the list: list_task_lists returns it.')
/** The list that a write goes to, which others may share. */
export const to = mark(listId, { destination: 'channel' })
export const taskId = z.string().min(1).describe('Id of the task, as list_tasks returns it.')
export const pageSize = z.number().int().min(1).max(100).default(100).describe('Items in one page.')

const When = z
  .object({
    dateTime: z.iso.datetime({ local: true, offset: false }).describe('Without an offset: 2026-11-02T14:10:00.'),
    timeZone: z.string().min(1).describe('Name of IANA or Windows, such as America/New_York or UTC.'),
  })
  .describe('A time in a zone. Graph returns it in UTC.')

const day = z.enum(['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'])
const count = z.number().int().min(1)

const Recurrence = z.object({
  pattern: z.object({
    type: z.enum(['daily', 'weekly', 'absoluteMonthly', 'relativeMonthly', 'absoluteYearly', 'relativeYearly']),
    interval: count,
    month: count.max(12).optional(),
    dayOfMonth: count.max(31).optional(),
    daysOfWeek: z.array(day).optional(),
    firstDayOfWeek: day.optional(),
    index: z.enum(['first', 'second', 'third', 'fourth', 'last']).optional(),
  }),
  range: z.object({
    type: z.enum(['endDate', 'noEnd', 'numbered']),
    startDate: z.iso.date(),
    endDate: z.iso.date().optional(),
    recurrenceTimeZone: z.string().optional(),
    numberOfOccurrences: count.optional(),
  }),
})

/** The fields of a task that can be written, and removed. */
export const removable = {
  body: z.object({ content: z.string(), contentType: z.enum(['text', 'html']).default('text') }),
  categories: z.array(z.string()).describe('Names of categories of the user.'),
  startDateTime: When,
  dueDateTime: When.describe('The day in this zone counts; the time does not.'),
  reminderDateTime: When,
  recurrence: Recurrence.describe('Needs dueDateTime.'),
}

/** The other fields of a task that can be written. */
export const kept = {
  title: z.string().min(1),
  status: z.enum(['notStarted', 'inProgress', 'completed', 'waitingOnOthers', 'deferred']),
  importance: z.enum(['low', 'normal', 'high']),
  isReminderOn: z.boolean(),
}
