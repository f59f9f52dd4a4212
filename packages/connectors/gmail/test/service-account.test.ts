import { generateKeyPairSync } from 'node:crypto'
import { createMcpClient } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { createFakeClock, scriptedTransport } from '@mcpclient/testing'
import { expect, it } from 'vitest'
import { gmail, gmailServiceAccount } from '../src/index.ts'

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})

it('reads the mailbox of a user with the key of a service account', async () => {
  const transport = scriptedTransport([
    { json: { access_token: 'ya29.c0', expires_in: 3599, token_type: 'Bearer' } },
    { json: { labels: [] } },
  ])
  const mcp = createMcpClient({
    connectors: {
      mail: gmailServiceAccount({
        clientEmail: 'heron@marshes.iam.gserviceaccount.com',
        privateKey,
        subject: 'ada@marshes.example',
      }),
    },
    vault: vault(),
    transport,
    clock: createFakeClock(),
  })
  expect(await mcp.as('ada').mail.call('list_labels', {})).toEqual({ labels: [] })
  const [token, call] = transport.requests
  const [, claims = ''] = String(token?.form?.['assertion']).split('.')
  expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
    sub: 'ada@marshes.example',
    scope: expect.stringContaining('https://www.googleapis.com/auth/gmail.modify') as string,
  })
  expect(call).toMatchObject({ headers: { authorization: 'Bearer ya29.c0' } })
})

it('has the tools and syncs of the connector for users', () => {
  expect(gmailServiceAccount.tools).toBe(gmail.tools)
  expect(gmailServiceAccount.syncs).toBe(gmail.syncs)
})
