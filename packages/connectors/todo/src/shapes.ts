import { mark } from '@mcpclient/core/define'
import * as z from 'zod'

export const id = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, '1 to 64 letters, digits, "_" and "-".')
  .describe('Id of the task, as list_tasks returns it.')

export const priority = z.enum(['low', 'normal', 'high'])
export const status = z.enum(['open', 'done'])
export const tag = z.string().trim().min(1).max(50)
export const day = z.iso.date()

/** The fields that a caller writes. */
export const written = {
  title: z.string().trim().min(1).max(500),
  notes: z.string().max(20_000),
  due: day.describe('The day by which it has to be done: 2026-11-05.'),
  priority,
  tags: z.array(tag).max(20),
}

/** Other programs and agents may have copied the text from anywhere. */
const text = mark(z.string(), { private: true, untrusted: true })
const tags = mark(z.array(z.string()), { private: true, untrusted: true })

/** A row of the store, whose key holds the id. Fields of later versions stay in it. */
export const Row = z.looseObject({
  title: z.string(),
  notes: z.string().optional(),
  due: day.optional(),
  priority,
  tags: z.array(z.string()),
  status,
  createdAt: z.iso.datetime(),
  completedAt: z.iso.datetime().optional(),
  updatedAt: z.iso.datetime(),
})
export type Row = z.output<typeof Row>

export const Task = z.object({
  id: z.string(),
  title: text,
  notes: text.optional(),
  due: day.optional(),
  priority,
  tags,
  status,
  createdAt: z.string(),
  completedAt: z.string().optional(),
  updatedAt: z.string(),
})

export const ChangedTask = Task.extend({
  /** False if the task was already like this, so that nothing was written. */
  changed: z.boolean(),
})

/** The changes of a task; null empties a field. */
export const Changes = z
  .object({
    title: written.title,
    notes: written.notes.nullable(),
    due: written.due.nullable(),
    priority: priority.nullable().describe('null: normal.'),
    tags: written.tags.nullable(),
  })
  .partial()
export type Changes = z.output<typeof Changes>

export const UpdatedTask = ChangedTask.extend({
  /** The previous values of the fields that changed; null if a field was empty. */
  previous: mark(
    z.object({
      title: z.string().optional(),
      notes: z.string().nullable().optional(),
      due: z.string().nullable().optional(),
      priority: priority.optional(),
      tags: z.array(z.string()).optional(),
    }),
    { private: true, untrusted: true },
  ),
})
