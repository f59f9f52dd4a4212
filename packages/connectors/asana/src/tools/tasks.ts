import { del, path, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import {
  create,
  destroys,
  gid,
  hasOnePosition,
  limit,
  listOf,
  ONE_POSITION,
  pages,
  position,
  read,
  reads,
  update,
  user,
  wrapped,
  writes,
} from '../requests.ts'
import { Done, Summary, SUMMARY, TASK, Task } from '../shapes.ts'

const task_gid = gid.describe('The gid of the task, as list_tasks returns it.')
const one = z.object({ task_gid })
const assignee = user.describe('The gid or the e-mail address of a user, or me.')
const day = z.iso.date()
const time = z.iso.datetime({ offset: true })
const since = time.optional()
const fields = {
  name: z.string().min(1),
  notes: z.string().optional().describe('The description, as plain text.'),
  html_notes: z
    .string()
    .optional()
    .describe('The description as HTML, instead of notes: <body>It is <b>low</b>.</body>'),
  completed: z.boolean().optional(),
  approval_status: z.enum(['pending', 'approved', 'rejected', 'changes_requested']).optional(),
  custom_fields: z
    .record(gid, z.unknown())
    .optional()
    .describe('Values by the gid of the field: text, a number, the gid of an option, or a list of gids.'),
}
const subtype = z.enum(['default_task', 'milestone', 'approval']).optional()
const newTask = {
  ...fields,
  assignee: assignee.optional(),
  due_on: day.optional().describe('The day on which it is due.'),
  due_at: time.optional().describe('The time at which it is due, instead of due_on.'),
  start_on: day.optional().describe('Needs due_on or due_at.'),
  start_at: time.optional().describe('Needs due_at.'),
  followers: z.array(user).optional().describe('Gids or e-mail addresses of users, who are notified.'),
  tags: z.array(gid).optional(),
  resource_subtype: subtype,
}
const summaries = listOf(Summary)
const Output = wrapped(Task)
const reconcile = 'Look for it with list_tasks before you create it again.'

export const tasks = {
  create_task: tool({
    description: 'Create a task in a workspace or in projects.',
    ...writes('tasks:write'),
    input: z
      .object({
        ...newTask,
        workspace: gid.optional().describe('Not needed with projects.'),
        projects: z.array(gid).min(1).optional(),
      })
      .refine((input) => (input.workspace ?? input.projects) !== undefined, 'Pass workspace or projects.'),
    output: Output,
    request: (input) => create('tasks', input, TASK),
    preview: ({ name, assignee: to, projects = [] }) =>
      [`Create the task ${name}`, to && `for ${to}`, projects.length > 0 && `in ${projects.join(', ')}`]
        .filter(Boolean)
        .join(' '),
    undo: ({ output }) => ({ tool: 'delete_task', input: { task_gid: output.gid } }),
    reconcile,
    examples: [{ input: { name: 'Count herons', workspace: '12345', assignee: 'me', due_on: '2026-11-05' } }],
  }),
  get_task: tool({
    description: 'Get one task with its description, projects and custom fields.',
    ...reads('tasks:read'),
    input: one,
    output: Output,
    request: (input) => read(path`tasks/${input.task_gid}`, TASK),
  }),
  list_tasks: tool({
    description: 'List the tasks of a project, of a section, or of a user in a workspace.',
    ...reads('tasks:read'),
    input: z
      .object({
        project: gid.optional(),
        section: gid.optional(),
        assignee: z
          .string()
          .min(1)
          .optional()
          .describe('The gid or the e-mail address of a user, or me. Needs workspace.'),
        workspace: gid.optional(),
        completed_since: z
          .union([time, z.literal('now')])
          .optional()
          .describe('Only those that are incomplete or were completed since then. now: only incomplete ones.'),
        modified_since: since.describe('Only those that were modified since then.'),
        limit,
      })
      .refine(
        (input) => [input.project, input.section, input.assignee].filter((value) => value !== undefined).length === 1,
        'Pass one of project, section and assignee.',
      )
      .refine((input) => (input.assignee === undefined) === (input.workspace === undefined), {
        message: 'Pass workspace together with assignee.',
      }),
    output: summaries,
    request: (filter) => read('tasks', SUMMARY, filter),
    pages,
  }),
  update_task: tool({
    description: 'Change fields of a task. null removes an assignee, a date or a time.',
    ...writes('tasks:write'),
    input: one
      .extend({
        ...fields,
        name: fields.name.optional(),
        assignee: assignee.nullable().optional(),
        due_on: day.nullable().optional(),
        due_at: time.nullable().optional(),
        start_on: day.nullable().optional().describe('Needs due_on or due_at in the same call.'),
        start_at: time.nullable().optional().describe('Needs due_at in the same call.'),
        resource_subtype: subtype,
      })
      .refine(
        ({ task_gid: _task, ...changes }) => Object.keys(changes).length > 0,
        'Pass at least one field to change.',
      ),
    output: Output,
    request: ({ task_gid: task, ...changes }) => update(path`tasks/${task}`, changes, TASK),
    preview: ({ task_gid: task, ...changes }) => `Change the task ${task}: ${Object.keys(changes).join(', ')}.`,
    reconcile: 'Read it with get_task.',
  }),
  complete_task: tool({
    description: 'Mark a task as completed.',
    ...writes('tasks:write'),
    input: one,
    output: Output,
    request: (input) => update(path`tasks/${input.task_gid}`, { completed: true }, TASK),
    preview: (input) => `Complete the task ${input.task_gid}.`,
    undo: ({ input }) => ({ tool: 'update_task', input: { ...input, completed: false } }),
    reconcile: 'Read completed with get_task.',
  }),
  delete_task: tool({
    description: 'Delete a task. It stays in the trash of the user for 30 days.',
    ...destroys('tasks:delete'),
    input: one,
    output: wrapped(Done),
    request: (input) => del(path`tasks/${input.task_gid}`),
    preview: (input) => `Delete the task ${input.task_gid}.`,
    reconcile: 'Call it again: an error with status 404 means that it was deleted.',
  }),
  list_subtasks: tool({
    description: 'List the subtasks of a task.',
    ...reads('tasks:read'),
    input: one.extend({ limit }),
    output: summaries,
    request: ({ task_gid: task, ...page }) => read(path`tasks/${task}/subtasks`, SUMMARY, page),
    pages,
  }),
  create_subtask: tool({
    description: 'Create a task as a subtask of another one.',
    ...writes('tasks:write'),
    input: one.extend(newTask),
    output: Output,
    request: ({ task_gid: task, ...input }) => create(path`tasks/${task}/subtasks`, input, TASK),
    preview: (input) => `Create the subtask ${input.name} of the task ${input.task_gid}.`,
    undo: ({ output }) => ({ tool: 'delete_task', input: { task_gid: output.gid } }),
    reconcile: 'Look for it with list_subtasks before you create it again.',
  }),
  set_task_parent: tool({
    description: 'Make a task a subtask of another one, or with null a task of its own.',
    ...writes('tasks:write'),
    input: one.extend({ parent: gid.nullable(), ...position }).refine(hasOnePosition, ONE_POSITION),
    output: Output,
    request: ({ task_gid: task, ...input }) => create(path`tasks/${task}/setParent`, input, TASK),
    preview: ({ task_gid: task, parent }) =>
      parent === null ? `Remove the parent of the task ${task}.` : `Make the task ${task} a subtask of ${parent}.`,
    reconcile: 'Read parent with get_task.',
  }),
  add_task_to_project: tool({
    description: 'Add a task to a project, or move it within the project.',
    ...writes('tasks:write'),
    input: one
      .extend({
        project: gid,
        section: gid.optional().describe('Put it at the end of this section.'),
        ...position,
      })
      .refine(hasOnePosition, ONE_POSITION),
    output: wrapped(Done),
    request: ({ task_gid: task, ...input }) => create(path`tasks/${task}/addProject`, input),
    preview: (input) => `Add the task ${input.task_gid} to the project ${input.project}.`,
    // With a section or a position, the task may have been in the project before.
    undo: ({ input: { task_gid, project, ...place } }) =>
      Object.keys(place).length === 0 ? { tool: 'remove_task_from_project', input: { task_gid, project } } : undefined,
    reconcile: 'Read memberships with get_task.',
  }),
  remove_task_from_project: tool({
    description: 'Remove a task from a project. The task itself stays.',
    ...writes('tasks:write'),
    input: one.extend({ project: gid }),
    output: wrapped(Done),
    request: ({ task_gid: task, ...input }) => create(path`tasks/${task}/removeProject`, input),
    preview: (input) => `Remove the task ${input.task_gid} from the project ${input.project}.`,
    undo: ({ input }) => ({ tool: 'add_task_to_project', input }),
    reconcile: 'Read memberships with get_task.',
  }),
}
