import { path } from '@mcpclient/core/define'
import { ifMatch, prefer } from '@mcpclient/microsoft'

/** Returns the path of a calendar: by its id, or of the default one. */
export const calendarAt = (calendarId: string | undefined): string =>
  calendarId === undefined ? 'me/calendar' : path`me/calendars/${calendarId}`

export const eventAt = (eventId: string): string => path`me/events/${eventId}`

interface Reading {
  readonly timeZone?: string | undefined
  readonly etag?: string | undefined
}

/** Returns the options of a request for events: bodies as text, and times in the zone that the caller prefers. */
export const reading = ({ timeZone, etag }: Reading = {}) => ({
  headers: { ...prefer({ body: 'text', timeZone }), ...ifMatch(etag) },
})
