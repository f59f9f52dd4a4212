import { describe, expect, it } from 'vitest'
import { account, EVENTS, meeting } from './account.ts'

describe('the quota', () => {
  it('limits the requests of a user in any minute', async () => {
    const { call, clock } = account({ requestsPerMinute: 2 })
    expect((await call('GET', EVENTS)).status).toBe(200)
    await clock.advance(30_000)
    expect((await call('GET', EVENTS)).status).toBe(200)
    expect(await call('GET', EVENTS)).toMatchObject({ status: 403, reason: 'rateLimitExceeded' })
    const other = { query: { quotaUser: 'bob' } }
    expect((await call('GET', EVENTS, other)).status).toBe(200)
    expect((await call('GET', EVENTS, { headers: { 'x-goog-quota-user': 'eve' } })).status).toBe(200)
    await clock.advance(30_000)
    expect((await call('GET', EVENTS)).status).toBe(200)
    expect((await call('GET', EVENTS)).status).toBe(403)
  })

  it('refuses with 429 if the test asks for it', async () => {
    const { call } = account({ requestsPerMinute: 0, quotaStatus: 429 })
    expect(await call('GET', EVENTS)).toMatchObject({ status: 429, reason: 'rateLimitExceeded' })
  })

  it('counts a patch three times', async () => {
    const { call, google } = account({ requestsPerMinute: 4 })
    await google.insert(meeting(5, { id: 'event1' }))
    const patch = { body: { summary: 'New' } }
    expect((await call('PATCH', `${EVENTS}/event1`, patch)).status).toBe(200)
    expect((await call('PATCH', `${EVENTS}/event1`, patch)).status).toBe(403)
    expect((await call('GET', EVENTS)).status).toBe(200)
  })
})
