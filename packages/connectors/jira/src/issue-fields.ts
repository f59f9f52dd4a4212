import * as z from 'zod'
import { accountId, projectIdOrKey } from './inputs.ts'
import type { Context } from './inputs.ts'
import { richText, writtenText } from './rich-text.ts'
import type { AdfDocument } from './adf.ts'

const name = z.string().min(1)

/** The fields of an issue that can be written. */
export const writable = {
  summary: z.string().min(1).max(255),
  issuetype: name.describe('Name or id of the issue type: list_issue_types returns those of a project.'),
  priority: name.describe('Name or id of the priority.'),
  reporter: accountId,
  labels: z.array(z.string().regex(/^\S+$/, 'A label has no spaces.')),
  components: z.array(name).describe('Names or ids of components of the project.'),
  parent: name.describe('Id or key of the parent: of a subtask, or the epic of an issue.'),
  customFields: z
    .record(z.string().regex(/^customfield_\d+$/), z.unknown())
    .describe('Custom fields by their ids, such as customfield_10016, in the form that Jira takes.'),
}

/** Those that can also be emptied. */
export const removable = {
  description: richText,
  assignee: accountId,
  duedate: z.iso.date().describe('A day, such as 2026-11-05.'),
}

export const project = projectIdOrKey

interface Written {
  readonly project?: string | undefined
  readonly issuetype?: string | undefined
  readonly priority?: string | undefined
  readonly parent?: string | undefined
  readonly reporter?: string | undefined
  readonly assignee?: string | null | undefined
  readonly description?: string | AdfDocument | null | undefined
  readonly components?: readonly string[] | undefined
  readonly customFields?: Readonly<Record<string, unknown>> | undefined
}

/** Returns the fields as Jira takes them: texts as documents, and names and ids as objects. */
export function fieldsOf(given: Written, { settings }: Context): object {
  const { customFields, description, assignee, reporter, components, ...rest } = given
  const { project: inProject, issuetype, priority, parent, ...plain } = rest
  return {
    ...plain,
    ...customFields,
    ...(inProject !== undefined && { project: named(inProject, 'key') }),
    ...(issuetype !== undefined && { issuetype: named(issuetype, 'name') }),
    ...(priority !== undefined && { priority: named(priority, 'name') }),
    ...(parent !== undefined && { parent: named(parent, 'key') }),
    ...(components !== undefined && { components: components.map((component) => named(component, 'name')) }),
    ...(reporter !== undefined && { reporter: { accountId: reporter } }),
    ...(assignee !== undefined && { assignee: assignee && { accountId: assignee } }),
    ...(description !== undefined && { description: description && writtenText(description, settings.apiVersion) }),
  }
}

/** Digits are an id. */
const named = (value: string, otherwise: 'key' | 'name'): object =>
  /^\d+$/.test(value) ? { id: value } : { [otherwise]: value }
