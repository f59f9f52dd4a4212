import { createMcpClient } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { createFakeClock, scriptedTransport } from '@mcpclient/testing'
import { generateKeyPairSync } from 'node:crypto'
import { expect, it } from 'vitest'
import { googleContacts, googleContactsServiceAccount } from '../src/index.ts'

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})

it('reads the contacts of a user with the key of a service account', async () => {
  const transport = scriptedTransport([
    { json: { access_token: 'ya29.c0', expires_in: 3599, token_type: 'Bearer' } },
    { json: { connections: [] } },
  ])
  const mcp = createMcpClient({
    connectors: {
      contacts: googleContactsServiceAccount({
        clientEmail: 'heron@marshes.iam.gserviceaccount.com',
        privateKey,
        subject: 'ada@marshes.example',
      }),
    },
    vault: vault(),
    transport,
    clock: createFakeClock(),
  })
  expect(await mcp.as('ada').contacts.call('list_contacts', {})).toEqual({ connections: [], complete: true })
  const [token, call] = transport.requests
  const [, claims = ''] = String(token?.form?.['assertion']).split('.')
  expect(JSON.parse(atob(claims.replaceAll('-', '+').replaceAll('_', '/')))).toMatchObject({
    sub: 'ada@marshes.example',
    scope: expect.stringContaining('https://www.googleapis.com/auth/contacts') as string,
  })
  expect(call).toMatchObject({ headers: { authorization: 'Bearer ya29.c0' } })
})

it('has the tools and syncs of the connector for users', () => {
  expect(googleContactsServiceAccount.tools).toBe(googleContacts.tools)
  expect(googleContactsServiceAccount.syncs).toBe(googleContacts.syncs)
})
