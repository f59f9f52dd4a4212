import { mark, nullable } from '@mcpclient/core/define'
import * as z from 'zod'

const text = nullable(z.string())
const flag = nullable(z.boolean())
const count = nullable(z.number())
/** Text of users, who may be guests of the workspace. */
const written = nullable(mark(z.string(), { untrusted: true, private: true }))
const named = z.object({ gid: z.string(), name: written })
const Person = z.object({ gid: z.string(), name: nullable(mark(z.string(), { private: true })) })
const at = text.describe('ISO 8601, in UTC.')

// Each list of fields is what the schema below it reads. `gid` is always returned.
export const TASK =
  'name,resource_subtype,approval_status,completed,completed_at,assignee.name,due_on,due_at,start_on,start_at,notes,parent.name,' +
  'memberships.project.name,memberships.section.name,tags.name,followers.name,custom_fields.name,custom_fields.resource_subtype,' +
  'custom_fields.display_value,num_subtasks,workspace.name,permalink_url,created_at,modified_at'

export const Task = z.object({
  gid: z.string(),
  name: written,
  resource_subtype: text.describe('default_task, milestone, approval or custom.'),
  approval_status: text.describe('pending, approved, rejected or changes_requested; of approvals only.'),
  completed: flag,
  completed_at: at,
  assignee: nullable(Person),
  due_on: text.describe('A day, in the zone of the user.'),
  due_at: at,
  start_on: text,
  start_at: at,
  notes: written.describe('The description, as plain text.'),
  parent: nullable(named).describe('The task that this is a subtask of.'),
  memberships: nullable(z.array(z.object({ project: nullable(named), section: nullable(named) }))),
  tags: nullable(z.array(named)),
  followers: nullable(z.array(Person)),
  custom_fields: nullable(z.array(named.extend({ resource_subtype: text, display_value: written }))),
  num_subtasks: count,
  workspace: nullable(named),
  permalink_url: text,
  created_at: at,
  modified_at: at,
})

export const SUMMARY =
  'name,resource_subtype,completed,assignee.name,due_on,due_at,parent.name,permalink_url,modified_at'

/** A task in a list. */
export const Summary = Task.pick({
  gid: true,
  name: true,
  resource_subtype: true,
  completed: true,
  assignee: true,
  due_on: true,
  due_at: true,
  parent: true,
  permalink_url: true,
  modified_at: true,
})

export const PROJECT =
  'name,archived,completed,color,default_view,due_on,start_on,notes,owner.name,privacy_setting,team.name,workspace.name,' +
  'permalink_url,created_at,modified_at'

export const Project = z.object({
  gid: z.string(),
  name: written,
  archived: flag,
  completed: flag,
  color: text,
  default_view: text.describe('list, board, calendar or timeline.'),
  due_on: text,
  start_on: text,
  notes: written,
  owner: nullable(Person),
  privacy_setting: text.describe('public_to_workspace or private.'),
  team: nullable(named),
  workspace: nullable(named),
  permalink_url: text,
  created_at: at,
  modified_at: at,
})

export const SECTION = 'name,created_at,project.name'
export const Section = named.extend({ created_at: at, project: nullable(named) })

export const STORY = 'type,resource_subtype,text,created_by.name,created_at,is_edited,is_pinned'
export const Story = z.object({
  gid: z.string(),
  type: text.describe('comment, or system for what Asana wrote about a change.'),
  resource_subtype: text.describe('comment_added, assigned, due_date_changed and others.'),
  text: written,
  created_by: nullable(Person),
  created_at: at,
  is_edited: flag,
  is_pinned: flag,
})

export const ATTACHMENT = 'name,resource_subtype,host,size,download_url,permanent_url,view_url,created_at,parent.name'
export const Attachment = named.extend({
  resource_subtype: text.describe('asana for an uploaded file, external for a link, or another service.'),
  host: text,
  size: count.describe('Bytes.'),
  download_url: nullable(mark(z.string(), { private: true })).describe('Works without a sign-in, for a short time.'),
  permanent_url: text.describe('Works for users who can see it.'),
  view_url: text,
  created_at: at,
  parent: nullable(named),
})

export const USER = 'name,email,workspaces.name'
export const User = Person.extend({
  email: nullable(mark(z.string(), { private: true })),
  workspaces: nullable(z.array(named)),
})

export const WORKSPACE = 'name,is_organization'
export const Workspace = named.extend({ is_organization: flag })

export const CUSTOM_FIELD =
  'name,description,resource_subtype,precision,currency_code,is_value_read_only,enum_options.name,enum_options.enabled'
export const CustomField = named.extend({
  description: written,
  resource_subtype: text.describe('text, number, enum, multi_enum, date and others.'),
  precision: count,
  currency_code: text,
  is_value_read_only: flag,
  enum_options: nullable(z.array(named.extend({ enabled: flag }))).describe('Their gids are the values of the field.'),
})

export const NAMED = 'name'
export const Named = named

const Resource = z.object({ gid: z.string(), resource_type: text, resource_subtype: text, name: written })
export const Event = z.object({
  action: text.describe('changed, added, removed, deleted or undeleted.'),
  created_at: at,
  user: nullable(Person),
  resource: nullable(Resource),
  parent: nullable(Resource).describe('What the resource was added to or removed from.'),
  change: nullable(z.object({ field: text, action: text })),
})

/** Asana returns an empty record. */
export const Done = z.object({})
