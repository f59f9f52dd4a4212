import { createMcpClient } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { createFakeClock, scriptedTransport } from '@mcpclient/testing'
import { generateKeyPairSync } from 'node:crypto'
import { expect, it } from 'vitest'
import { googleCalendar, googleCalendarServiceAccount } from '../src/index.ts'

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})

it('reads the calendar of a user with the key of a service account', async () => {
  const transport = scriptedTransport([
    { json: { access_token: 'ya29.c0', expires_in: 3599, token_type: 'Bearer' } },
    { json: { items: [] } },
  ])
  const mcp = createMcpClient({
    connectors: {
      calendar: googleCalendarServiceAccount({
        clientEmail: 'heron@marshes.iam.gserviceaccount.com',
        privateKey,
        subject: 'ada@marshes.example',
      }),
    },
    vault: vault(),
    transport,
    clock: createFakeClock(),
  })
  expect(await mcp.as('ada').calendar.call('list_events', {})).toEqual({ items: [], complete: true })
  const [token, call] = transport.requests
  expect(token).toMatchObject({ url: 'https://oauth2.googleapis.com/token' })
  const [, claims = ''] = String(token?.form?.['assertion']).split('.')
  expect(JSON.parse(atob(claims.replaceAll('-', '+').replaceAll('_', '/')))).toMatchObject({
    iss: 'heron@marshes.iam.gserviceaccount.com',
    sub: 'ada@marshes.example',
    scope: expect.stringContaining('https://www.googleapis.com/auth/calendar.events') as string,
  })
  expect(call).toMatchObject({ headers: { authorization: 'Bearer ya29.c0' } })
})

it('has the tools and syncs of the connector for users', () => {
  expect(googleCalendarServiceAccount.tools).toBe(googleCalendar.tools)
  expect(googleCalendarServiceAccount.syncs).toBe(googleCalendar.syncs)
})
