import { createMcpClient, fetchTransport } from '@mcpclient/core'
import { createFakeClock, seededRandom } from '@mcpclient/testing'
import { simulatedGoogleCalendar } from '@mcpclient/testing/simulators'
import { describe, expect, it } from 'vitest'
import { googleCalendar } from '../src/index.ts'
import { expand } from '../src/recurrence.ts'
import type { ExpandableEvent, ExpandWindow } from '../src/recurrence.ts'
import { TOKEN } from './sync-scene.ts'

const NEW_YORK = 'America/New_York'
const at = (dateTime: string, timeZone = NEW_YORK) => ({ dateTime, timeZone })
const AUTUMN = { from: '2026-10-20T00:00:00-04:00', to: '2026-11-20T00:00:00-05:00' }

const standup = {
  id: 'standup',
  status: 'confirmed',
  iCalUID: 'standup@google.com',
  start: at('2026-10-26T14:10:00-04:00'),
  end: at('2026-10-26T14:25:00-04:00'),
  recurrence: ['RRULE:FREQ=WEEKLY;BYDAY=MO'],
}
const timed = (start: string, end: string, ...recurrence: readonly string[]) => ({
  ...standup,
  start: at(start),
  end: at(end),
  recurrence,
})
const days = (start: string, end: string, ...recurrence: readonly string[]) => ({
  id: 'days',
  start: { date: start },
  end: { date: end },
  recurrence,
})

/** Returns the starts of the occurrences. */
const starts = (events: readonly ExpandableEvent[], window: ExpandWindow = AUTUMN) => {
  const { occurrences, skipped } = expand(events, window)
  expect(skipped).toEqual([])
  return occurrences.map(({ start }) => start.date ?? start.dateTime)
}

