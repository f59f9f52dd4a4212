import { describe, expect, it } from 'vitest'
import { account, EVENTS, idsOf, meeting, series } from './account.ts'
import type { Account, Answer } from './account.ts'

/** Follows the page tokens. Returns every page. */
async function pages({ call }: Account, query: Readonly<Record<string, string>> = {}): Promise<readonly Answer[]> {
  const all: Answer[] = []
  let pageToken: string | undefined
  do {
    const answer = await call('GET', EVENTS, {
      query: { ...query, ...(pageToken !== undefined && { pageToken }) },
    })
    all.push(answer)
    const { nextPageToken } = answer.body
    pageToken = typeof nextPageToken === 'string' ? nextPageToken : undefined
  } while (pageToken !== undefined)
  return all
}

const syncTokenOf = (all: readonly Answer[]): string => String(all.at(-1)?.body['nextSyncToken'])

async function filled(count: number, options: Parameters<typeof account>[0] = {}): Promise<Account> {
  const full = account(options)
  for (let day = 1; day <= count; day++) await full.google.insert(meeting(day, { id: `event${day}` }))
  return full
}

describe('a list', () => {
  it('has pages of maxResults, and a sync token on the last one only', async () => {
    const all = await pages(await filled(5), { maxResults: '2' })
    expect(all.map(idsOf)).toEqual([['event1', 'event2'], ['event3', 'event4'], ['event5']])
    expect(all.map(({ body }) => 'nextSyncToken' in body)).toEqual([false, false, true])
    expect(all.map(({ body }) => 'nextPageToken' in body)).toEqual([true, true, false])
    expect(all[0]?.body).toMatchObject({ kind: 'calendar#events', timeZone: 'Europe/Berlin', accessRole: 'owner' })
  })

  it('has 250 events on a page by default, and never more than 2500', async () => {
    const { google, call } = account()
    for (let at = 0; at < 251; at++) await google.insert(meeting(5))
    expect((await call('GET', EVENTS)).body.items).toHaveLength(250)
    expect((await call('GET', EVENTS, { query: { maxResults: '9999' } })).body.items).toHaveLength(251)
    expect(await call('GET', EVENTS, { query: { maxResults: '0' } })).toMatchObject({ status: 400, reason: 'invalid' })
  })

  it('has an empty page with a next one if its events are deleted', async () => {
    const full = await filled(4)
    for (const id of ['event1', 'event2']) await full.google.remove(id)
    expect((await pages(full, { maxResults: '2' })).map(idsOf)).toEqual([[], ['event3', 'event4']])
  })

  it('has empty pages at random', async () => {
    const all = await pages(await filled(3, { emptyPages: 0.5 }), { maxResults: '1' })
    expect(all.some(({ body }) => body.items.length === 0 && 'nextPageToken' in body)).toBe(true)
    expect(all.flatMap(idsOf)).toEqual(['event1', 'event2', 'event3'])
  })

  it('rejects a page token with other parameters, an expired one and an unknown one', async () => {
    const full = await filled(3, { pageTokenLifeMs: 1000 })
    const { body } = await full.call('GET', EVENTS, { query: { maxResults: '1' } })
    const pageToken = String(body['nextPageToken'])
    const send = (query: Readonly<Record<string, string>>) => full.call('GET', EVENTS, { query })
    expect(await send({ maxResults: '1', pageToken })).toMatchObject({ status: 200 })
    const invalid = { status: 400, reason: 'invalid' }
    expect(await send({ maxResults: '1', pageToken, showDeleted: 'true' })).toMatchObject(invalid)
    expect(await send({ maxResults: '1', pageToken: 'unknown' })).toMatchObject(invalid)
    await full.clock.advance(1000)
    expect(await send({ maxResults: '1', pageToken })).toMatchObject(invalid)
    const next = await send({ maxResults: '1' })
    full.google.expirePageTokens()
    expect(await send({ maxResults: '1', pageToken: String(next.body['nextPageToken']) })).toMatchObject(invalid)
  })

  it('has deleted events with showDeleted, and cancelled occurrences always', async () => {
    const full = account()
    await full.google.insert(meeting(5, { id: 'event1' }))
    await full.google.insert(series())
    await full.google.remove('event1')
    await full.google.remove('series_20260112T090000Z')
    expect((await pages(full)).flatMap(idsOf)).toEqual(['series', 'series_20260112T090000Z'])
    expect((await pages(full, { showDeleted: 'true' })).flatMap(idsOf)).toHaveLength(3)
    await full.google.remove('series')
    expect((await pages(full)).flatMap(idsOf)).toEqual([])
  })

  it('is limited to a window', async () => {
    const full = await filled(6)
    const query = { timeMin: '2026-01-02T11:00:00+01:00', timeMax: '2026-01-05T10:00:00+01:00' }
    const all = await pages(full, query)
    expect(all.flatMap(idsOf)).toEqual(['event3', 'event4'])
    expect(syncTokenOf(all)).not.toBe('undefined')
    const empty = { timeMin: query.timeMax, timeMax: query.timeMin }
    expect(await full.call('GET', EVENTS, { query: empty })).toMatchObject({ status: 400, reason: 'timeRangeEmpty' })
    expect(await full.call('GET', EVENTS, { query: { timeMin: '2026-01-02T11:00:00' } })).toMatchObject({
      reason: 'invalid',
    })
  })

  it('has a series if one of its occurrences is in the window', async () => {
    const full = account()
    await full.google.insert(series())
    const inside = { timeMin: '2026-01-26T00:00:00Z', timeMax: '2026-01-27T00:00:00Z' }
    expect((await pages(full, inside)).flatMap(idsOf)).toEqual(['series'])
    expect((await pages(full, { timeMin: '2026-01-27T00:00:00Z' })).flatMap(idsOf)).toEqual([])
  })

  it('finds text, ids of iCalendar, properties and times of changes', async () => {
    const full = account()
    const { call, clock, google } = full
    const extendedProperties = { private: { run: '7' } }
    await google.insert(meeting(5, { id: 'event1', location: 'Room Blue', extendedProperties }))
    await google.insert(meeting(6, { id: 'event2', attendees: [{ email: 'bob@example.com' }] }))
    await clock.advance(60_000)
    await google.remove('event2')
    const found = async (query: Readonly<Record<string, string>>) => idsOf(await call('GET', EVENTS, { query }))
    expect(await found({ q: 'blue meeting' })).toEqual(['event1'])
    expect(await found({ q: 'green' })).toEqual([])
    expect(await found({ q: 'bob@example.com', showDeleted: 'true' })).toEqual(['event2'])
    expect(await found({ iCalUID: 'event1@google.com' })).toEqual(['event1'])
    expect(await found({ privateExtendedProperty: 'run=7' })).toEqual(['event1'])
    expect(await found({ privateExtendedProperty: 'run=8' })).toEqual([])
    expect(await found({ updatedMin: '2026-01-01T00:01:00Z' })).toEqual(['event2'])
    expect((await call('GET', EVENTS, { query: { q: 'blue' } })).body).not.toHaveProperty('nextSyncToken')
  })

  it('spells times in the zone of the request', async () => {
    const { body } = await (await filled(1)).call('GET', EVENTS, { query: { timeZone: 'America/New_York' } })
    expect(body.items[0]?.start).toEqual({ dateTime: '2026-01-01T04:00:00-05:00' })
  })

  it('shows the state before a write for as long as it lags', async () => {
    const { call, clock } = account({ lagMs: 1000, random: () => 0.999 })
    await clock.advance(2000)
    await call('POST', EVENTS, { body: meeting(5, { id: 'event1' }) })
    expect(idsOf(await call('GET', EVENTS))).toEqual([])
    expect(await call('GET', `${EVENTS}/event1`)).toMatchObject({ status: 404 })
    await clock.advance(1000)
    expect(idsOf(await call('GET', EVENTS))).toEqual(['event1'])
  })
})

