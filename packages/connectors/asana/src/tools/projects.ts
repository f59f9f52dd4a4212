import { path, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import {
  create,
  gid,
  hasOnePosition,
  limit,
  listOf,
  ONE_POSITION,
  pages,
  position,
  read,
  reads,
  user,
  wrapped,
  writes,
} from '../requests.ts'
import { CUSTOM_FIELD, CustomField, Done, PROJECT, Project, SECTION, Section } from '../shapes.ts'

const project_gid = gid.describe('The gid of the project, as list_projects returns it.')
const one = z.object({ project_gid })
const day = z.iso.date().optional()

export const projects = {
  list_projects: tool({
    description: 'List the projects of a workspace.',
    ...reads('projects:read'),
    input: z.object({
      workspace: gid.describe('As list_workspaces returns it.'),
      archived: z.boolean().optional().describe('Only those that are archived, or only those that are not.'),
      limit,
    }),
    output: listOf(Project),
    request: (filter) => read('projects', PROJECT, filter),
    pages,
  }),
  get_project: tool({
    description: 'Get one project: its description, owner, team and dates.',
    ...reads('projects:read'),
    input: one,
    output: wrapped(Project),
    request: (input) => read(path`projects/${input.project_gid}`, PROJECT),
  }),
  create_project: tool({
    description: 'Create a project.',
    ...writes('projects:write'),
    input: z.object({
      name: z.string().min(1),
      workspace: gid,
      team: gid.optional().describe('The team to share it with. Organizations need one.'),
      notes: z.string().optional().describe('The description, as plain text.'),
      due_on: day,
      start_on: day.describe('Needs due_on.'),
      default_view: z.enum(['list', 'board', 'calendar', 'timeline']).optional(),
      privacy_setting: z.enum(['public_to_workspace', 'private']).optional(),
      owner: user.optional().describe('The gid or the e-mail address of a user, or me.'),
    }),
    output: wrapped(Project),
    request: (input) => create('projects', input, PROJECT),
    preview: (input) => `Create the project ${input.name} in the workspace ${input.workspace}.`,
    reconcile: 'Look for it with list_projects before you create it again.',
  }),
  list_sections: tool({
    description: 'List the sections of a project in their order: groups of a list, or columns of a board.',
    ...reads(),
    input: one.extend({ limit }),
    output: listOf(Section),
    request: ({ project_gid: project, ...page }) => read(path`projects/${project}/sections`, SECTION, page),
    pages,
  }),
  create_section: tool({
    description: 'Create a section in a project.',
    ...writes(),
    input: one.extend({ name: z.string().min(1), ...position }).refine(hasOnePosition, ONE_POSITION),
    output: wrapped(Section),
    request: ({ project_gid: project, ...input }) => create(path`projects/${project}/sections`, input, SECTION),
    preview: (input) => `Create the section ${input.name} in the project ${input.project_gid}.`,
    reconcile: 'Look for it with list_sections before you create it again.',
  }),
  add_task_to_section: tool({
    description: 'Move a task to a section of its project, to the top unless a position is passed.',
    ...writes('tasks:write'),
    input: z.object({ section_gid: gid, task: gid, ...position }).refine(hasOnePosition, ONE_POSITION),
    output: wrapped(Done),
    request: ({ section_gid: section, ...input }) => create(path`sections/${section}/addTask`, input),
    preview: (input) => `Move the task ${input.task} to the section ${input.section_gid}.`,
    reconcile: 'Read memberships with get_task.',
  }),
  list_project_custom_fields: tool({
    description: 'List the custom fields that the tasks of a project have.',
    ...reads('projects:read'),
    input: one.extend({ limit }),
    output: listOf(z.object({ gid: z.string(), custom_field: CustomField })),
    request: ({ project_gid: project, ...page }) => {
      const fields = CUSTOM_FIELD.split(',').map((field) => `custom_field.${field}`)
      return read(path`projects/${project}/custom_field_settings`, fields.join(), page)
    },
    pages,
  }),
}
