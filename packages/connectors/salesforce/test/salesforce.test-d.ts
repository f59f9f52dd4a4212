import { createMcpClient } from '@mcpclient/core'
import { expectTypeOf, it } from 'vitest'
import { salesforce, salesforceJwt } from '../src/index.ts'

const connectors = { crm: salesforce({ clientId: 'c', clientSecret: 's', loginHost: 'test.salesforce.com' }) }
const ada = createMcpClient({ connectors }).as('ada')

it('types calls from the schemas', () => {
  expectTypeOf(ada.crm.call('get_record', { object: 'Account', id: '001D000000INjVeIAL' })).resolves.toEqualTypeOf<
    Record<string, unknown>
  >()
  const found = () => ada.crm.call('find_records', { object: 'Account', fields: ['Id'] })
  expectTypeOf<Awaited<ReturnType<typeof found>>['records']>().toEqualTypeOf<Record<string, unknown>[]>()
  expectTypeOf(ada.crm.call('delete_record', { object: 'Account', id: '001' })).resolves.toEqualTypeOf<{
    success: true
  }>()
})

it('rejects wrong calls', () => {
  // @ts-expect-error an unknown setting
  salesforce({ token: 't', instance: 'https://acme.my.salesforce.com' })
  // @ts-expect-error a server has no refresh token
  salesforceJwt({ clientId: 'c', privateKey: 'k', subject: 'ada@marshes.example', refreshToken: 'r' })
  const all = { object: 'Account', fields: ['Id'] }
  void ada.crm.call('find_records', { ...all, where: [{ field: 'Name', operator: 'IN', value: ['A', 'B'] }] })
  // @ts-expect-error a list has its own operators
  void ada.crm.call('find_records', { ...all, where: [{ field: 'Name', operator: '=', value: ['A'] }] })
  // @ts-expect-error nothing is greater than null
  void ada.crm.call('find_records', { ...all, where: [{ field: 'Name', operator: '>', value: null }] })
  // @ts-expect-error a new record needs its object
  void ada.crm.call('create_records', { records: [{ LastName: 'Reed' }] })
})
