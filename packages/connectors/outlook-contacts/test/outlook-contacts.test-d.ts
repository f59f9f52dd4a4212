import { createMcpClient } from '@mcpclient/core'
import { expectTypeOf, it } from 'vitest'
import { outlookContacts } from '../src/index.ts'
import type { OutlookContactsTypes } from '../src/index.ts'

const connectors = { contacts: outlookContacts({ clientId: 'c', clientSecret: 's', tenant: 'organizations' }) }
const ada = createMcpClient({ connectors }).as('ada')

it('types calls from the schemas', () => {
  const found = () => ada.contacts.call('search_contacts', { name: 'ada' })
  type Contact = Awaited<ReturnType<typeof found>>['value'][number]
  expectTypeOf<Contact['id']>().toEqualTypeOf<string>()
  expectTypeOf<Contact['businessPhones']>().toEqualTypeOf<string[] | undefined>()
  expectTypeOf(ada.contacts.call('delete_contact', { contactId: 'c1' })).resolves.toEqualTypeOf<{ deleted: true }>()
  expectTypeOf(ada.contacts.call('list_contacts', {})).resolves.toHaveProperty('complete')
})

it('rejects wrong calls', () => {
  // @ts-expect-error an unknown option
  outlookContacts({ clientID: 'c' })
  // @ts-expect-error null removes a field of a contact that exists
  void ada.contacts.call('create_contact', { givenName: null })
  void ada.contacts.call('update_contact', { contactId: 'c1', givenName: null })
  // @ts-expect-error Graph derives it
  void ada.contacts.call('update_contact', { contactId: 'c1', fileAs: 'Reed, Ada' })
  // @ts-expect-error deleting is no reading
  void ada.contacts.getData('delete_contact', { contactId: 'c1' })
})

it('types the sync and its rows', () => {
  void ada.contacts.syncData('contacts', { direction: 'both' })
  void ada.contacts.syncData('contacts', { direction: 'pull', params: { folderId: 'f1' } })
  // @ts-expect-error there is no such sync
  void ada.contacts.syncData('folders', { direction: 'pull' })
  type Row = OutlookContactsTypes['syncs']['contacts']['item']
  expectTypeOf<Row['displayName']>().toEqualTypeOf<string | undefined>()
  expectTypeOf<Row['categories']>().toEqualTypeOf<string[] | undefined>()
  expectTypeOf<Row>().not.toHaveProperty('lastModifiedDateTime')
})
