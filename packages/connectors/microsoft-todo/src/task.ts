import { nullable, valueAt } from '@mcpclient/core/define'
import type { Schema } from '@mcpclient/core/define'
import * as z from 'zod'

const text = nullable(z.string())
/** Graph returns an empty value for a field without one. */
const filled = <Value extends z.ZodType>(value: Value, isEmpty: (value: unknown) => boolean) =>
  z.preprocess((read) => (read === null || isEmpty(read) ? undefined : read), value.optional())

const Title = filled(z.string(), (title) => title === '')
const Body = filled(z.object({ content: text, contentType: text }), (body) => valueAt(body, 'content') === '')
const Categories = filled(z.array(z.string()), (names) => Array.isArray(names) && names.length === 0)
const When = nullable(z.object({ dateTime: z.string(), timeZone: text }))

const Fields = z.object({
  id: z.string().min(1),
  title: Title,
  body: Body,
  status: text,
  importance: text,
  categories: Categories,
  startDateTime: When,
  dueDateTime: When,
  reminderDateTime: When,
  isReminderOn: nullable(z.boolean()),
  recurrence: nullable(z.looseObject({})),
  completedDateTime: When,
})

/** A row. The time of the last change orders what is read. It is no field, so that a write does not change the row again. */
export const Task: Schema<z.output<typeof Fields>> = Fields.loose()

/** Returns the time of the last change, in milliseconds since the epoch. */
export const changedAt = (task: object): number | undefined =>
  Date.parse(String(valueAt(task, 'lastModifiedDateTime'))) || undefined