describe('a list with a sync token', () => {
  it('has what changed since, deleted events included', async () => {
    const full = await filled(3)
    const syncToken = syncTokenOf(await pages(full))
    await full.google.patch('event2', { summary: 'New' })
    await full.google.remove('event3')
    const all = await pages(full, { syncToken, maxResults: '1' })
    expect(all.flatMap(({ body }) => body.items)).toMatchObject([
      { id: 'event2', summary: 'New' },
      { id: 'event3', status: 'cancelled' },
    ])
    expect(idsOf(await full.call('GET', EVENTS, { query: { syncToken: syncTokenOf(all) } }))).toEqual([])
  })

  it('has an edit that happened between two pages in this round or the next', async () => {
    const full = await filled(3)
    const first = await full.call('GET', EVENTS, { query: { maxResults: '2' } })
    await full.google.patch('event1', { summary: 'New' })
    const pageToken = String(first.body['nextPageToken'])
    const last = await full.call('GET', EVENTS, { query: { maxResults: '2', pageToken } })
    const syncToken = String(last.body['nextSyncToken'])
    expect(idsOf(await full.call('GET', EVENTS, { query: { syncToken } }))).toEqual(['event1'])
  })

  it.each([
    'iCalUID',
    'orderBy',
    'privateExtendedProperty',
    'q',
    'sharedExtendedProperty',
    'timeMin',
    'timeMax',
    'updatedMin',
  ])('rejects %s', async (name) => {
    const full = await filled(1)
    const syncToken = syncTokenOf(await pages(full))
    const value = { orderBy: 'updated' }[name] ?? '2026-01-01T00:00:00Z'
    expect(await full.call('GET', EVENTS, { query: { syncToken, [name]: value } })).toMatchObject({
      status: 400,
      reason: 'invalid',
    })
  })

  it('rejects showDeleted=false, and parameters that differ from the first list', async () => {
    const full = await filled(1)
    const syncToken = syncTokenOf(await pages(full))
    const send = (query: Readonly<Record<string, string>>) =>
      full.call('GET', EVENTS, { query: { syncToken, ...query } })
    expect(await send({ showDeleted: 'false' })).toMatchObject({ status: 400 })
    expect(await send({ eventTypes: 'default' })).toMatchObject({ status: 400 })
    expect(await send({ showDeleted: 'true' })).toMatchObject({ status: 200 })
  })

  it('fails with fullSyncRequired after the token expired, or for an unknown one', async () => {
    const full = await filled(1, { syncTokenLifeMs: 1000 })
    const syncToken = syncTokenOf(await pages(full))
    const gone = { status: 410, reason: 'fullSyncRequired' }
    expect(await full.call('GET', EVENTS, { query: { syncToken: 'unknown' } })).toMatchObject(gone)
    await full.clock.advance(999)
    expect(await full.call('GET', EVENTS, { query: { syncToken } })).toMatchObject({ status: 200 })
    await full.clock.advance(1)
    expect(await full.call('GET', EVENTS, { query: { syncToken } })).toMatchObject(gone)
    const next = syncTokenOf(await pages(full))
    full.google.expireSyncTokens()
    expect(await full.call('GET', EVENTS, { query: { syncToken: next } })).toMatchObject(gone)
  })

  it('does not serve the token of another calendar', async () => {
    const zone = { timeZone: 'UTC' }
    const full = account({
      calendars: [
        { id: 'one', summary: '1', ...zone },
        { id: 'two', summary: '2', ...zone },
      ],
    })
    const syncToken = syncTokenOf(await pages(full))
    expect(await full.call('GET', '/calendars/two/events', { query: { syncToken } })).toMatchObject({ status: 410 })
  })
})

