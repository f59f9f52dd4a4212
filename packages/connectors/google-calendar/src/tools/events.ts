import { del, get, mark, noContent, patch, post, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { eventAt, eventsOf, ifMatch, pagesOf, replaced } from '../requests.ts'
import { scopes } from '../scopes.ts'
import { calendarId, Event, eventId, instant, sendUpdates, timeZone } from '../shapes.ts'

const reads = { effect: 'read', scopes: [scopes.readEvents] } as const
const writes = { effect: 'write', scopes: [scopes.events] } as const

const to = mark(calendarId, { destination: 'channel' })
const page = z.number().int().min(1).max(2500).default(250).describe('Events in one page; Google may send fewer.')
const window = {
  timeMin: instant.optional().describe('Only events that end after it, with an offset: 2026-11-02T09:00:00-05:00.'),
  timeMax: instant.optional().describe('Only events that start before it.'),
  timeZone: timeZone.optional().describe("Time zone of the response. Default: the calendar's."),
  showDeleted: z.boolean().optional().describe('Include cancelled events.'),
  maxResults: page,
}
const property = z
  .string()
  .regex(/^[^=]+=/)
  .describe('name=value')

const When = z
  .object({
    date: z.iso.date().optional().describe('A whole day: 2026-11-02. The end is exclusive.'),
    dateTime: z.iso
      .datetime({ offset: true, local: true })
      .optional()
      .describe('A time: 2026-11-02T14:10:00-05:00, or without an offset together with timeZone.'),
    timeZone: timeZone.optional().describe('IANA name, such as America/New_York. A series needs it.'),
  })
  .refine(({ date, dateTime }) => (date === undefined) !== (dateTime === undefined), 'Pass either date or dateTime.')

const attendees = mark(
  z.array(z.object({ email: z.email(), displayName: z.string().optional(), optional: z.boolean().optional() })),
  { destination: 'recipient' },
)
const properties = z.record(z.string(), z.string())
const fields = {
  description: z.string().optional().describe('May contain HTML.'),
  location: z.string().optional(),
  recurrence: z
    .array(z.string().regex(/^(?:RRULE|EXRULE|RDATE|EXDATE)[:;]/))
    .optional()
    .describe('Makes it a series: ["RRULE:FREQ=WEEKLY;COUNT=10"]. No DTSTART and DTEND lines.'),
  attendees: attendees.optional(),
  colorId: z.string().optional(),
  transparency: z.enum(['opaque', 'transparent']).optional().describe('transparent: does not block time.'),
  visibility: z.enum(['default', 'public', 'private', 'confidential']).optional(),
  extendedProperties: z
    .object({ private: properties.optional(), shared: properties.optional() })
    .optional()
    .describe('Data of apps: private to this calendar, or shared with the guests.'),
}
const changeable = z.object({
  summary: z.string(),
  start: When,
  end: When,
  status: z.enum(['confirmed', 'tentative']),
  ...fields,
})
const newId = z
  .string()
  .regex(/^[a-v0-9]{5,1024}$/, 'It has 5 to 1024 digits and letters from a to v.')
  .describe('Id of your choice, such as 32 hexadecimal digits. With it, a repeated call cannot create a second event.')
const etag = z.string().min(1).optional().describe('Refuse the write if the event has another etag by now.')
const Done = z.object({ deleted: z.literal(true) })

const shown = ({ date, dateTime = '', timeZone: zone }: z.output<typeof When>): string =>
  date ?? (zone === undefined ? dateTime : `${dateTime} (${zone})`)
const toGuests = (updates: z.output<typeof sendUpdates>): string =>
  updates === 'none' ? '.' : `, and e-mail ${updates === 'all' ? 'all guests' : 'guests outside Google Calendar'}.`

/** Events and their occurrences. */
export const events = {
  list_events: tool({
    description:
      'List or search the events of a calendar. Series are expanded to their occurrences unless singleEvents is false.',
    ...reads,
    input: z
      .object({
        calendarId,
        q: z.string().min(1).optional().describe('Words in the title, description, location or guests.'),
        ...window,
        singleEvents: z.boolean().default(true).describe('Whether series are expanded to their occurrences.'),
        orderBy: z.enum(['startTime', 'updated']).optional().describe('startTime needs singleEvents.'),
        updatedMin: instant.optional().describe('Only events that changed after it, deleted ones included.'),
        iCalUID: z.string().min(1).optional(),
        privateExtendedProperty: z.array(property).optional(),
        sharedExtendedProperty: z.array(property).optional(),
      })
      .refine(
        ({ orderBy, singleEvents }) => orderBy !== 'startTime' || singleEvents,
        'Order by startTime only with singleEvents.',
      ),
    output: z.object({ items: z.array(Event) }),
    request: ({ calendarId: id, ...query }) => get(eventsOf(id), query),
    // A calendar may go back for years: a call reads one page unless the caller asks for more.
    pages: pagesOf(1),
    examples: [
      {
        input: { timeMin: '2026-11-02T00:00:00-05:00', timeMax: '2026-11-03T00:00:00-05:00', orderBy: 'startTime' },
        note: 'one day',
      },
    ],
  }),
  get_event: tool({
    description: 'Get one event, series or occurrence by its id.',
    ...reads,
    input: z.object({ calendarId, eventId, timeZone: window.timeZone }),
    output: Event,
    request: ({ calendarId: calendar, eventId: id, ...query }) => get(eventAt(calendar, id), query),
  }),
  list_instances: tool({
    description: 'List the occurrences of a series, with those that were changed.',
    ...reads,
    input: z.object({
      calendarId,
      eventId: eventId.describe('Id of the series.'),
      ...window,
      originalStart: z.string().min(1).optional().describe('Only the occurrence that the series put at this time.'),
    }),
    output: z.object({ items: z.array(Event) }),
    request: ({ calendarId: calendar, eventId: id, ...query }) => get(`${eventAt(calendar, id)}/instances`, query),
    pages: pagesOf(1),
  }),
  create_event: tool({
    description: 'Create an event, a whole-day event or a series. Guests get no e-mail unless sendUpdates asks for it.',
    ...writes,
    input: z.object({ calendarId: to, id: newId.optional(), ...changeable.omit({ status: true }).shape, sendUpdates }),
    output: Event,
    request: ({ calendarId: calendar, sendUpdates: updates, ...event }) =>
      post(eventsOf(calendar), event, { query: { sendUpdates: updates } }),
    preview: ({ calendarId: calendar, summary, start, end, attendees: guests = [], sendUpdates: updates }) =>
      `Create "${summary}" from ${shown(start)} to ${shown(end)} in the calendar ${calendar}` +
      `${guests.length === 0 ? '' : ` with ${guests.map(({ email }) => email).join(', ')}`}${toGuests(updates)}`,
    undo: ({ input, output }) => ({
      tool: 'delete_event',
      input: { calendarId: input.calendarId, eventId: output.id, sendUpdates: input.sendUpdates },
    }),
    reconcile:
      'Read it with get_event if you passed an id; else find it with list_events before you create it again. ' +
      'With an id, calling again is safe: duplicate means that it exists.',
    examples: [
      {
        input: {
          summary: 'Stand-up',
          start: { dateTime: '2026-11-02T14:10:00', timeZone: 'America/New_York' },
          end: { dateTime: '2026-11-02T14:25:00', timeZone: 'America/New_York' },
          recurrence: ['RRULE:FREQ=WEEKLY;BYDAY=MO'],
        },
        note: 'a series',
      },
    ],
  }),
  update_event: tool({
    description:
      'Change fields of an event, of a series or of one occurrence. Fields that are not passed stay. A list replaces the whole list.',
    ...writes,
    input: z.object({
      calendarId: to,
      eventId,
      etag,
      ...changeable.partial().shape,
      description: z.string().nullable().optional().describe('null removes it.'),
      location: z.string().nullable().optional().describe('null removes it.'),
      sendUpdates,
    }),
    output: Event,
    request: ({ calendarId: calendar, eventId: id, etag: known, sendUpdates: updates, start, end, ...changes }) =>
      patch(
        eventAt(calendar, id),
        { ...changes, start: replaced(start), end: replaced(end) },
        { query: { sendUpdates: updates }, ...ifMatch(known) },
      ),
    preview: ({ calendarId: calendar, eventId: id, etag: _known, sendUpdates: updates, ...changes }) =>
      `Change ${Object.keys(changes).join(', ') || 'nothing'} of the event ${id} in the calendar ${calendar}${toGuests(updates)}`,
    undo: 'impossible',
    reconcile: 'Read the event with get_event: it shows whether the fields have changed.',
  }),
  delete_event: tool({
    description: 'Delete an event, a whole series or, by its own id, one occurrence.',
    effect: 'destroy',
    scopes: [scopes.events],
    input: z.object({ calendarId, eventId, etag, sendUpdates }),
    // Google returns no body.
    output: noContent(Done),
    request: ({ calendarId: calendar, eventId: id, etag: known, sendUpdates: updates }) =>
      del(eventAt(calendar, id), undefined, { query: { sendUpdates: updates }, ...ifMatch(known) }),
    preview: ({ calendarId: calendar, eventId: id, sendUpdates: updates }) =>
      `Delete the event ${id} from the calendar ${calendar}${toGuests(updates)}`,
    reconcile: 'Call it again: deleted means that it was deleted.',
  }),
}