describe('a series', () => {
  it('keeps its wall time when the clocks change (S20)', () => {
    expect(starts([standup])).toEqual([
      '2026-10-26T14:10:00-04:00',
      '2026-11-02T14:10:00-05:00',
      '2026-11-09T14:10:00-05:00',
      '2026-11-16T14:10:00-05:00',
    ])
    const spring = { from: '2026-03-25T00:00:00Z', to: '2026-04-10T00:00:00Z' }
    const berlin = {
      start: at('2026-03-27T09:00:00+01:00', 'Europe/Berlin'),
      end: at('2026-03-27T10:00:00+01:00', 'Europe/Berlin'),
    }
    expect(starts([{ ...standup, ...berlin, recurrence: ['RRULE:FREQ=WEEKLY'] }], spring)).toEqual([
      '2026-03-27T09:00:00+01:00',
      '2026-04-03T09:00:00+02:00',
    ])
  })

  it('repeats in its own zone, whatever offset its start is written with', () => {
    const utc = { start: at('2026-10-26T18:10:00Z'), end: at('2026-10-26T18:25:00Z') }
    const asia = { start: at('2026-10-27T03:10:00+09:00'), end: at('2026-10-27T03:25:00+09:00') }
    const wall = { start: at('2026-10-26T14:10:00'), end: at('2026-10-26T14:25:00') }
    for (const spelling of [utc, asia, wall]) expect(starts([{ ...standup, ...spelling }])).toEqual(starts([standup]))
  })

  it('has occurrences of equal length, also across a change of the clocks', () => {
    const night = timed('2026-10-31T23:00:00-04:00', '2026-11-01T03:00:00-05:00', 'RRULE:FREQ=DAILY;COUNT=2')
    expect(expand([night], AUTUMN).occurrences.map(({ end }) => end.dateTime)).toEqual([
      '2026-11-01T03:00:00-05:00',
      '2026-11-02T04:00:00-05:00',
    ])
  })

  it('takes the first of a time that occurs twice, and has none for a time that does not exist (RFC 5545)', () => {
    const twice = timed('2026-10-31T01:30:00-04:00', '2026-10-31T01:45:00-04:00', 'RRULE:FREQ=DAILY;COUNT=3')
    expect(starts([twice])).toEqual([
      '2026-10-31T01:30:00-04:00',
      '2026-11-01T01:30:00-04:00',
      '2026-11-02T01:30:00-05:00',
    ])
    const absent = timed('2026-03-07T02:30:00-05:00', '2026-03-07T02:45:00-05:00', 'RRULE:FREQ=DAILY')
    expect(starts([absent], { from: '2026-03-07T00:00:00Z', to: '2026-03-10T00:00:00Z' })).toEqual([
      '2026-03-07T02:30:00-05:00',
      '2026-03-09T02:30:00-04:00',
    ])
  })

  it.each([
    ['at UNTIL, inclusive', 'UNTIL=20261102T191000Z', 2],
    ['before UNTIL, which is in UTC', 'UNTIL=20261102T190959Z', 1],
    ['on the day of UNTIL', 'UNTIL=20261102', 2],
    ['after COUNT', 'COUNT=3', 3],
  ])('ends %s', (_what, end, count) => {
    expect(starts([{ ...standup, recurrence: [`RRULE:FREQ=WEEKLY;BYDAY=MO;${end}`] }])).toHaveLength(count)
  })

  it('counts the occurrences before the interval', () => {
    const event = timed('2026-09-28T14:10:00-04:00', '2026-09-28T14:25:00-04:00', 'RRULE:FREQ=WEEKLY;COUNT=6')
    expect(starts([event])).toEqual(['2026-10-26T14:10:00-04:00', '2026-11-02T14:10:00-05:00'])
  })

  it('counts the occurrences that EXDATE removes', () => {
    const recurrence = ['RRULE:FREQ=WEEKLY;COUNT=3', 'EXDATE;TZID=America/New_York:20261102T141000']
    expect(starts([{ ...standup, recurrence }])).toEqual(['2026-10-26T14:10:00-04:00', '2026-11-09T14:10:00-05:00'])
  })

  it.each([
    'EXDATE;TZID=America/New_York:20261102T141000,20261109T141000',
    'EXDATE:20261102T191000Z,20261109T191000Z',
    'EXRULE:FREQ=WEEKLY;UNTIL=20261109T191000Z;BYDAY=MO',
  ])('is without the dates of %s', (line) => {
    const left = starts([{ ...standup, recurrence: [...standup.recurrence, line] }])
    expect(left).not.toContain('2026-11-02T14:10:00-05:00')
    expect(left).not.toContain('2026-11-09T14:10:00-05:00')
    expect(left).toContain('2026-11-16T14:10:00-05:00')
  })

  it('has the dates of RDATE, each once, with and without a rule', () => {
    const rdate = 'RDATE;TZID=America/New_York:20261103T100000,20261102T141000'
    expect(starts([{ ...standup, recurrence: ['RRULE:FREQ=WEEKLY;COUNT=2', rdate] }])).toEqual([
      '2026-10-26T14:10:00-04:00',
      '2026-11-02T14:10:00-05:00',
      '2026-11-03T10:00:00-05:00',
    ])
    expect(starts([{ ...standup, recurrence: [rdate] }])).toHaveLength(3)
  })

  it('is found at the other end of a long history', () => {
    const event = timed('1996-01-01T09:00:00-05:00', '1996-01-01T09:15:00-05:00', 'RRULE:FREQ=DAILY')
    expect(starts([event])).toHaveLength(31)
  })
})

