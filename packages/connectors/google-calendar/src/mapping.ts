/** `@mcpclient/google-calendar/mapping`: events as rows that calendars of several providers share. */
import type { RowChanges, SyncMapping } from '@mcpclient/core/define'
import type { CalendarEvent, EventTime } from '@mcpclient/shapes'
import type { EventItem } from './sync.ts'

type Item = Omit<EventItem, 'id'>

const visibilities = ['default', 'public', 'private', 'confidential'] as const

/**
 * Translates the events of Google Calendar to {@link CalendarEvent} and back. The events of a series that were changed or
 * cancelled have no rows of their own. Colours and everything else that other calendars lack stays at Google.
 */
export const calendarEvents: SyncMapping<CalendarEvent, Item> = {
  fields: ['title', 'notes', 'location', 'start', 'end', 'recurrence', 'busy', 'visibility'],
  toRow({ summary, description, location, start, end, recurrence, transparency, ...event }) {
    if (event.recurringEventId !== undefined) return undefined
    return {
      title: summary,
      notes: description,
      location,
      start: timeOf(start),
      end: timeOf(end),
      recurrence,
      busy: transparency !== 'transparent',
      visibility: visibilities.find((each) => each === event.visibility) ?? 'default',
    }
  },
  toItem: ({ title, notes, busy, ...same }: RowChanges<CalendarEvent>) => ({
    ...same,
    ...(title !== undefined && { summary: title }),
    ...(notes !== undefined && { description: notes }),
    ...(busy !== undefined && { transparency: busy === false ? 'transparent' : 'opaque' }),
  }),
}

/** Returns a day or a time of Google as a row has it. */
function timeOf(time: Item['start']): EventTime | undefined {
  if (time?.date !== undefined) return { date: time.date }
  if (time?.dateTime === undefined) return undefined
  const { dateTime, timeZone } = time
  return timeZone === undefined ? { dateTime } : { dateTime, timeZone }
}
