import { defineConnector, del, get, patch, post, sync } from '@mcpclient/core/define'
import type { NamedFactory, TypesOfFactory } from '@mcpclient/core/define'
import * as graph from '@mcpclient/microsoft'
import { changedAt, Contact, Folder } from './contact.ts'
import { changesOf, contactAt, contactsOf } from './requests.ts'
import { tools } from './tools.ts'

const contacts = sync({
  description: 'The contacts of one folder, both ways.',
  params: Folder,
  item: Contact,
  key: 'id',
  version: '@odata.etag',
  revision: changedAt,
  codes: graph.syncCodes,
  scopes: ['Contacts.Read'],
  // Changes may show late, and Microsoft names no time: https://learn.microsoft.com/graph/delta-query-overview
  settleMs: 5 * 60_000,
  page: graph.deltaPage(),
  pull: ({ params, since, page }) =>
    get(page ?? since ?? `${contactsOf(params)}/delta`, {}, { headers: graph.prefer({ pageSize: 500 }) }),
  get: (contactId, { params }) => get(contactAt({ ...params, contactId })),
  push: {
    create: (contact, { params }) => post(contactsOf(params), contact),
    update: (changes, { params, id: contactId, version }) =>
      patch(contactAt({ ...params, contactId }), changesOf(changes), { headers: graph.ifMatch(version) }),
    remove: ({ params, id: contactId, version }) =>
      del(contactAt({ ...params, contactId }), undefined, { headers: graph.ifMatch(version) }),
  },
})

const definition = defineConnector({
  id: 'outlook-contacts',
  name: 'Outlook contacts',
  description: 'Read and write the contacts of Outlook, and keep them equal with tables of your own.',
  docs: 'https://learn.microsoft.com/graph/api/resources/contact',
  baseUrl: graph.GRAPH_URL,
  headers: graph.prefer(),
  auth: graph.microsoft(),
  settings: graph.microsoftSettings,
  limits: graph.MAILBOX_LIMITS,
  check: { request: get('me/contacts', { $top: 1, $select: 'id' }) },
  errors: graph.graphErrors(),
  tools,
  syncs: { contacts },
  webhook: graph.graphSubscription('contacts', { resource: contactsOf }),
})

/** The tools, syncs and credential of Outlook contacts, under one name for editors. */
export interface OutlookContactsTypes extends TypesOfFactory<typeof definition> {}

/** Connects to the Outlook contacts of users who sign in: `outlookContacts({ clientId, clientSecret })`. */
export const outlookContacts: NamedFactory<typeof definition, OutlookContactsTypes> = definition
