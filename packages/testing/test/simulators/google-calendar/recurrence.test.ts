import { describe, expect, it } from 'vitest'
import { account, EVENTS, series } from './account.ts'
import type { SimulatedEvent } from '../../../src/simulators.ts'

/** Returns the starts of the occurrences of a series. */
async function starts(
  event: SimulatedEvent,
  query: Readonly<Record<string, string>> = {},
): Promise<readonly unknown[]> {
  const { call, google } = account()
  await google.insert(event)
  const { body } = await call('GET', `${EVENTS}/series/instances`, { query })
  return body.items.map(({ start }) => start?.date ?? start?.dateTime)
}

const allDay = (...recurrence: readonly string[]): SimulatedEvent =>
  series({ start: { date: '2026-01-05' }, end: { date: '2026-01-06' }, recurrence })

describe('a series', () => {
  it('keeps its time on the wall over a change of the clocks', async () => {
    const event = series({
      start: { dateTime: '2026-03-23T10:00:00', timeZone: 'Europe/Berlin' },
      end: { dateTime: '2026-03-23T11:00:00', timeZone: 'Europe/Berlin' },
      recurrence: ['RRULE:FREQ=WEEKLY;COUNT=2'],
    })
    expect(await starts(event)).toEqual(['2026-03-23T10:00:00+01:00', '2026-03-30T10:00:00+02:00'])
  })

  it('is expanded in its own zone and spelled in the zone of the calendar', async () => {
    const event = series({
      start: { dateTime: '2026-03-02T10:00:00', timeZone: 'America/New_York' },
      end: { dateTime: '2026-03-02T11:00:00', timeZone: 'America/New_York' },
      recurrence: ['RRULE:FREQ=WEEKLY;COUNT=2'],
    })
    expect(await starts(event)).toEqual(['2026-03-02T16:00:00+01:00', '2026-03-09T15:00:00+01:00'])
  })

  it.each([
    ['a count', ['RRULE:FREQ=DAILY;COUNT=2'], ['2026-01-05', '2026-01-06']],
    ['an interval', ['RRULE:FREQ=DAILY;INTERVAL=3;COUNT=2'], ['2026-01-05', '2026-01-08']],
    ['an end', ['RRULE:FREQ=DAILY;UNTIL=20260106'], ['2026-01-05', '2026-01-06']],
    ['weekdays', ['RRULE:FREQ=WEEKLY;BYDAY=WE,MO;COUNT=3'], ['2026-01-05', '2026-01-07', '2026-01-12']],
    [
      'every second week',
      ['RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;COUNT=3'],
      ['2026-01-05', '2026-01-11', '2026-01-19'],
    ],
    [
      'weeks from Sunday',
      ['RRULE:FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=MO,SU;COUNT=3'],
      ['2026-01-05', '2026-01-18', '2026-01-19'],
    ],
    ['days of a daily rule', ['RRULE:FREQ=DAILY;BYDAY=MO,TU;COUNT=3'], ['2026-01-05', '2026-01-06', '2026-01-12']],
    ['an exclusion', ['RRULE:FREQ=DAILY;COUNT=3', 'EXDATE;VALUE=DATE:20260106'], ['2026-01-05', '2026-01-07']],
    ['an interval that meets none of its days', ['RRULE:FREQ=DAILY;INTERVAL=7;BYDAY=TU'], []],
  ])('has %s', async (_, recurrence, expected) => {
    expect(await starts(allDay(...recurrence))).toEqual(expected)
  })

  it('excludes a time in the zone of the line', async () => {
    const event = series({ recurrence: ['RRULE:FREQ=WEEKLY;COUNT=2', 'EXDATE;TZID=America/New_York:20260105T040000'] })
    expect(await starts(event)).toEqual(['2026-01-12T10:00:00+01:00'])
  })

  it('is bounded by the window if it has no end', async () => {
    const event = series({ recurrence: ['RRULE:FREQ=WEEKLY'] })
    expect(await starts(event, { timeMax: '2026-01-13T00:00:00Z' })).toHaveLength(2)
    expect((await starts(event, { maxResults: '2500' })).length).toBeGreaterThan(500)
  })

  it.each(['RRULE:FREQ=MONTHLY', 'RRULE:FREQ=WEEKLY;BYDAY=1MO', 'RDATE:20260105', 'RRULE:FREQ=DAILY;BYMONTH=1'])(
    'is stored, but not expanded: %s',
    async (rule) => {
      const { call, google } = account()
      await google.insert(series({ recurrence: [rule] }))
      expect(google.events()).toHaveLength(1)
      const answer = await call('GET', `${EVENTS}/series/instances`)
      expect(answer).toMatchObject({ status: 501, reason: 'notSimulated' })
    },
  )
})
