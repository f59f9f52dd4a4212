import { del, get, patch, post, send, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { contact, fields, person, sources } from '../inputs.ts'
import { connections, maskOf, pagesOf, peopleMethod, personAt, personOf } from '../requests.ts'
import { scopes } from '../scopes.ts'
import { Deleted, Person } from '../shapes.ts'

const reads = { effect: 'read', scopes: [scopes.read] } as const
const writes = { effect: 'write', scopes: [scopes.write] } as const

const Contact = z.object(contact).partial()
type Contact = z.output<typeof Contact>

const Found = z.object({ results: z.array(z.object({ person: Person })).default([]) })

/** Returns how a preview names a contact. */
export const nameOf = ({ names, emailAddresses, organizations }: Contact): string => {
  const { unstructuredName, givenName, familyName } = names?.[0] ?? {}
  const parts = [givenName, familyName].filter((part) => part !== undefined).join(' ')
  return unstructuredName ?? (parts || (emailAddresses?.[0]?.value ?? organizations?.[0]?.name ?? 'without a name'))
}

/** Single contacts. */
export const contacts = {
  list_contacts: tool({
    description: "List the user's contacts.",
    ...reads,
    input: z.object({
      personFields: fields,
      sortOrder: z
        .enum(['LAST_MODIFIED_ASCENDING', 'LAST_MODIFIED_DESCENDING', 'FIRST_NAME_ASCENDING', 'LAST_NAME_ASCENDING'])
        .optional(),
      pageSize: z.number().int().min(1).max(1000).default(100).describe('Contacts in one page.'),
    }),
    output: z.object({ connections: z.array(Person).default([]) }),
    request: ({ personFields, ...query }) => get(connections, { personFields: maskOf(personFields), ...query }),
    pages: pagesOf('connections'),
  }),
  search_contacts: tool({
    description:
      'Search contacts by the beginnings of words in names, nicknames, e-mail addresses, phone numbers and organizations.',
    ...reads,
    input: z.object({
      query: z.string().min(1).describe('The beginning of a word or phrase: "ada r" finds Ada Reed, "eed" does not.'),
      personFields: fields,
      pageSize: z.number().int().min(1).max(30).default(10).describe('There are no further pages.'),
      warmUp: z
        .boolean()
        .default(true)
        .describe('Send an empty search first, which updates the index of Google. Not needed again within minutes.'),
    }),
    output: Found,
    *run({ query, personFields, pageSize, warmUp }) {
      const readMask = maskOf(personFields)
      const search = peopleMethod('searchContacts')
      if (warmUp) yield* send(get(search, { query: '', readMask }), Found)
      return yield* send(get(search, { query, readMask, pageSize }), Found)
    },
    examples: [{ input: { query: 'ada' } }],
  }),
  get_contact: tool({
    description: 'Get one contact by its resource name.',
    ...reads,
    input: z.object({ resourceName: person, personFields: fields }),
    output: Person,
    request: ({ resourceName, personFields }) => get(personAt(resourceName), { personFields: maskOf(personFields) }),
  }),
  create_contact: tool({
    description: 'Create a contact. Google does not recognize a repeated call: it creates a second contact.',
    ...writes,
    input: Contact.refine((input) => Object.keys(input).length > 0, 'Pass at least one field.'),
    output: Person,
    request: (input) => post(peopleMethod('createContact'), personOf(input), { query: { personFields: maskOf() } }),
    preview: (input) => `Create the contact ${nameOf(input)}.`,
    undo: ({ output }) => ({ tool: 'delete_contact', input: { resourceName: output.resourceName } }),
    reconcile: 'Find it with list_contacts and sortOrder LAST_MODIFIED_DESCENDING before you create it again.',
    examples: [
      {
        input: {
          names: [{ givenName: 'Ada', familyName: 'Reed' }],
          emailAddresses: [{ value: 'ada@marshes.example', type: 'work' }],
        },
      },
    ],
  }),
  update_contact: tool({
    description:
      'Change fields of a contact. Fields that are not passed stay; a list replaces the whole list, and an empty list removes the field.',
    ...writes,
    input: z
      .object({ resourceName: person, sources, ...Contact.shape })
      .refine(({ resourceName: _name, sources: _sources, ...changes }) => Object.keys(changes).length > 0, {
        message: 'Pass at least one field to change.',
      }),
    output: Person,
    request: ({ resourceName, sources: known, ...changes }) =>
      patch(
        personAt(resourceName, 'updateContact'),
        { ...personOf(changes), metadata: { sources: known } },
        { query: { updatePersonFields: Object.keys(changes).join(','), personFields: maskOf() } },
      ),
    preview: ({ resourceName, sources: _sources, ...changes }) =>
      `Change ${Object.keys(changes).join(', ')} of the contact ${resourceName}.`,
    undo: 'impossible',
    reconcile: 'Read the contact with get_contact: it shows whether the fields have changed.',
  }),
  delete_contact: tool({
    description: 'Delete a contact. Google does not check whether it has changed.',
    effect: 'destroy',
    scopes: [scopes.write],
    input: z.object({ resourceName: person }),
    output: Deleted,
    request: ({ resourceName }) => del(personAt(resourceName, 'deleteContact')),
    preview: ({ resourceName }) => `Delete the contact ${resourceName}.`,
    reconcile: 'Call it again: notFound means that it was deleted.',
  }),
}
