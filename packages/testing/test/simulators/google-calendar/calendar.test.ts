import { describe, expect, it } from 'vitest'
import { account, BERLIN, EVENTS, meeting, series } from './account.ts'

describe('an insert', () => {
  it('returns the event with the fields that Google adds', async () => {
    const { call } = account()
    const { status, body } = await call('POST', EVENTS, { body: meeting(5, { id: 'first01', colorId: '7' }) })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      kind: 'calendar#event',
      id: 'first01',
      status: 'confirmed',
      colorId: '7',
      iCalUID: 'first01@google.com',
      sequence: 0,
      created: '2026-01-01T00:00:00.000Z',
      updated: '2026-01-01T00:00:00.000Z',
    })
    expect(body.etag).toMatch(/^"[^"]+"$/)
  })

  it('makes an id of base32hex if the client sends none', async () => {
    const { call } = account()
    expect((await call('POST', EVENTS, { body: meeting(5) })).body.id).toMatch(/^[a-v0-9]{26}$/)
  })

  it.each([
    ['is too short', 'abcd'],
    ['is too long', 'a'.repeat(1025)],
    ['has a dash', 'with-dash'],
    ['has capitals', 'UPPER1'],
    ['has other letters than base32hex', 'wxyz1'],
  ])('rejects an id that %s', async (_, id) => {
    const { call } = account()
    expect(await call('POST', EVENTS, { body: meeting(5, { id }) })).toMatchObject({ status: 400, reason: 'invalid' })
  })

  it('rejects an id that is taken, also by a deleted event', async () => {
    const { call } = account()
    const body = meeting(5, { id: 'taken' })
    await call('POST', EVENTS, { body })
    expect(await call('POST', EVENTS, { body })).toMatchObject({ status: 409, reason: 'duplicate' })
    await call('DELETE', `${EVENTS}/taken`)
    expect(await call('POST', EVENTS, { body })).toMatchObject({ status: 409, reason: 'duplicate' })
  })

  it.each([
    ['no end', { end: null }, 'required'],
    [
      'an end before its start',
      { end: { dateTime: '2026-01-05T09:00:00Z' }, start: { dateTime: '2026-01-05T10:00:00Z' } },
      'timeRangeEmpty',
    ],
    ['a date and a time', { end: { date: '2026-01-05' } }, 'invalid'],
    ['a time in another format', { start: { dateTime: '2026-01-05T9:00:00+01:00' } }, 'invalid'],
    [
      'a time that does not exist',
      { start: { dateTime: '2026-01-05T25:00:00', timeZone: 'Europe/Berlin' } },
      'invalid',
    ],
    ['a time without a zone', { start: { dateTime: '2026-01-05T09:00:00' } }, 'invalid'],
    ['an unknown zone', { start: { dateTime: '2026-01-05T09:00:00', timeZone: 'Mars/Base' } }, 'invalid'],
    ['a series without a zone', { recurrence: ['RRULE:FREQ=DAILY'] }, 'required'],
  ])('rejects an event with %s', async (_, changes, reason) => {
    const { call, google } = account()
    const answer = await call('POST', EVENTS, { body: { ...meeting(5), ...changes } })
    expect(answer).toMatchObject({ status: 400, reason })
    expect(google.events()).toEqual([])
  })

  it('rejects a body that is not a JSON object', async () => {
    const { call } = account()
    expect(await call('POST', EVENTS, { body: [] })).toMatchObject({ status: 400, reason: 'parseError' })
  })

  it('spells times in the zone of the calendar', async () => {
    const { call } = account()
    const start = { dateTime: '2026-07-01T08:00:00Z' }
    const end = { dateTime: '2026-07-01T05:00:00', timeZone: 'America/New_York' }
    const { body } = await call('POST', EVENTS, { body: { start, end } })
    expect(body.start).toEqual({ dateTime: '2026-07-01T10:00:00+02:00' })
    expect(body.end).toEqual({ dateTime: '2026-07-01T11:00:00+02:00', timeZone: 'America/New_York' })
  })

  it('leaves days as they are', async () => {
    const { call } = account()
    const body = { start: { date: '2026-03-29' }, end: { date: '2026-03-30' } }
    expect((await call('POST', EVENTS, { body })).body).toMatchObject(body)
  })

  it('needs a free id as a write of another user, too', async () => {
    const { google } = account()
    await google.insert(meeting(5, { id: 'taken' }))
    await expect(google.insert(meeting(6, { id: 'taken' }))).rejects.toThrow('already exists')
    expect(google.events()).toMatchObject([{ summary: 'Meeting 5' }])
  })

  it('needs the role of a writer', async () => {
    const { call } = account({ calendars: [{ ...BERLIN, accessRole: 'reader' }] })
    expect(await call('POST', EVENTS, { body: meeting(5) })).toMatchObject({
      status: 403,
      reason: 'requiredAccessLevel',
    })
  })
})

