import { del, get, patch, post, sync, valueAt } from '@mcpclient/core/define'
import type { Schema } from '@mcpclient/core/define'
import { deltaPage, graphSubscription, ifMatch, prefer, syncCodes } from '@mcpclient/microsoft'
import * as z from 'zod'
import { Contact } from './contact.ts'
import { folderId } from './inputs.ts'
import { changesOf, contactAt, contactsOf } from './requests.ts'

const Params = z.object({ folderId })
type Params = z.output<typeof Params>

// The time of the last change orders what is read. It is no field of a row, so that a write does not change the row again.
const Row: Schema<z.output<typeof Contact>> = Contact.loose()

/** The contacts of one folder. */
export const contacts = sync({
  description: 'The contacts of one folder, both ways.',
  params: Params,
  item: Row,
  key: 'id',
  version: '@odata.etag',
  revision: (contact) => Date.parse(String(valueAt(contact, 'lastModifiedDateTime'))) || undefined,
  codes: syncCodes,
  scopes: ['Contacts.Read'],
  // Changes may show late, and Microsoft names no time: https://learn.microsoft.com/graph/delta-query-overview
  settleMs: 5 * 60_000,
  page: deltaPage(),
  pull: ({ params, since, page }) =>
    get(page ?? since ?? `${contactsOf(params.folderId)}/delta`, {}, { headers: prefer({ pageSize: 500 }) }),
  get: (id, { params }) => get(contactAt(id, params.folderId)),
  push: {
    create: (contact, { params }) => post(contactsOf(params.folderId), contact),
    update: (changes, { params, id, version }) =>
      patch(contactAt(id, params.folderId), changesOf(changes), { headers: ifMatch(version) }),
    remove: ({ params, id, version }) => del(contactAt(id, params.folderId), undefined, { headers: ifMatch(version) }),
  },
})

export const contactChanges = graphSubscription('contacts', {
  resource: ({ folderId: folder }: Params) => contactsOf(folder),
})
