import { mark, noContent, nullable } from '@mcpclient/core/define'
import * as z from 'zod'

const text = nullable(z.string())
const flag = nullable(z.boolean())
/** A text that members of a shared list write, or the sender of a flagged message. */
const written = nullable(mark(z.string(), { untrusted: true, private: true }))
const list = <Entry extends z.ZodType>(entry: Entry) => nullable(z.array(entry))

/** A time as Graph returns it: without an offset, in the zone beside it. */
const When = nullable(z.object({ dateTime: z.string(), timeZone: text }))

export const TaskList = z.object({
  id: z.string(),
  displayName: written,
  isOwner: flag,
  isShared: flag,
  wellknownListName: text.describe('defaultList, flaggedEmails, or none.'),
})

export const Step = z.object({
  id: z.string(),
  displayName: written,
  isChecked: flag,
  createdDateTime: text,
  checkedDateTime: text,
})

export const Link = z.object({
  id: z.string(),
  webUrl: written,
  applicationName: written,
  displayName: written,
  externalId: written,
})

export const Task = z.object({
  id: z.string(),
  title: written,
  body: nullable(z.object({ content: written, contentType: text })),
  status: text.describe('notStarted, inProgress, completed, waitingOnOthers or deferred.'),
  importance: text.describe('low, normal or high.'),
  categories: list(z.string()),
  startDateTime: When,
  dueDateTime: When.describe('The day counts; the time does not.'),
  reminderDateTime: When,
  isReminderOn: flag,
  recurrence: nullable(
    z.object({
      pattern: nullable(
        z.object({
          type: text,
          interval: nullable(z.number()),
          month: nullable(z.number()),
          dayOfMonth: nullable(z.number()),
          daysOfWeek: list(z.string()),
          firstDayOfWeek: text,
          index: text,
        }),
      ),
      range: nullable(
        z.object({
          type: text,
          startDate: text,
          endDate: text,
          recurrenceTimeZone: text,
          numberOfOccurrences: nullable(z.number()),
        }),
      ),
    }),
  ),
  hasAttachments: flag,
  createdDateTime: text,
  lastModifiedDateTime: text,
  completedDateTime: When,
  checklistItems: list(Step).describe('Steps. Present in the response of get_task only.'),
  linkedResources: list(Link),
})

/** Graph returns no body. */
export const Deleted = noContent(z.object({ deleted: z.literal(true) }))
