import * as z from 'zod'

/** A task of a list. */
export const Task = z.object({
  title: z.string().optional(),
  notes: z.string().optional(),
  due: z.iso.date().optional().describe('The day by which it has to be done.'),
  completed: z.boolean().optional(),
  completedOn: z.iso.date().optional(),
  importance: z.enum(['low', 'normal', 'high']).optional(),
})
export type Task = z.output<typeof Task>
