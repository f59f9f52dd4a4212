import { get, path, post, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { pagesOf } from '../requests.ts'
import { scopes } from '../scopes.ts'
import { Calendar, calendarId, FreeBusy, instant, ListedCalendar, timeZone } from '../shapes.ts'

/** Google returns at most 50 calendars of a query. */
const MAX_CALENDARS = 50

/** Calendars and free times. */
export const calendars = {
  list_calendars: tool({
    description: "List the calendars in the account's list, with their ids, names, time zones and access roles.",
    effect: 'read',
    scopes: [scopes.readCalendarList],
    input: z.object({
      minAccessRole: z.enum(['freeBusyReader', 'reader', 'writer', 'owner']).optional(),
      showHidden: z.boolean().optional(),
      showDeleted: z.boolean().optional(),
      maxResults: z.number().int().min(1).max(250).default(250).describe('Calendars in one page.'),
    }),
    output: z.object({ items: z.array(ListedCalendar) }),
    request: (input) => get('users/me/calendarList', input),
    pages: pagesOf(),
  }),
  get_calendar: tool({
    description: 'Get the name, description and time zone of one calendar.',
    effect: 'read',
    scopes: [scopes.readCalendars],
    input: z.object({ calendarId }),
    output: Calendar,
    request: (input) => get(path`calendars/${input.calendarId}`),
  }),
  query_free_busy: tool({
    description: 'Return when calendars are busy, without the events. Works for calendars that share only that.',
    effect: 'read',
    scopes: [scopes.freeBusy],
    input: z.object({
      timeMin: instant.describe('Start of the interval, with an offset: 2026-11-02T09:00:00-05:00.'),
      timeMax: instant.describe('End of the interval.'),
      calendars: z.array(z.string().min(1)).min(1).max(MAX_CALENDARS).default(['primary']),
      timeZone: timeZone.optional().describe('Time zone of the response. Default: UTC.'),
    }),
    output: FreeBusy,
    request: ({ calendars: ids, ...interval }) => post('freeBusy', { ...interval, items: ids.map((id) => ({ id })) }),
  }),
}
