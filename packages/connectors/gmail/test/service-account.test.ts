import { callWithServiceAccount } from '@mcpclient/testkit'
import { expect, it } from 'vitest'
import { gmail, gmailServiceAccount } from '../src/index.ts'

it('reads the mailbox of a user with the key of a service account', async () => {
  const called = await callWithServiceAccount(gmailServiceAccount, 'list_labels', { labels: [] })
  expect(called.output).toEqual({ labels: [] })
  expect(called).toMatchObject({
    tokenUrl: 'https://oauth2.googleapis.com/token',
    claims: { iss: 'heron@marshes.iam.gserviceaccount.com', sub: 'ada@marshes.example' },
    authorization: 'Bearer ya29.c0',
  })
  expect(called.claims['scope']).toContain('https://www.googleapis.com/auth/gmail.modify')
})

it('has the tools and syncs of the connector for users', () => {
  expect(gmailServiceAccount.tools).toBe(gmail.tools)
  expect(gmailServiceAccount.syncs).toBe(gmail.syncs)
})
