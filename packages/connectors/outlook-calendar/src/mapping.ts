/** `@mcpclient/outlook-calendar/mapping`: events as rows that calendars of several providers share. */
import type { RowChanges, SyncMapping } from '@mcpclient/core/define'
import { fromWallTime, toWallTime } from '@mcpclient/shapes'
import type { CalendarEvent, EventTime, WallTime } from '@mcpclient/shapes'
import { toLines, toPattern } from './mapping/recurrence.ts'
import type { SeriesStart } from './mapping/recurrence.ts'
import { windowsZones } from './mapping/windows-zones.ts'
import type { EventItem } from './row.ts'

type Item = Omit<EventItem, 'id'>
type Visibility = NonNullable<CalendarEvent['visibility']>

const visibilities: Readonly<Record<string, Visibility>> = {
  normal: 'default',
  personal: 'private',
  private: 'private',
  confidential: 'confidential',
}
const sensitivities: Readonly<Record<Visibility, string>> = {
  default: 'normal',
  public: 'normal',
  private: 'private',
  confidential: 'confidential',
}
const HTML = /<[a-z!/][^>]*>/i

/**
 * Translates the events of Outlook Calendar to {@link CalendarEvent} and back. The occurrences of a series have no rows of
 * their own. Categories, importance and everything else that other calendars lack stay at Microsoft; a series that
 * Outlook cannot repeat, such as one with excluded days, is parked.
 */
export const calendarEvents: SyncMapping<CalendarEvent, Item> = {
  fields: ['title', 'notes', 'location', 'start', 'end', 'recurrence', 'busy', 'visibility'],
  toRow({ subject, body, location, isAllDay = false, recurrence, showAs, sensitivity = '', ...event }) {
    if (event.seriesMasterId !== undefined) return undefined
    const zone = recurrence === undefined ? undefined : ianaName(String(recurrence.range['recurrenceTimeZone']))
    const start = timeOf(event.start, isAllDay, zone)
    return {
      title: subject,
      notes: body?.content,
      location: location?.displayName,
      start,
      end: timeOf(event.end, isAllDay, zone),
      recurrence: recurrence && start && [...toLines(recurrence, seriesStart(start))],
      busy: showAs !== 'free',
      visibility: visibilities[sensitivity] ?? 'default',
    }
  },
  toItem(changes: RowChanges<CalendarEvent>, row) {
    const { title, notes, location, start, end, busy, visibility } = changes
    // The range of a recurrence names the first day, so a series that moves is sent with its rule.
    const recurrence = changes.recurrence === undefined && start ? row.recurrence : changes.recurrence
    return {
      ...(title !== undefined && { subject: title }),
      ...(notes !== undefined && {
        body: notes && { contentType: HTML.test(notes) ? 'html' : 'text', content: notes },
      }),
      ...(location !== undefined && { location: location && { displayName: location } }),
      ...(start && { start: wallTimeOf(start), isAllDay: 'date' in start }),
      ...(end && { end: wallTimeOf(end) }),
      ...(recurrence !== undefined && {
        recurrence: recurrence && row.start ? toPattern(recurrence, seriesStart(row.start)) : null,
      }),
      ...(busy !== undefined && { showAs: busy === false ? 'free' : 'busy' }),
      ...(visibility !== undefined && { sensitivity: sensitivities[visibility ?? 'default'] }),
    }
  },
}

/** Returns a day or a time of Graph as a row has it; in another zone if one is given. */
function timeOf(time: WallTime | undefined, isAllDay: boolean, zone: string | undefined): EventTime | undefined {
  if (time === undefined) return undefined
  if (isAllDay) return { date: time.dateTime.slice(0, 10) }
  const here = fromWallTime({ ...time, timeZone: ianaName(time.timeZone) })
  return zone === undefined ? here : fromWallTime(toWallTime({ ...here, timeZone: zone }))
}

const wallTimeOf = (time: EventTime): WallTime =>
  'date' in time ? { dateTime: `${time.date}T00:00:00`, timeZone: 'UTC' } : toWallTime(time)

function seriesStart(start: EventTime): SeriesStart {
  const { dateTime, timeZone } = wallTimeOf(start)
  return { date: dateTime.slice(0, 10), timeZone, isAllDay: 'date' in start }
}

/** Returns the IANA name of a zone. Outlook has Windows' names, such as Eastern Standard Time. */
const ianaName = (zone: string): string => windowsZones[zone] ?? zone
