import { describe, expect, it } from 'vitest'
import { account, BERLIN, idsOf } from './account.ts'

const LIST = '/users/me/calendarList'
const TEAM = { id: 'team', summary: 'Team', timeZone: 'UTC', accessRole: 'reader' } as const

describe('the list of calendars', () => {
  it('has pages, and a sync token after which nothing changes', async () => {
    const { call, google } = account({ calendars: [BERLIN, TEAM] })
    const first = await call('GET', LIST, { query: { maxResults: '1' } })
    expect(first.body.items).toMatchObject([{ id: 'ada@example.com', primary: true, accessRole: 'owner' }])
    const pageToken = String(first.body['nextPageToken'])
    const last = await call('GET', LIST, { query: { maxResults: '1', pageToken } })
    expect(last.body.items).toMatchObject([{ id: 'team', accessRole: 'reader' }])
    expect(last.body.items[0]).not.toHaveProperty('primary')
    const syncToken = String(last.body['nextSyncToken'])
    expect(idsOf(await call('GET', LIST, { query: { syncToken } }))).toEqual([])
    google.expireSyncTokens()
    expect(await call('GET', LIST, { query: { syncToken } })).toMatchObject({ status: 410, reason: 'fullSyncRequired' })
    google.expirePageTokens()
    expect(await call('GET', LIST, { query: { pageToken } })).toMatchObject({ status: 400, reason: 'invalid' })
  })

  it('has an entry for the primary calendar, whose id is the address of the user', async () => {
    const { call } = account({ calendars: [BERLIN, TEAM] })
    expect((await call('GET', `${LIST}/primary`)).body).toMatchObject({ id: 'ada@example.com', primary: true })
    expect((await call('GET', `${LIST}/team`)).body).toMatchObject({ id: 'team' })
    expect(await call('GET', `${LIST}/other`)).toMatchObject({ status: 404 })
  })
})
