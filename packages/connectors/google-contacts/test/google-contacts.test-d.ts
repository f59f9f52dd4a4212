import { createMcpClient } from '@mcpclient/core'
import { expectTypeOf, it } from 'vitest'
import { googleContacts, googleContactsServiceAccount } from '../src/index.ts'
import type { GoogleContactsTypes } from '../src/index.ts'

const connectors = {
  contacts: googleContacts({ clientId: 'c', clientSecret: 's' }),
  team: googleContactsServiceAccount({ clientEmail: 'heron@marshes.iam.gserviceaccount.com', privateKey: 'k' }),
}
const ada = createMcpClient({ connectors }).as('ada')
const sources = [{ type: 'CONTACT', etag: '#1' }]

it('types calls from the schemas', () => {
  const found = () => ada.contacts.call('search_contacts', { query: 'ada' })
  type Person = Awaited<ReturnType<typeof found>>['results'][number]['person']
  expectTypeOf<Person['resourceName']>().toEqualTypeOf<string>()
  expectTypeOf<Person['memberships']>().toEqualTypeOf<string[] | undefined>()
  expectTypeOf(ada.contacts.call('delete_contact', { resourceName: 'people/c1' })).resolves.toEqualTypeOf<{
    deleted: true
  }>()
  expectTypeOf(ada.team.call('list_contacts', {})).resolves.toHaveProperty('complete')
})

it('rejects wrong calls', () => {
  // @ts-expect-error an unknown option
  googleContacts({ clientID: 'c' })
  // @ts-expect-error the sources are required
  void ada.contacts.call('update_contact', { resourceName: 'people/c1', nicknames: [] })
  // @ts-expect-error a name is an object
  void ada.contacts.call('create_contact', { names: ['Ada'] })
  // @ts-expect-error photos cannot be written
  void ada.contacts.call('update_contact', { resourceName: 'people/c1', sources, photos: [] })
  // @ts-expect-error an unknown field
  void ada.contacts.call('list_contacts', { personFields: ['skills'] })
})

it('types the sync and its rows', () => {
  void ada.contacts.syncData('contacts', { direction: 'both' })
  // @ts-expect-error there is no such sync
  void ada.contacts.syncData('groups', { direction: 'pull' })
  type Row = GoogleContactsTypes['syncs']['contacts']['item']
  expectTypeOf<Row['memberships']>().toEqualTypeOf<string[] | undefined>()
  expectTypeOf<NonNullable<Row['emailAddresses']>[number]['value']>().toEqualTypeOf<string | undefined>()
  expectTypeOf<Row>().not.toHaveProperty('skills')
})