describe('a patch', () => {
  it('changes the fields that it names, and no others', async () => {
    const { call, google } = account()
    await google.insert(meeting(5, { id: 'event1', location: 'Room 1', attendees: [{ email: 'bob@example.com' }] }))
    const { body } = await call('PATCH', `${EVENTS}/event1`, { body: { summary: 'New' } })
    expect(body).toMatchObject({ summary: 'New', location: 'Room 1', attendees: [{ email: 'bob@example.com' }] })
    expect(google.events()).toMatchObject([{ summary: 'New', location: 'Room 1' }])
  })

  it('removes a field with null, merges objects and replaces arrays', async () => {
    const { call, google } = account()
    const extendedProperties = { private: { a: '1', b: '2' } }
    await google.insert(meeting(5, { id: 'event1', location: 'Room 1', extendedProperties, attachments: [1, 2] }))
    const changes = { location: null, extendedProperties: { private: { a: null, c: '3' } }, attachments: [] }
    const { body } = await call('PATCH', `${EVENTS}/event1`, { body: changes })
    expect(body).not.toHaveProperty('location')
    expect(body).toMatchObject({ extendedProperties: { private: { b: '2', c: '3' } }, attachments: [] })
    expect(body['extendedProperties']).not.toHaveProperty('private.a')
  })

  it('needs null for the day of an event that gets a time', async () => {
    const { call, google } = account()
    await google.insert({ id: 'event1', start: { date: '2026-01-05' }, end: { date: '2026-01-06' } })
    const { start, end } = meeting(5)
    expect(await call('PATCH', `${EVENTS}/event1`, { body: { start, end } })).toMatchObject({ reason: 'invalid' })
    const body = { start: { ...start, date: null }, end: { ...end, date: null } }
    expect(await call('PATCH', `${EVENTS}/event1`, { body })).toMatchObject({ status: 200, body: { start, end } })
  })

  it('ignores fields that only Google sets', async () => {
    const { call, google } = account()
    await google.insert(meeting(5, { id: 'event1' }))
    const body = { id: 'other', created: 'x', etag: 'x', recurringEventId: 'x', kind: 'x' }
    const { body: changed } = await call('PATCH', `${EVENTS}/event1`, { body })
    expect(changed).toMatchObject({ id: 'event1', created: '2026-01-01T00:00:00.000Z', kind: 'calendar#event' })
    expect(changed).not.toHaveProperty('recurringEventId')
  })

  it('counts up the sequence if the time changes, and updated unless only reminders change', async () => {
    const { call, clock, google } = account()
    await google.insert(meeting(5, { id: 'event1' }))
    await clock.advance(60_000)
    const reminded = await call('PATCH', `${EVENTS}/event1`, { body: { reminders: { useDefault: false } } })
    expect(reminded.body).toMatchObject({ sequence: 0, updated: '2026-01-01T00:00:00.000Z' })
    const renamed = await call('PATCH', `${EVENTS}/event1`, { body: { summary: 'New' } })
    expect(renamed.body).toMatchObject({ sequence: 0, updated: '2026-01-01T00:01:00.000Z' })
    expect(renamed.body.etag).not.toBe(reminded.body.etag)
    const moved = await call('PATCH', `${EVENTS}/event1`, { body: { end: { dateTime: '2026-01-05T12:00:00+01:00' } } })
    expect(moved.body.sequence).toBe(1)
  })
})

