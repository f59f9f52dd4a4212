import { cursorPages, path } from '@mcpclient/core/define'
import type { Pages } from '@mcpclient/core/define'

export const eventsOf = (calendarId: string): string => path`calendars/${calendarId}/events`
export const eventAt = (calendarId: string, eventId: string): string => path`calendars/${calendarId}/events/${eventId}`

/** Returns the header of a write that fails with `conditionNotMet` if the event has another etag. */
export const ifMatch = (etag: string | undefined): { readonly headers?: Readonly<Record<string, string>> } =>
  etag === undefined ? {} : { headers: { 'if-match': etag } }

/** Paginates the items. A page may be short or empty before the last one. */
export const pagesOf = (max?: number): Pages =>
  cursorPages({ items: 'items', next: 'nextPageToken', param: 'pageToken', max })

interface When {
  readonly date?: string | null | undefined
  readonly dateTime?: string | null | undefined
  readonly timeZone?: string | null | undefined
}

/** Returns a start or end for a patch, which merges objects: an event cannot have both a day and a time. */
export function replaced(when: When | null | undefined): When | null | undefined {
  if (when === undefined || when === null) return when
  return when.date === undefined || when.date === null
    ? { date: null, ...when }
    : { dateTime: null, timeZone: null, ...when }
}