describe('a series of whole days', () => {
  it('repeats by days, with an exclusive end (S21)', () => {
    const { occurrences } = expand([days('2026-10-30', '2026-11-01', 'RRULE:FREQ=WEEKLY;COUNT=2')], AUTUMN)
    expect(occurrences.map(({ start, end }) => [start, end])).toEqual([
      [{ date: '2026-10-30' }, { date: '2026-11-01' }],
      [{ date: '2026-11-06' }, { date: '2026-11-08' }],
    ])
  })

  it.each(['UNTIL=20261101', 'UNTIL=20261101T000000Z', 'UNTIL=20261101T235959Z'])('ends on the day of %s', (until) => {
    expect(starts([days('2026-10-30', '2026-10-31', `RRULE:FREQ=DAILY;${until}`)])).toEqual([
      '2026-10-30',
      '2026-10-31',
      '2026-11-01',
    ])
  })

  it('is without the days of EXDATE, and has those of RDATE', () => {
    const event = days(
      '2026-10-30',
      '2026-10-31',
      'RRULE:FREQ=DAILY;COUNT=3',
      'EXDATE;VALUE=DATE:20261031',
      'RDATE;VALUE=DATE:20261105',
    )
    expect(starts([event])).toEqual(['2026-10-30', '2026-11-01', '2026-11-05'])
  })

  it.each([
    ['America/Los_Angeles', '2026-10-31T07:00:00Z', '2026-11-01T07:00:00Z'],
    ['Pacific/Kiritimati', '2026-10-30T10:00:00Z', '2026-10-31T10:00:00Z'],
    ['UTC', '2026-10-31T00:00:00Z', '2026-11-01T00:00:00Z'],
  ])('covers a day of the zone %s', (timeZone, from, to) => {
    expect(starts([days('2026-10-01', '2026-10-02', 'RRULE:FREQ=DAILY')], { from, to, timeZone })).toEqual([
      '2026-10-31',
    ])
  })

  it.each([
    [
      'the last Friday of a month',
      'RRULE:FREQ=MONTHLY;BYDAY=-1FR',
      '2026-10-30',
      ['2026-10-30', '2026-11-27', '2026-12-25'],
    ],
    ['the 31st, which few months have', 'RRULE:FREQ=MONTHLY;BYMONTHDAY=31', '2026-10-31', ['2026-10-31', '2026-12-31']],
    [
      'the last weekday of a month',
      'RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1',
      '2026-10-30',
      ['2026-10-30', '2026-11-30', '2026-12-31'],
    ],
    ['a leap day', 'RRULE:FREQ=YEARLY', '2024-02-29', []],
    [
      'every other week from Sunday',
      'RRULE:FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SU,TU',
      '2026-12-06',
      ['2026-12-06', '2026-12-08', '2026-12-20', '2026-12-22'],
    ],
  ])('knows %s', (_what, rule, start, expected) => {
    const event = days(start, start, rule)
    expect(starts([event], { from: '2026-10-01T00:00:00Z', to: '2027-01-01T00:00:00Z' })).toEqual(expected)
  })
})

