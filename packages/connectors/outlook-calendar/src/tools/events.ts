import { del, get, mark, noContent, patch, post, tool } from '@mcpclient/core/define'
import { odataPages } from '@mcpclient/microsoft'
import * as z from 'zod'
import { etag, fields } from '../inputs.ts'
import type { When } from '../inputs.ts'
import { calendarAt, eventAt, reading } from '../requests.ts'
import { scopes } from '../scopes.ts'
import { calendarId, Event, eventId, instant, timeZone } from '../shapes.ts'

const reads = { effect: 'read', scopes: [scopes.read] } as const
const writes = { effect: 'write', scopes: [scopes.write] } as const

const window = {
  startDateTime: instant.describe('Only events that end after it, with an offset: 2026-11-02T09:00:00-05:00.'),
  endDateTime: instant.describe('Only events that start before it.'),
  timeZone,
  top: z.number().int().min(1).max(1000).default(100).describe('Events in one page; Graph may send fewer.'),
}
const Events = z.object({ value: z.array(Event) })
// Graph returns no body.
const Done = noContent(z.object({ done: z.literal(true) }))

const shown = ({ dateTime, timeZone: zone }: z.output<typeof When>): string => `${dateTime} (${zone})`
const to = mark(calendarId, { destination: 'channel' })
const RESPONSES = { accept: 'Accept', tentativelyAccept: 'Tentatively accept', decline: 'Decline' } as const

/** Events and their occurrences. */
export const events = {
  list_events: tool({
    description: 'List the events of a calendar in an interval. Series are expanded to their occurrences.',
    ...reads,
    input: z.object({ calendarId, ...window, orderBy: z.enum(['start/dateTime', 'subject']).optional() }),
    output: Events,
    request: ({ calendarId: id, startDateTime, endDateTime, timeZone: zone, top, orderBy }) =>
      get(
        `${calendarAt(id)}/calendarView`,
        { startDateTime, endDateTime, $top: top, $orderby: orderBy },
        reading({ timeZone: zone }),
      ),
    // An interval may be long: a call reads one page unless the caller asks for more.
    pages: odataPages(1),
    examples: [
      {
        input: { startDateTime: '2026-11-02T00:00:00-05:00', endDateTime: '2026-11-03T00:00:00-05:00' },
        note: 'one day',
      },
    ],
  }),
  get_event: tool({
    description: 'Get one event, series or occurrence by its id.',
    ...reads,
    input: z.object({ eventId, timeZone }),
    output: Event,
    request: ({ eventId: id, timeZone: zone }) => get(eventAt(id), undefined, reading({ timeZone: zone })),
  }),
  list_instances: tool({
    description: 'List the occurrences of a series in an interval, with those that were changed.',
    ...reads,
    input: z.object({ eventId: eventId.describe('Id of the series.'), ...window }),
    output: Events,
    request: ({ eventId: id, startDateTime, endDateTime, timeZone: zone, top }) =>
      get(`${eventAt(id)}/instances`, { startDateTime, endDateTime, $top: top }, reading({ timeZone: zone })),
    pages: odataPages(1),
  }),
  create_event: tool({
    description: 'Create an event, a whole-day event or a series. Outlook invites the attendees by e-mail.',
    ...writes,
    input: z.object({
      calendarId: to,
      transactionId: z
        .string()
        .min(1)
        .max(255)
        .optional()
        .describe('A UUID of your choice. With it, a repeated call cannot create a second event.'),
      ...fields.shape,
    }),
    output: Event,
    request: ({ calendarId: id, ...event }) => post(`${calendarAt(id)}/events`, event, reading()),
    preview: ({ calendarId: id, subject, start, end, attendees = [] }) =>
      `Create "${subject}" from ${shown(start)} to ${shown(end)} in ${id === undefined ? 'the own calendar' : `the calendar ${id}`}` +
      `${attendees.length === 0 ? '' : `, and invite ${attendees.map(({ emailAddress }) => emailAddress.address).join(', ')}`}.`,
    undo: ({ output }) => ({ tool: 'delete_event', input: { eventId: output.id } }),
    reconcile:
      'Call it again with the same input if you passed a transactionId: Graph then returns the event that exists. ' +
      'Else find it with list_events before you create it again.',
    examples: [
      {
        input: {
          subject: 'Stand-up',
          start: { dateTime: '2026-11-02T14:10:00', timeZone: 'America/New_York' },
          end: { dateTime: '2026-11-02T14:25:00', timeZone: 'America/New_York' },
          recurrence: {
            pattern: { type: 'weekly', interval: 1, daysOfWeek: ['monday'] },
            range: { type: 'noEnd', startDate: '2026-11-02', recurrenceTimeZone: 'America/New_York' },
          },
        },
        note: 'a series',
      },
    ],
  }),
  update_event: tool({
    description:
      'Change fields of an event, of a series or of one occurrence. Fields that are not passed stay. A list replaces the whole list. Outlook sends updates to the attendees.',
    ...writes,
    input: z.object({
      eventId,
      etag,
      ...fields.partial().shape,
      recurrence: fields.shape.recurrence.nullable().describe('null turns a series into a single event.'),
    }),
    output: Event,
    request: ({ eventId: id, etag: known, ...changes }) => patch(eventAt(id), changes, reading({ etag: known })),
    preview: ({ eventId: id, etag: _known, ...changes }) =>
      `Change ${Object.keys(changes).join(', ') || 'nothing'} of the event ${id}.`,
    undo: 'impossible',
    reconcile: 'Read the event with get_event: it shows whether the fields have changed.',
  }),
  delete_event: tool({
    description:
      'Delete an event, a whole series or, by its own id, one occurrence. Outlook sends cancellations to the attendees of a meeting.',
    effect: 'destroy',
    scopes: [scopes.write],
    input: z.object({ eventId, etag }),
    output: Done,
    request: ({ eventId: id, etag: known }) => del(eventAt(id), undefined, reading({ etag: known })),
    preview: ({ eventId: id }) => `Delete the event ${id}.`,
    reconcile: 'Call it again: ErrorItemNotFound means that it was deleted.',
  }),
  respond_to_event: tool({
    description: 'Accept, tentatively accept or decline an invitation.',
    ...writes,
    input: z.object({
      eventId,
      response: z.enum(['accept', 'tentativelyAccept', 'decline']),
      comment: mark(z.string(), { destination: 'recipient' }).optional().describe('A message to the organizer.'),
      sendResponse: z.boolean().default(true).describe('Whether the organizer gets an e-mail.'),
    }),
    output: Done,
    request: ({ eventId: id, response, ...message }) => post(`${eventAt(id)}/${response}`, message),
    preview: ({ eventId: id, response, sendResponse }) =>
      `${RESPONSES[response]} the event ${id}${sendResponse ? ', and e-mail the organizer' : ''}.`,
    undo: 'impossible',
    reconcile: 'Read the event with get_event: responseStatus shows the response.',
  }),
}
