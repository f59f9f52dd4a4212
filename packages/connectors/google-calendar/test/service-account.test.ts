import { callWithServiceAccount } from '@mcpclient/testkit'
import { expect, it } from 'vitest'
import { googleCalendar, googleCalendarServiceAccount } from '../src/index.ts'

it('reads the calendar of a user with the key of a service account', async () => {
  const called = await callWithServiceAccount(googleCalendarServiceAccount, 'list_events', { items: [] })
  expect(called.output).toEqual({ items: [], complete: true })
  expect(called).toMatchObject({
    tokenUrl: 'https://oauth2.googleapis.com/token',
    claims: { iss: 'heron@marshes.iam.gserviceaccount.com', sub: 'ada@marshes.example' },
    authorization: 'Bearer ya29.c0',
  })
  expect(called.claims['scope']).toContain('https://www.googleapis.com/auth/calendar.events')
})

it('has the tools and syncs of the connector for users', () => {
  expect(googleCalendarServiceAccount.tools).toBe(googleCalendar.tools)
  expect(googleCalendarServiceAccount.syncs).toBe(googleCalendar.syncs)
})
