import { get, post, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { contact, fields, person, sources } from '../inputs.ts'
import { maskOf, peopleMethod, personOf } from '../requests.ts'
import { scopes } from '../scopes.ts'
import { Deleted, PersonResponse } from '../shapes.ts'
import { nameOf } from './contacts.ts'

/** The most contacts of a batch. Source: https://developers.google.com/people/api/rest/v1/people/batchCreateContacts */
const MAX_READ = 200
const MAX_WRITTEN = 200
const MAX_DELETED = 500

const writes = { effect: 'write', scopes: [scopes.write] } as const
const Contact = z.object(contact).partial()
const Changed = Contact.extend({ resourceName: person, sources })

const changesOf = ({ resourceName: _name, sources: _sources, ...changes }: z.output<typeof Changed>) => changes
const masks = (contacts: readonly z.output<typeof Changed>[]): ReadonlySet<string> =>
  new Set(contacts.map((each) => Object.keys(changesOf(each)).toSorted().join(',')))

/** Several contacts in one request. */
export const batches = {
  batch_get_contacts: tool({
    description: 'Get up to 200 contacts by their resource names.',
    effect: 'read',
    scopes: [scopes.read],
    input: z.object({ resourceNames: z.array(person).min(1).max(MAX_READ), personFields: fields }),
    output: z.object({ responses: z.array(PersonResponse) }),
    request: ({ resourceNames, personFields }) =>
      get(peopleMethod('batchGet'), { resourceNames, personFields: maskOf(personFields) }),
  }),
  batch_create_contacts: tool({
    description: 'Create up to 200 contacts. Google does not recognize a repeated call: it creates them a second time.',
    ...writes,
    input: z.object({ contacts: z.array(Contact).min(1).max(MAX_WRITTEN) }),
    output: z.object({ createdPeople: z.array(PersonResponse) }),
    request: ({ contacts }) =>
      post(peopleMethod('batchCreateContacts'), {
        contacts: contacts.map((each) => ({ contactPerson: personOf(each) })),
        readMask: maskOf(),
      }),
    preview: ({ contacts }) => `Create ${contacts.length} contacts: ${contacts.map(nameOf).join(', ')}.`,
    undo: ({ output }) => ({
      tool: 'batch_delete_contacts',
      input: { resourceNames: output.createdPeople.flatMap(({ person: made }) => made?.resourceName ?? []) },
    }),
    reconcile: 'Find them with list_contacts and sortOrder LAST_MODIFIED_DESCENDING before you create them again.',
  }),
  batch_update_contacts: tool({
    description:
      'Change the same fields of up to 200 contacts. A list replaces the whole list, and an empty list removes the field.',
    ...writes,
    input: z.object({
      contacts: z
        .array(Changed)
        .min(1)
        .max(MAX_WRITTEN)
        // One mask applies to all: a field that one contact does not have would be removed from it.
        .refine((contacts) => masks(contacts).size === 1, 'Pass the same fields for each contact.')
        .refine((contacts) => !masks(contacts).has(''), 'Pass at least one field to change.'),
    }),
    output: z.object({ updateResult: z.record(z.string(), PersonResponse) }),
    request: ({ contacts }) =>
      post(peopleMethod('batchUpdateContacts'), {
        contacts: Object.fromEntries(
          contacts.map((each) => [
            each.resourceName,
            { ...personOf(changesOf(each)), metadata: { sources: each.sources } },
          ]),
        ),
        updateMask: [...masks(contacts)].join(','),
        readMask: maskOf(),
      }),
    preview: ({ contacts }) =>
      `Change ${[...masks(contacts)].join(',').replaceAll(',', ', ')} of ${contacts.length} contacts: ` +
      `${contacts.map(({ resourceName }) => resourceName).join(', ')}.`,
    undo: 'impossible',
    reconcile: 'Read them with batch_get_contacts: they show whether the fields have changed.',
  }),
  batch_delete_contacts: tool({
    description: 'Delete up to 500 contacts. Google does not check whether they have changed.',
    effect: 'destroy',
    scopes: [scopes.write],
    input: z.object({ resourceNames: z.array(person).min(1).max(MAX_DELETED) }),
    output: Deleted,
    request: (input) => post(peopleMethod('batchDeleteContacts'), input),
    preview: ({ resourceNames }) => `Delete ${resourceNames.length} contacts: ${resourceNames.join(', ')}.`,
    reconcile: 'Read them with batch_get_contacts: those that were deleted are not found.',
  }),
}
