import { CalendarEvent } from '@mcpclient/shapes'
import { describe, expect, it } from 'vitest'
import { calendarEvents } from '../src/mapping.ts'
import { EventItem } from '../src/row.ts'
import { setUp } from './sync-scene.ts'

const BERLIN = 'Europe/Berlin'
const start = { dateTime: '2026-02-02T10:00:00+01:00', timeZone: BERLIN }
const end = { dateTime: '2026-02-02T10:30:00+01:00', timeZone: BERLIN }
const both = { start, end, busy: true, visibility: 'default' } as const

/** Sends a row to Outlook and reads it back. */
const roundTrip = (row: CalendarEvent) =>
  calendarEvents.toRow(EventItem.omit({ id: true }).parse(calendarEvents.toItem(row, row)))

describe('the mapping of events', () => {
  it.each<[string, CalendarEvent]>([
    ['a time', { title: 'Watch', notes: 'Bring a scope', location: 'Marsh', ...both }],
    ['notes in HTML', { title: 'Watch', notes: '<b>Bring</b> a scope', ...both }],
    ['whole days', { ...both, start: { date: '2026-11-05' }, end: { date: '2026-11-07' } }],
    ['free and private', { ...both, busy: false, visibility: 'private' }],
    ['a daily series', { ...both, recurrence: ['RRULE:FREQ=DAILY;INTERVAL=2;COUNT=5'] }],
    ['a weekly series', { ...both, recurrence: ['RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;WKST=SU'] }],
    ['a series until a day', { ...both, recurrence: ['RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20260630T215959Z'] }],
    [
      'a series of whole days until a day',
      {
        ...both,
        start: { date: '2026-02-02' },
        end: { date: '2026-02-03' },
        recurrence: ['RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20260630'],
      },
    ],
    ['a day of each month', { ...both, recurrence: ['RRULE:FREQ=MONTHLY;BYMONTHDAY=2'] }],
    ['the second Monday of each month', { ...both, recurrence: ['RRULE:FREQ=MONTHLY;BYDAY=2MO'] }],
    [
      'the last working day of each month',
      { ...both, recurrence: ['RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1'] },
    ],
    ['a day of each year', { ...both, recurrence: ['RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=2'] }],
    ['the last Sunday of each March', { ...both, recurrence: ['RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU'] }],
  ])('loses nothing that both sides have: %s', (_name, row) => {
    expect(CalendarEvent.parse(roundTrip(row))).toEqual(row)
  })

  it.each([
    ['excluded days', ['RRULE:FREQ=WEEKLY;BYDAY=MO', 'EXDATE:20260209']],
    ['two rules', ['RRULE:FREQ=DAILY', 'RRULE:FREQ=WEEKLY']],
    ['hours', ['RRULE:FREQ=DAILY;BYHOUR=9,17']],
    ['minutes', ['RRULE:FREQ=MINUTELY']],
    ['weeks of the year', ['RRULE:FREQ=YEARLY;BYWEEKNO=20']],
    ['days from the end of a month', ['RRULE:FREQ=MONTHLY;BYMONTHDAY=-1']],
    ['two positions', ['RRULE:FREQ=MONTHLY;BYDAY=1MO,3MO']],
    ['the fifth Monday', ['RRULE:FREQ=MONTHLY;BYDAY=5MO']],
    ['nothing that can be read', ['every Monday']],
  ])('refuses a series with %s, which Outlook does not have', (_name, recurrence) => {
    const row = { ...both, recurrence }
    expect(() => calendarEvents.toItem(row, row)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }))
  })

  it('sends the rule of a series that moves, because its range names the first day', () => {
    const row = {
      ...both,
      start: { ...start, dateTime: '2026-02-09T10:00:00+01:00' },
      recurrence: ['RRULE:FREQ=WEEKLY;BYDAY=MO'],
    }
    expect(calendarEvents.toItem({ start: row.start }, row)).toMatchObject({
      recurrence: { range: { startDate: '2026-02-09', recurrenceTimeZone: BERLIN } },
    })
  })

  it('shows a series in the zone in which it repeats, also if Outlook names it as Windows does', () => {
    const item = EventItem.omit({ id: true }).parse({
      start: { dateTime: '2026-02-02T09:00:00.0000000', timeZone: 'UTC' },
      end: { dateTime: '2026-02-02T09:30:00.0000000', timeZone: 'UTC' },
      recurrence: {
        pattern: { type: 'weekly', interval: 1, daysOfWeek: ['monday'], firstDayOfWeek: 'sunday' },
        range: { type: 'noEnd', startDate: '2026-02-02', recurrenceTimeZone: 'W. Europe Standard Time' },
      },
    })
    expect(calendarEvents.toRow(item)).toMatchObject({ start, end, recurrence: ['RRULE:FREQ=WEEKLY;BYDAY=MO'] })
  })

  it('names every field of an event, or leaves it to Outlook', () => {
    const left = [
      'id',
      '@odata.etag',
      'importance',
      'categories',
      'seriesMasterId',
      'originalStart',
      'iCalUId',
      'isAllDay',
      'attendees',
      'webLink',
    ]
    const mapped = {
      ...{ subject: 'title', body: 'notes', showAs: 'busy', sensitivity: 'visibility' },
      ...Object.fromEntries(['location', 'start', 'end', 'recurrence'].map((name) => [name, name])),
    }
    expect(new Set([...left, ...Object.keys(mapped)])).toEqual(new Set(Object.keys(EventItem.shape)))
    expect(new Set(Object.values(mapped))).toEqual(new Set(calendarEvents.fields))
    expect(new Set(calendarEvents.fields)).toEqual(new Set(Object.keys(CalendarEvent.shape)))
  })

  it('has no row for an occurrence of a series', () => {
    expect(
      calendarEvents.toRow(EventItem.omit({ id: true }).parse({ subject: 'Moved', seriesMasterId: 'series' })),
    ).toBe(undefined)
  })

  it('empties a field that a row empties', () => {
    expect(calendarEvents.toItem({ title: null, notes: null, location: null, recurrence: null }, both)).toEqual({
      subject: null,
      body: null,
      location: null,
      recurrence: null,
    })
  })
})

describe('a plan with the mapping of events', () => {
  it('keeps a table of shared rows equal with a calendar, both ways', async () => {
    const { graph, table, settle } = setUp({ plan: { mapping: calendarEvents } })
    await graph.events().insert({
      subject: 'Dentist',
      start: { dateTime: '2026-11-02T10:00:00', timeZone: BERLIN },
      end: { dateTime: '2026-11-02T10:30:00', timeZone: BERLIN },
      importance: 'high',
    })
    await settle()
    expect(table.rows()).toMatchObject([{ title: 'Dentist', busy: true, start: { dateTime: '2026-11-02T09:00:00Z' } }])
    table.edit(
      table.idWhere(({ title }) => title === 'Dentist'),
      { title: 'Dentist, again', busy: false },
    )
    table.edit('mine', { title: 'New', start: { date: '2026-12-01' }, end: { date: '2026-12-02' } })
    await settle()
    const shown = graph.events().all()
    expect(shown.find(({ subject }) => subject === 'Dentist, again')).toMatchObject({
      showAs: 'free',
      importance: 'high',
    })
    expect(shown.find(({ subject }) => subject === 'New')).toMatchObject({ isAllDay: true })
  })
})