describe('an exception', () => {
  const moved = {
    id: 'standup_20261102T191000Z',
    status: 'confirmed',
    iCalUID: 'standup@google.com',
    recurringEventId: 'standup',
    originalStartTime: at('2026-11-02T14:10:00-05:00'),
    start: at('2026-11-03T16:00:00-05:00'),
    end: at('2026-11-03T16:15:00-05:00'),
  }
  const cancelled = {
    id: 'c',
    status: 'cancelled',
    recurringEventId: 'standup',
    iCalUID: 'standup@google.com',
    originalStartTime: at('2026-11-09T14:10:00-05:00'),
  }

  it('replaces its occurrence, and a cancelled one removes it (S16, S18)', () => {
    const { occurrences } = expand([moved, standup, cancelled], AUTUMN)
    expect(occurrences.map(({ event, start }) => [event.id, start.dateTime])).toEqual([
      ['standup', '2026-10-26T14:10:00-04:00'],
      [moved.id, '2026-11-03T16:00:00-05:00'],
      ['standup', '2026-11-16T14:10:00-05:00'],
    ])
  })

  it('is found by its original time in any spelling', () => {
    for (const dateTime of ['2026-11-09T19:10:00Z', '2026-11-10T04:10:00+09:00', '2026-11-09T14:10:00']) {
      const each = { ...cancelled, originalStartTime: at(dateTime) }
      expect(starts([standup, each])).not.toContain('2026-11-09T14:10:00-05:00')
    }
  })

  it('is found by iCalUID in rows of a sync, which have no id', () => {
    const { id: _series, ...series } = standup
    const { id: _moved, ...row } = moved
    expect(starts([series, row])).toEqual(starts([standup, moved]))
    expect(starts([series, { ...row, iCalUID: 'another@google.com' }])).toContain('2026-11-02T14:10:00-05:00')
  })

  it('may move into the interval and out of it', () => {
    const window = { from: '2026-11-02T00:00:00-05:00', to: '2026-11-03T00:00:00-05:00' }
    expect(starts([standup, moved], window)).toEqual([])
    expect(starts([standup, moved], { from: window.to, to: '2026-11-04T00:00:00-05:00' })).toEqual([
      moved.start.dateTime,
    ])
  })

  it('is found by its day in a series of whole days', () => {
    const exception = { status: 'cancelled', recurringEventId: 'days', originalStartTime: { date: '2026-10-31' } }
    expect(starts([days('2026-10-30', '2026-10-31', 'RRULE:FREQ=DAILY;COUNT=3'), exception])).toEqual([
      '2026-10-30',
      '2026-11-01',
    ])
  })

  it('replaces nothing if it belongs to another series', () => {
    expect(starts([standup, { ...cancelled, recurringEventId: 'other', iCalUID: 'other' }])).toHaveLength(4)
  })
})

describe('a list of events', () => {
  it('has single events and series by their starts', () => {
    const single = { id: 'egret', start: at('2026-11-04T08:00:00'), end: at('2026-11-04T09:00:00') }
    expect(starts([standup, single, days('2026-11-05', '2026-11-06')])).toEqual([
      '2026-10-26T14:10:00-04:00',
      '2026-11-02T14:10:00-05:00',
      '2026-11-04T08:00:00',
      '2026-11-05',
      '2026-11-09T14:10:00-05:00',
      '2026-11-16T14:10:00-05:00',
    ])
  })

  it('has what overlaps the interval, whose end is exclusive', () => {
    const window = { from: '2026-11-02T14:20:00-05:00', to: '2026-11-09T14:10:00-05:00' }
    expect(starts([standup], window)).toEqual(['2026-11-02T14:10:00-05:00'])
    expect(starts([standup], { ...window, from: '2026-11-02T14:25:00-05:00' })).toEqual([])
    const moment = { id: 'm', start: at('2026-11-03T10:00:00-05:00'), end: at('2026-11-03T10:00:00-05:00') }
    expect(starts([moment], { from: '2026-11-03T10:00:00-05:00', to: window.to })).toHaveLength(1)
  })

  it('is bounded, and reports that there is more', () => {
    const minutes = timed('2026-01-01T00:00:00-05:00', '2026-01-01T00:00:30-05:00', 'RRULE:FREQ=MINUTELY')
    const { occurrences, complete } = expand([minutes, standup], { ...AUTUMN, max: 50 })
    expect(occurrences).toHaveLength(50)
    expect(complete).toBe(false)
    expect(expand([standup], { ...AUTUMN, max: 4 }).complete).toBe(true)
    expect(expand([standup], { ...AUTUMN, max: 3 }).complete).toBe(false)
  })

  it('leaves out cancelled and deleted events', () => {
    expect(
      starts([
        { ...standup, status: 'cancelled' },
        { id: 'gone', status: 'cancelled' },
      ]),
    ).toEqual([])
  })

  it.each([
    ['an unknown frequency', { ...standup, recurrence: ['RRULE:FREQ=NEVER'] }],
    ['an unknown zone', { ...standup, start: at('2026-10-26T14:10:00', 'Mars/Base') }],
    ['no times', { id: 'x', recurrence: ['RRULE:FREQ=DAILY'] }],
    ['a time that is none', { id: 'x', start: { dateTime: 'soon' }, end: { dateTime: 'later' } }],
    ['a rule that never matches', days('2026-11-01', '2026-11-02', 'RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30')],
  ])('continues after an event with %s', (_what, broken) => {
    const { occurrences, skipped } = expand([broken, standup], AUTUMN)
    expect(skipped).toEqual([broken])
    expect(occurrences).toHaveLength(4)
  })

  it.each([
    { ...AUTUMN, from: '2026-11-01' },
    { ...AUTUMN, to: '2026-11-01T00:00:00' },
    { ...AUTUMN, timeZone: 'Mars/Base' },
    { ...AUTUMN, max: 0 },
    { ...AUTUMN, max: Number.NaN },
  ])('cannot be expanded in the interval %j', (window) => {
    expect(() => expand([standup], window)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }))
  })
})

