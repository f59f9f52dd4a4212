import { mark, noContent, nullable } from '@mcpclient/core/define'
import * as z from 'zod'
import { RichText } from './rich-text.ts'

const text = nullable(z.string())
const count = nullable(z.number())
const flag = nullable(z.boolean())
/** A text that users of the site write. */
const written = nullable(mark(z.string(), { untrusted: true, private: true }))
const personal = nullable(mark(z.string(), { private: true }))
const list = <Entry extends z.ZodType>(entry: Entry) => nullable(z.array(entry))

const Person = z.object({
  accountId: text,
  accountType: text.describe('atlassian, app or customer.'),
  displayName: written,
  emailAddress: personal.describe('Absent if the user hides it.'),
  active: flag,
  timeZone: text,
})
/** A user. The name is the one that the user shows. */
export const User = Person.extend({ accountId: z.string() })
/** A user in an issue or an event, which may know less. */
export const SomeUser = nullable(Person)

const Named = nullable(z.object({ id: text, name: text }))

export const Status = z.object({
  id: text,
  name: text,
  statusCategory: nullable(z.object({ key: text, name: text }).describe('key: new, indeterminate or done.')),
})

export const IssueType = z.object({
  id: text,
  name: text,
  description: written,
  subtask: flag,
  hierarchyLevel: count.describe('-1 for subtasks, 0 for standard issues, 1 for epics.'),
})

export const Attachment = z.object({
  id: z.preprocess((id) => (typeof id === 'number' ? String(id) : id), z.string()),
  filename: written,
  mimeType: text,
  size: count.describe('Bytes.'),
  created: text,
  author: SomeUser,
})

const visibility = nullable(z.object({ type: text, value: text }))

export const Comment = z.object({
  id: z.string(),
  author: SomeUser,
  body: RichText,
  created: text,
  updated: text,
  visibility,
  jsdPublic: flag.describe('Whether customers of a service project see it.'),
})

export const Worklog = z.object({
  id: z.string(),
  issueId: text,
  author: SomeUser,
  comment: RichText,
  started: text,
  timeSpent: text,
  timeSpentSeconds: count,
  created: text,
  updated: text,
  visibility,
})

export const Transition = z.object({
  id: z.string(),
  name: text,
  to: nullable(Status),
  hasScreen: flag.describe('Whether it may ask for fields.'),
  isAvailable: flag,
})

export const Project = z.object({
  id: z.string(),
  key: z.string(),
  name: text,
  description: written,
  projectTypeKey: text.describe('software, service_desk or business.'),
  style: text.describe('classic or next-gen.'),
  isPrivate: flag,
  archived: flag,
  lead: SomeUser,
  issueTypes: list(IssueType),
})

const Related = z.object({
  id: text,
  key: text,
  fields: nullable(z.object({ summary: written, status: nullable(Status), issuetype: Named })),
})

/** Collects custom fields, whose names are numbered on each site, in a record. */
function withCustomFields(fields: unknown): unknown {
  if (typeof fields !== 'object' || fields === null) return fields
  const custom = Object.entries(fields).filter(([name, value]) => /^customfield_\d+$/.test(name) && value !== null)
  return { ...fields, customFields: custom.length === 0 ? undefined : Object.fromEntries(custom) }
}

const Fields = z.object({
  summary: written,
  description: RichText,
  issuetype: nullable(IssueType),
  project: nullable(z.object({ id: text, key: text, name: text })),
  status: nullable(Status),
  resolution: Named,
  priority: Named,
  assignee: SomeUser,
  reporter: SomeUser,
  creator: SomeUser,
  labels: list(mark(z.string(), { untrusted: true })),
  components: list(z.object({ id: text, name: text })),
  fixVersions: list(z.object({ id: text, name: text, released: flag })),
  parent: nullable(Related),
  subtasks: list(Related),
  issuelinks: list(
    z.object({
      id: text,
      type: nullable(z.object({ name: text, inward: text, outward: text })),
      inwardIssue: nullable(Related),
      outwardIssue: nullable(Related),
    }),
  ),
  attachment: list(Attachment),
  created: text,
  updated: text,
  resolutiondate: text,
  duedate: text.describe('A day, such as 2026-11-05.'),
  customFields: z
    .record(z.string(), mark(z.unknown(), { untrusted: true, private: true }))
    .optional()
    .describe('The custom fields of the site by their ids, such as customfield_10016.'),
})

export const Issue = z.object({
  id: z.string(),
  key: z.string(),
  fields: nullable(z.preprocess(withCustomFields, Fields)),
})

/** Jira returns no body. */
export const Done = noContent(z.object({ ok: z.literal(true) }))