describe('an update', () => {
  it('replaces the content and keeps the identity', async () => {
    const { call, google } = account()
    await google.insert(meeting(5, { id: 'event1', location: 'Room 1', iCalUID: 'uid' }))
    const { body } = await call('PUT', `${EVENTS}/event1`, { body: meeting(6) })
    expect(body).toMatchObject({ id: 'event1', iCalUID: 'uid', summary: 'Meeting 6', status: 'confirmed' })
    expect(body).not.toHaveProperty('location')
  })

  it('needs both times', async () => {
    const { call, google } = account()
    await google.insert(meeting(5, { id: 'event1' }))
    expect(await call('PUT', `${EVENTS}/event1`, { body: { summary: 'New' } })).toMatchObject({ reason: 'required' })
  })
})

describe('a conditional request', () => {
  it.each(['PATCH', 'PUT', 'DELETE'])('fails with 412 if a %s is based on an older version', async (method) => {
    const { call, google } = account()
    const { etag = '' } = await google.insert(meeting(5, { id: 'event1' }))
    const { etag: current = '' } = await google.patch('event1', { summary: 'Changed by another user' })
    const send = (ifMatch: string) =>
      call(method, `${EVENTS}/event1`, {
        headers: { 'If-Match': ifMatch },
        ...(method !== 'DELETE' && { body: meeting(5) }),
      })
    expect(await send(etag)).toMatchObject({ status: 412, reason: 'conditionNotMet' })
    expect(google.events()).toMatchObject([{ summary: 'Changed by another user' }])
    expect((await send(current)).status).toBe(method === 'DELETE' ? 204 : 200)
  })

  it('returns 304 for an event that did not change', async () => {
    const { call, google } = account()
    const { etag = '' } = await google.insert(meeting(5, { id: 'event1' }))
    const headers = { 'If-None-Match': etag }
    expect((await call('GET', `${EVENTS}/event1`, { headers })).status).toBe(304)
    await google.patch('event1', { summary: 'New' })
    expect((await call('GET', `${EVENTS}/event1`, { headers })).status).toBe(200)
  })
})

describe('a deleted event', () => {
  it('is gone for a second delete, and cancelled for a get', async () => {
    const { call, google } = account()
    await google.insert(meeting(5, { id: 'event1' }))
    expect((await call('DELETE', `${EVENTS}/event1`)).status).toBe(204)
    expect(await call('DELETE', `${EVENTS}/event1`)).toMatchObject({ status: 410, reason: 'deleted' })
    const { status, body } = await call('GET', `${EVENTS}/event1`)
    expect(status).toBe(200)
    expect(Object.keys(body).toSorted()).toEqual(['etag', 'id', 'kind', 'status'])
    expect(body.status).toBe('cancelled')
    expect(google.events()).toEqual([])
  })

  it('has its details if the test asks for them', async () => {
    const { call, google } = account({ deletedDetails: true })
    await google.insert(meeting(5, { id: 'event1' }))
    await google.remove('event1')
    expect((await call('GET', `${EVENTS}/event1`)).body).toMatchObject({ status: 'cancelled', summary: 'Meeting 5' })
  })

  it('can be restored by its status, and not changed otherwise', async () => {
    const { call, google } = account()
    await google.insert(meeting(5, { id: 'event1' }))
    await google.remove('event1')
    const forbidden = { status: 403, reason: 'forbidden' }
    expect(await call('PATCH', `${EVENTS}/event1`, { body: { summary: 'New' } })).toMatchObject(forbidden)
    expect(await call('PUT', `${EVENTS}/event1`, { body: meeting(5) })).toMatchObject(forbidden)
    expect(await call('PATCH', `${EVENTS}/event1`, { body: { status: 'confirmed' } })).toMatchObject({ status: 200 })
    expect(google.events()).toMatchObject([{ id: 'event1', summary: 'Meeting 5', status: 'confirmed' }])
  })

  it.each(['GET', 'PATCH', 'PUT', 'DELETE'])('differs from one that never was: %s fails with 404', async (method) => {
    const { call } = account()
    const sent = method === 'PATCH' || method === 'PUT' ? { body: meeting(5) } : {}
    expect(await call(method, `${EVENTS}/unknown`, sent)).toMatchObject({ status: 404, reason: 'notFound' })
    expect(await call(method, '/calendars/other/events/unknown', sent)).toMatchObject({ status: 404 })
  })
})

