import { describe, expect, it } from 'vitest'
import { account, meeting, series } from './account.ts'

const window = { timeMin: '2026-01-05T00:00:00Z', timeMax: '2026-01-13T00:00:00Z' }

describe('a free-busy query', () => {
  it('returns merged times of opaque events and occurrences', async () => {
    const { call, google } = account()
    await google.insert(series())
    await google.insert(meeting(5, { end: { dateTime: '2026-01-05T12:00:00+01:00' } }))
    await google.insert(meeting(7, { transparency: 'transparent' }))
    await google.insert({ id: 'event1', ...meeting(8) })
    await google.remove('event1')
    const { body } = await call('POST', '/freeBusy', {
      body: { ...window, items: [{ id: 'primary' }, { id: 'other' }] },
    })
    expect(body['calendars']).toEqual({
      primary: {
        busy: [
          { start: '2026-01-05T09:00:00Z', end: '2026-01-05T11:00:00Z' },
          { start: '2026-01-12T09:00:00Z', end: '2026-01-12T10:00:00Z' },
        ],
      },
      other: { errors: [{ domain: 'global', reason: 'notFound' }], busy: [] },
    })
  })

  it('clips times to the window, and spells them in the zone of the request', async () => {
    const { call, google } = account()
    await google.insert({ start: { date: '2026-01-04' }, end: { date: '2026-01-06' } })
    const body = { ...window, timeZone: 'America/New_York', items: [{ id: 'ada@example.com' }] }
    const answer = await call('POST', '/freeBusy', { body })
    expect(answer.body['calendars']).toEqual({
      'ada@example.com': { busy: [{ start: '2026-01-04T19:00:00-05:00', end: '2026-01-05T18:00:00-05:00' }] },
    })
  })

  it('needs both times, in order', async () => {
    const { call } = account()
    expect(await call('POST', '/freeBusy', { body: { timeMin: window.timeMin } })).toMatchObject({ reason: 'required' })
    const body = { timeMin: window.timeMax, timeMax: window.timeMin }
    expect(await call('POST', '/freeBusy', { body })).toMatchObject({ reason: 'timeRangeEmpty' })
  })

  it('has at most 50 calendars', async () => {
    const { call } = account()
    const items = Array.from({ length: 51 }, (_, at) => ({ id: `calendar${at}` }))
    const { body } = await call('POST', '/freeBusy', { body: { ...window, items } })
    expect(body['calendars']).toMatchObject({
      calendar49: { errors: [{ reason: 'notFound' }] },
      calendar50: { errors: [{ reason: 'tooManyCalendarsRequested' }] },
    })
  })
})
