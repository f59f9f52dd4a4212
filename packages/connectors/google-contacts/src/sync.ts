import { del, get, patch, post, sync } from '@mcpclient/core/define'
import { syncCodes, syncPage } from '@mcpclient/google'
import { Contact, formerNames, isDeleted, metadataOf, updatedAt } from './contact.ts'
import { connections, maskOf, peopleMethod, personAt, personOf } from './requests.ts'
import { scopes } from './scopes.ts'

/** The fields of a contact, without those of profiles. */
const read = { personFields: maskOf(), sources: 'READ_SOURCE_TYPE_CONTACT' }

/** The contacts of a user. */
export const contacts = sync({
  description: 'The contacts of the user, both ways, with the groups that they belong to.',
  item: Contact,
  key: 'resourceName',
  version: 'metadata',
  revision: updatedAt,
  readOnly: ['photos'],
  sets: ['memberships'],
  // Without rows among the errors: an expired token has the same status, and a reason of its own.
  codes: { ...syncCodes, conflict: ['failedPrecondition', 'FAILED_PRECONDITION'] },
  scopes: [scopes.read],
  // "Several minutes": https://developers.google.com/people/api/rest/v1/people.connections/list
  settleMs: 5 * 60_000,
  // A deletion has no etag.
  conditionalRemovals: false,
  page: syncPage('connections', { id: 'resourceName', isRemoved: isDeleted, formerIds: formerNames }),
  // Google requires the same parameters with a sync token as without.
  pull: ({ since, page }) =>
    get(connections, { ...read, pageSize: 1000, requestSyncToken: true, syncToken: since, pageToken: page }),
  get: (id) => get(personAt(id), read),
  push: {
    create: (contact) => post(peopleMethod('createContact'), personOf(contact), { query: read }),
    update: (changes, { id, version }) =>
      patch(
        personAt(id, 'updateContact'),
        { ...personOf(changes), metadata: metadataOf(version) },
        { query: { ...read, updatePersonFields: Object.keys(changes).join(',') } },
      ),
    remove: ({ id }) => del(personAt(id, 'deleteContact')),
  },
})
