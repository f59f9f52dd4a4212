import { del, get, patch, post, tool } from '@mcpclient/core/define'
import { ifMatch, odataPages } from '@mcpclient/microsoft'
import * as z from 'zod'
import { contactId, etag, fields, folderId, pageSize } from '../inputs.ts'
import { changesOf, contactAt, contactsOf } from '../requests.ts'
import { Contact, Deleted } from '../shapes.ts'

const reads = { effect: 'read', scopes: ['Contacts.Read'] } as const
const writes = { effect: 'write', scopes: ['Contacts.ReadWrite'] } as const

const List = z.object({ value: z.array(Contact) })
const New = z.object(fields).partial()
/** Null removes a field. */
const Changes = z.object(
  Object.fromEntries(Object.entries(fields).map(([name, schema]) => [name, schema.nullable().optional()])) as {
    readonly [Name in keyof typeof fields]: z.ZodOptional<z.ZodNullable<(typeof fields)[Name]>>
  },
)

const NAMES = ['displayName', 'givenName', 'surname'] as const

/** Returns a text within a filter. */
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** Returns how a preview names a contact. */
const nameOf = ({ displayName, givenName, surname, emailAddresses, companyName }: z.output<typeof New>): string => {
  const parts = [givenName, surname].filter((part) => part !== undefined).join(' ')
  return displayName ?? (parts || (emailAddresses?.[0]?.address ?? companyName ?? 'without a name'))
}

export const contacts = {
  list_contacts: tool({
    description: 'List the contacts of a folder.',
    ...reads,
    input: z.object({
      folderId,
      orderBy: z.enum(['displayName', 'givenName', 'surname', 'lastModifiedDateTime desc']).optional(),
      pageSize,
    }),
    output: List,
    request: ({ orderBy, pageSize: size, ...folder }) => get(contactsOf(folder), { $top: size, $orderby: orderBy }),
    pages: odataPages(1),
  }),
  search_contacts: tool({
    description: 'Search the contacts of a folder by the beginning of a name, or by an e-mail address.',
    ...reads,
    input: z
      .object({
        folderId,
        name: z.string().min(1).optional().describe('The beginning of the display name, given name or surname.'),
        email: z.email().optional().describe('The whole address.'),
        pageSize,
      })
      .refine(({ name, email }) => (name === undefined) !== (email === undefined), 'Pass either name or email.'),
    output: List,
    request: ({ name = '', email, pageSize: size, ...folder }) =>
      get(contactsOf(folder), {
        $filter:
          email === undefined
            ? NAMES.map((field) => `startswith(${field},${quoted(name)})`).join(' or ')
            : `emailAddresses/any(a:a/address eq ${quoted(email)})`,
        $top: size,
      }),
    pages: odataPages(1),
    examples: [{ input: { name: 'Ada' } }, { input: { email: 'ada@marshes.example' } }],
  }),
  get_contact: tool({
    description: 'Get one contact by its id.',
    ...reads,
    input: z.object({ contactId, folderId }),
    output: Contact,
    request: (contact) => get(contactAt(contact)),
  }),
  create_contact: tool({
    description: 'Create a contact. Graph does not recognize a repeated call: it creates a second contact.',
    ...writes,
    input: z
      .object({ folderId, ...New.shape })
      .refine(({ folderId: _folder, ...contact }) => Object.keys(contact).length > 0, 'Pass at least one field.'),
    output: Contact,
    request: ({ folderId: folder, ...contact }) => post(contactsOf({ folderId: folder }), contact),
    preview: (input) => `Create the contact ${nameOf(input)}.`,
    undo: ({ input, output }) => ({
      tool: 'delete_contact',
      input: { contactId: output.id, folderId: input.folderId },
    }),
    reconcile: "Find it with list_contacts and orderBy 'lastModifiedDateTime desc' before you create it again.",
    examples: [{ input: { givenName: 'Ada', surname: 'Reed', emailAddresses: [{ address: 'ada@marshes.example' }] } }],
  }),
  update_contact: tool({
    description:
      'Change fields of a contact. Fields that are not passed stay; null removes a field. A list or an address is replaced as a whole.',
    ...writes,
    input: z
      .object({ contactId, folderId, etag, ...Changes.shape })
      .refine(({ contactId: _id, folderId: _folder, etag: _etag, ...changes }) => Object.keys(changes).length > 0, {
        message: 'Pass at least one field to change.',
      }),
    output: Contact,
    request: ({ contactId: id, folderId: folder, etag: known, ...changes }) =>
      patch(contactAt({ contactId: id, folderId: folder }), changesOf(changes), { headers: ifMatch(known) }),
    preview: ({ contactId: id, folderId: _folder, etag: _etag, ...changes }) =>
      `Change ${Object.keys(changes).join(', ')} of the contact ${id}.`,
    undo: 'impossible',
    reconcile: 'Read the contact with get_contact: it shows whether the fields have changed.',
  }),
  delete_contact: tool({
    description: 'Delete a contact.',
    effect: 'destroy',
    scopes: writes.scopes,
    input: z.object({ contactId, folderId, etag }),
    output: Deleted,
    request: ({ etag: known, ...contact }) => del(contactAt(contact), undefined, { headers: ifMatch(known) }),
    preview: ({ contactId: id }) => `Delete the contact ${id}.`,
    reconcile: 'Call it again: ErrorItemNotFound means that it was deleted.',
  }),
}
