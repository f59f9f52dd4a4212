import { CalendarEvent } from '@mcpclient/shapes'
import { describe, expect, it } from 'vitest'
import { calendarEvents } from '../src/mapping.ts'
import { EventItem } from '../src/sync.ts'
import { setUp } from './sync-scene.ts'

const events: readonly Omit<EventItem, 'id'>[] = [
  { summary: 'Count', start: { date: '2026-11-05' }, end: { date: '2026-11-06' } },
  {
    summary: 'Watch',
    description: '<b>Bring</b> a scope',
    location: 'Marsh',
    start: { dateTime: '2026-11-02T14:10:00-05:00', timeZone: 'America/New_York' },
    end: { dateTime: '2026-11-02T15:10:00-05:00', timeZone: 'America/New_York' },
    recurrence: ['RRULE:FREQ=WEEKLY;BYDAY=MO', 'EXDATE;TZID=America/New_York:20261109T141000'],
    transparency: 'transparent',
    visibility: 'private',
  },
  { start: { dateTime: '2026-11-02T19:10:00Z' }, end: { dateTime: '2026-11-02T20:10:00Z' } },
]

describe('the mapping of events', () => {
  it.each(events.map((event) => [event.summary ?? 'no title', event] as const))(
    'loses nothing that both sides have: %s',
    (_title, event) => {
      const row = calendarEvents.toRow(event) ?? {}
      expect(CalendarEvent.parse(row)).toEqual(row)
      expect(calendarEvents.toItem(row, row)).toEqual({ transparency: 'opaque', visibility: 'default', ...event })
    },
  )

  it('names every field of an event, or leaves it to Google', () => {
    const left = [
      'id',
      'etag',
      'status',
      'colorId',
      'recurringEventId',
      'originalStartTime',
      'iCalUID',
      'attendees',
      'htmlLink',
    ]
    const mapped = {
      ...{ summary: 'title', description: 'notes', transparency: 'busy' },
      ...Object.fromEntries(['location', 'start', 'end', 'recurrence', 'visibility'].map((name) => [name, name])),
    }
    expect(new Set([...left, ...Object.keys(mapped)])).toEqual(new Set(Object.keys(EventItem.shape)))
    expect(new Set(Object.values(mapped))).toEqual(new Set(calendarEvents.fields))
    expect(new Set(calendarEvents.fields)).toEqual(new Set(Object.keys(CalendarEvent.shape)))
  })

  it('has no row for a changed occurrence of a series', () => {
    expect(calendarEvents.toRow({ summary: 'Moved', recurringEventId: 'series' })).toBe(undefined)
  })

  it('empties a field that a row empties', () => {
    expect(calendarEvents.toItem({ title: null, location: null, busy: null }, {})).toEqual({
      summary: null,
      location: null,
      transparency: 'opaque',
    })
  })
})

describe('a plan with the mapping of events', () => {
  it('keeps a table of shared rows equal with a calendar, both ways', async () => {
    const { google, table, settle } = setUp({}, { mapping: calendarEvents })
    await google.insert({ id: 'egret', ...events[1], colorId: '5' })
    await settle()
    expect(table.rows()).toMatchObject([{ title: 'Watch', busy: false, notes: '<b>Bring</b> a scope' }])
    table.edit(
      table.idWhere(({ title }) => title === 'Watch'),
      { busy: true, title: 'Watch at dawn' },
    )
    table.edit('mine', { title: 'New', start: { date: '2026-12-01' }, end: { date: '2026-12-02' } })
    await settle()
    expect(google.events().find(({ id }) => id === 'egret')).toMatchObject({
      summary: 'Watch at dawn',
      transparency: 'opaque',
      colorId: '5',
      recurrence: events[1]?.recurrence,
    })
    expect(google.events().map(({ summary }) => summary)).toContain('New')
  })
})