describe('single events', () => {
  const query = {
    singleEvents: 'true',
    orderBy: 'startTime',
    timeMin: '2026-01-01T00:00:00Z',
    timeMax: '2026-02-01T00:00:00Z',
  }

  it('are occurrences in order, and no series', async () => {
    const full = account()
    await full.google.insert(series())
    await full.google.insert(meeting(13, { id: 'event1' }))
    await full.google.patch('series_20260112T090000Z', {
      start: { dateTime: '2026-01-14T10:00:00+01:00' },
      end: { dateTime: '2026-01-14T11:00:00+01:00' },
    })
    await full.google.remove('series_20260119T090000Z')
    const all = await pages(full, { ...query, maxResults: '2' })
    expect(all.flatMap(idsOf)).toEqual([
      'series_20260105T090000Z',
      'event1',
      'series_20260112T090000Z',
      'series_20260126T090000Z',
    ])
    expect(all.every(({ body }) => body.items.length === 2)).toBe(true)
    const deleted = await pages(full, { ...query, showDeleted: 'true' })
    expect(deleted.flatMap(idsOf)).toContain('series_20260119T090000Z')
  })

  it('have no sync token', async () => {
    const full = await filled(1)
    const syncToken = syncTokenOf(await pages(full))
    expect((await full.call('GET', EVENTS, { query: { singleEvents: 'true' } })).body).not.toHaveProperty(
      'nextSyncToken',
    )
    expect(await full.call('GET', EVENTS, { query: { singleEvents: 'true', syncToken } })).toMatchObject({
      status: 501,
    })
  })

  it('are necessary for the order by start', async () => {
    const { call } = account()
    expect(await call('GET', EVENTS, { query: { orderBy: 'startTime' } })).toMatchObject({ status: 400 })
  })

  it('are not necessary for the order by the time of the change', async () => {
    const full = await filled(2)
    await full.clock.advance(1000)
    await full.google.patch('event1', { summary: 'New' })
    expect((await pages(full, { orderBy: 'updated' })).flatMap(idsOf)).toEqual(['event2', 'event1'])
  })
})

describe('instances', () => {
  it('are the occurrences of one series, with its exceptions', async () => {
    const { call, google } = account()
    await google.insert(series())
    await google.patch('series_20260112T090000Z', { summary: 'Moved' })
    await google.remove('series_20260119T090000Z')
    const instances = (query = {}) => call('GET', `${EVENTS}/series/instances`, { query })
    const { body } = await instances()
    expect(body.items.map(({ summary }) => summary)).toEqual(['Weekly', 'Moved', 'Weekly'])
    expect(body.items.every(({ recurringEventId }) => recurringEventId === 'series')).toBe(true)
    expect((await instances({ showDeleted: 'true' })).body.items).toHaveLength(4)
    expect(idsOf(await instances({ timeMin: '2026-01-20T00:00:00Z' }))).toEqual(['series_20260126T090000Z'])
    expect(idsOf(await instances({ originalStart: '2026-01-12T09:00:00Z' }))).toEqual(['series_20260112T090000Z'])
    const first = await instances({ maxResults: '2' })
    const pageToken = String(first.body['nextPageToken'])
    expect(idsOf(await instances({ maxResults: '2', pageToken }))).toEqual(['series_20260126T090000Z'])
  })

  it('do not exist for an unknown series', async () => {
    const { call } = account()
    expect(await call('GET', `${EVENTS}/unknown/instances`)).toMatchObject({ status: 404 })
  })
})
