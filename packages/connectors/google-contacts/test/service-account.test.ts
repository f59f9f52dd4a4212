import { callWithServiceAccount } from '@mcpclient/testkit'
import { expect, it } from 'vitest'
import { googleContacts, googleContactsServiceAccount } from '../src/index.ts'

it('reads the contacts of a user with the key of a service account', async () => {
  const called = await callWithServiceAccount(googleContactsServiceAccount, 'list_contacts', { connections: [] })
  expect(called.output).toEqual({ connections: [], complete: true })
  expect(called).toMatchObject({
    tokenUrl: 'https://oauth2.googleapis.com/token',
    claims: { iss: 'heron@marshes.iam.gserviceaccount.com', sub: 'ada@marshes.example' },
    authorization: 'Bearer ya29.c0',
  })
  expect(called.claims['scope']).toContain('https://www.googleapis.com/auth/contacts')
})

it('has the tools and syncs of the connector for users', () => {
  expect(googleContactsServiceAccount.tools).toBe(googleContacts.tools)
  expect(googleContactsServiceAccount.syncs).toBe(googleContacts.syncs)
})