describe('an occurrence of a series', () => {
  const SECOND = 'series_20260112T090000Z'

  it('becomes an exception when it is changed', async () => {
    const { call, google } = account()
    await google.insert(series())
    const { body } = await call('PATCH', `${EVENTS}/${SECOND}`, { body: { summary: 'Moved' } })
    const originalStartTime = { dateTime: '2026-01-12T10:00:00+01:00', timeZone: 'Europe/Berlin' }
    expect(body).toMatchObject({ id: SECOND, summary: 'Moved', recurringEventId: 'series', originalStartTime })
    expect(body.iCalUID).toBe('series@google.com')
    expect(body).not.toHaveProperty('recurrence')
    expect(google.events().map(({ id }) => id)).toEqual(['series', SECOND])
  })

  it('stays as a cancelled exception when it is deleted', async () => {
    const { call, google } = account()
    await google.insert(series())
    expect((await call('DELETE', `${EVENTS}/${SECOND}`)).status).toBe(204)
    expect(await call('DELETE', `${EVENTS}/${SECOND}`)).toMatchObject({ status: 410 })
    const [, exception] = google.events()
    expect(exception).toMatchObject({ id: SECOND, status: 'cancelled', recurringEventId: 'series' })
    expect(exception?.originalStartTime?.dateTime).toBe('2026-01-12T10:00:00+01:00')
    expect(google.events()[0]).toMatchObject({ status: 'confirmed' })
  })

  it('is cancelled by its status, as in the guide', async () => {
    const { call, google } = account()
    await google.insert(series())
    const { body } = await call('GET', `${EVENTS}/${SECOND}`)
    expect((await call('PUT', `${EVENTS}/${SECOND}`, { body: { ...body, status: 'cancelled' } })).status).toBe(200)
    expect(google.events()).toMatchObject([{ status: 'confirmed' }, { status: 'cancelled' }])
  })

  it('checks the version of its series until it is an exception', async () => {
    const { call, google } = account()
    const { etag = '' } = await google.insert(series())
    const headers = { 'If-Match': etag }
    await google.patch('series', { summary: 'Changed' })
    expect(await call('DELETE', `${EVENTS}/${SECOND}`, { headers })).toMatchObject({ status: 412 })
  })

  it('ends with its series', async () => {
    const { call, google } = account()
    await google.insert(series())
    await google.patch(SECOND, { summary: 'Moved' })
    await call('DELETE', `${EVENTS}/series`)
    expect(google.events()).toEqual([])
    expect((await call('GET', `${EVENTS}/${SECOND}`)).body.status).toBe('cancelled')
  })

  it('is in the changes again if its deleted series is restored', async () => {
    const { call, google } = account()
    await google.insert(series())
    await google.remove(SECOND)
    await google.remove('series')
    const syncToken = String((await call('GET', EVENTS)).body['nextSyncToken'])
    await call('PATCH', `${EVENTS}/series`, { body: { status: 'confirmed' } })
    const { body } = await call('GET', EVENTS, { query: { syncToken } })
    expect(body.items.map(({ id, status }) => [id, status])).toEqual([
      ['series', 'confirmed'],
      [SECOND, 'cancelled'],
    ])
  })

  it('is not found at a time at which the series does not happen', async () => {
    const { call, google } = account()
    await google.insert(series())
    expect(await call('GET', `${EVENTS}/series_20260113T090000Z`)).toMatchObject({ status: 404 })
  })
})