describe('beside the occurrences that a simulated Google lists', () => {
  const pick = <Value>(random: () => number, from: readonly Value[]): Value =>
    from[Math.floor(random() * from.length)] as Value

  it.each(Array.from({ length: 20 }, (_, seed) => seed + 1))(
    'expands the same from the series and exceptions of seed %i',
    async (seed) => {
      const random = seededRandom(seed)
      const clock = createFakeClock()
      const calendars = [{ id: 'ada@example.com', summary: 'Ada', timeZone: NEW_YORK }] as const
      const google = simulatedGoogleCalendar({ clock, random, accessToken: TOKEN, calendars })
      const transport = fetchTransport({ fetch: (url, init) => google.handle(new Request(url, init)) })
      const mcp = createMcpClient({
        connectors: { calendar: googleCalendar({ token: TOKEN }) },
        transport,
        clock,
        retry: { attempts: 1 },
      })
      const { calendar } = mcp.as('ada')
      const list = async (singleEvents: boolean) => {
        const window = { timeMin: AUTUMN.from, timeMax: AUTUMN.to }
        const { items } = await calendar.call(
          'list_events',
          { singleEvents, ...(singleEvents && window) },
          { maxPages: 50 },
        )
        return items
      }

      for (let n = 0; n < 5; n++) {
        const rule = `FREQ=${pick(random, ['DAILY', 'WEEKLY', 'WEEKLY;BYDAY=TU,FR', 'WEEKLY;WKST=SU;BYDAY=SU,MO'])};INTERVAL=${pick(random, [1, 2, 3])}`
        const end = pick(random, ['', ';COUNT=12', ';UNTIL=20261110T120000Z'])
        const day = `2026-10-${pick(random, ['05', '12', '26', '30'])}`
        const isDay = random() < 0.3
        const times = isDay
          ? { start: { date: day }, end: { date: `${day.slice(0, 8)}31` } }
          : { start: at(`${day}T14:10:00-04:00`), end: at(`${day}T15:00:00-04:00`) }
        const until = isDay ? end.replace('T120000Z', '') : end
        await google.insert({ id: `series${n}`, recurrence: [`RRULE:${rule}${until}`], ...times })
      }
      for (const { id } of (await list(true)).filter(() => random() < 0.3)) {
        if (random() < 0.5) await google.remove(id)
        else
          await google.patch(id, {
            start: { ...at('2026-11-12T08:00:00-05:00'), date: null },
            end: { ...at('2026-11-12T09:00:00-05:00'), date: null },
          })
      }
      const named = ({
        start,
      }: {
        readonly start?:
          | { readonly date?: string | null | undefined; readonly dateTime?: string | null | undefined }
          | undefined
      }) => start?.date ?? start?.dateTime ?? ''
      const expected = (await list(true)).map(named)
      expect(expected.length).toBeGreaterThan(0)
      const { occurrences, skipped } = expand(await list(false), { ...AUTUMN, timeZone: NEW_YORK })
      expect(skipped).toEqual([])
      expect(occurrences.map(named).toSorted()).toEqual(expected.toSorted())
      await mcp.close()
    },
  )
})
