import { del, get, post, put, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { group, person } from '../inputs.ts'
import { groupAt, pagesOf } from '../requests.ts'
import { scopes } from '../scopes.ts'
import { Deleted, Group } from '../shapes.ts'

const reads = { effect: 'read', scopes: [scopes.read] } as const
const writes = { effect: 'write', scopes: [scopes.write] } as const

/** The most members of one change. Source: https://developers.google.com/people/api/rest/v1/contactGroups.members/modify */
const MAX_MEMBERS = 1000
const members = z.array(person).max(MAX_MEMBERS).default([])
const name = z.string().min(1).describe('No other group may have it.')
const groupFields = 'clientData,groupType,memberCount,metadata,name'
const readGroupFields = 'groupType,metadata,name'

const Modified = z.object({
  notFoundResourceNames: z.array(z.string()).default([]).describe('Contacts that do not exist.'),
  canNotRemoveLastContactGroupResourceNames: z
    .array(z.string())
    .default([])
    .describe('Contacts that stay, because they belong to no other group.'),
})

/** Contact groups, which Google Contacts shows as labels. */
export const groups = {
  list_contact_groups: tool({
    description: 'List the contact groups: those of the user, and those of the system, such as contactGroups/starred.',
    ...reads,
    input: z.object({ pageSize: z.number().int().min(1).max(1000).default(100).describe('Groups in one page.') }),
    output: z.object({ contactGroups: z.array(Group).default([]) }),
    request: ({ pageSize }) => get('v1/contactGroups', { groupFields, pageSize }),
    pages: pagesOf('contactGroups'),
  }),
  get_contact_group: tool({
    description: 'Get one contact group, with the resource names of its members.',
    ...reads,
    input: z.object({
      resourceName: group,
      maxMembers: z.number().int().min(0).default(1000).describe('The most members to return.'),
    }),
    output: Group,
    request: ({ resourceName, maxMembers }) => get(groupAt(resourceName), { groupFields, maxMembers }),
  }),
  create_contact_group: tool({
    description: 'Create a contact group.',
    ...writes,
    input: z.object({ name }),
    output: Group,
    request: (input) => post('v1/contactGroups', { contactGroup: input, readGroupFields }),
    preview: (input) => `Create the contact group "${input.name}".`,
    undo: ({ output }) => ({ tool: 'delete_contact_group', input: { resourceName: output.resourceName } }),
    reconcile:
      'Find it by its name with list_contact_groups. Calling again is safe: Google refuses a name that is in use.',
  }),
  update_contact_group: tool({
    description: 'Rename a contact group of the user.',
    ...writes,
    input: z.object({ resourceName: group, name }),
    output: Group,
    request: ({ resourceName, ...contactGroup }) =>
      put(groupAt(resourceName), { contactGroup, updateGroupFields: 'name', readGroupFields }),
    preview: (input) => `Rename the contact group ${input.resourceName} to "${input.name}".`,
    undo: 'impossible',
    reconcile: 'Read the group with get_contact_group: it shows its name.',
  }),
  delete_contact_group: tool({
    description: 'Delete a contact group of the user. Its contacts stay, unless deleteContacts is true.',
    effect: 'destroy',
    scopes: [scopes.write],
    input: z.object({
      resourceName: group,
      deleteContacts: z.boolean().default(false).describe('Delete its members as well.'),
    }),
    output: Deleted,
    request: ({ resourceName, deleteContacts }) => del(groupAt(resourceName), undefined, { query: { deleteContacts } }),
    preview: ({ resourceName, deleteContacts }) =>
      `Delete the contact group ${resourceName}${deleteContacts ? ' and all of its contacts' : ''}.`,
    reconcile: 'Call it again: notFound means that it was deleted.',
  }),
  modify_contact_group_members: tool({
    description: 'Add contacts to a group, and remove contacts from it.',
    ...writes,
    input: z
      .object({ resourceName: group, resourceNamesToAdd: members, resourceNamesToRemove: members })
      .refine(({ resourceNamesToAdd: added, resourceNamesToRemove: removed }) => {
        const total = added.length + removed.length
        return total > 0 && total <= MAX_MEMBERS
      }, 'Pass 1 to 1000 contacts.'),
    output: Modified,
    request: ({ resourceName, ...changes }) => post(`${groupAt(resourceName)}/members:modify`, changes),
    preview: ({ resourceName, resourceNamesToAdd: added, resourceNamesToRemove: removed }) =>
      `Add ${added.length} contacts to the group ${resourceName}, and remove ${removed.length}.`,
    // Which of them were members before is not known.
    undo: 'impossible',
    reconcile: 'Read the group with get_contact_group: it lists its members.',
  }),
}
