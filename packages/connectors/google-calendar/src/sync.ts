import { del, get, patch, post, sync, valueAt } from '@mcpclient/core/define'
import type { Schema } from '@mcpclient/core/define'
import { syncCodes, syncPage, watchChannel } from '@mcpclient/google'
import * as z from 'zod'
import { eventAt, eventsOf, ifMatch, replaced } from './requests.ts'
import { scopes } from './scopes.ts'
import { calendarId, sendUpdates } from './shapes.ts'

const Params = z.object({ calendarId, sendUpdates })
type Params = z.output<typeof Params>

const text = z.string().optional()
const When = z.object({ date: text, dateTime: text, timeZone: text }).optional()
const Attendee = z.object({ email: text, displayName: text, responseStatus: text, optional: z.boolean().optional() })

/** The fields of a row. Days and times stay as Google writes them, and attendees are read only: a patch replaces them all. */
export const EventItem = z.object({
  id: z.string().min(1),
  // A cancelled occurrence may have no more than its id, its series and its original time.
  etag: text,
  status: text,
  summary: text,
  description: text,
  location: text,
  start: When,
  end: When,
  recurrence: z.array(z.string()).optional(),
  transparency: text,
  visibility: text,
  colorId: text,
  recurringEventId: text,
  originalStartTime: When,
  iCalUID: text,
  htmlLink: text,
  attendees: z.array(Attendee).optional(),
})

/** A row of the sync. */
export type EventItem = z.output<typeof EventItem>

// `updated` orders what is read. It is no field of a row, so that a write does not change the row again.
const Row: Schema<EventItem> = EventItem.loose()

/** Returns whether an event was deleted. A cancelled occurrence is a part of its series, which lives. */
export const isDeleted = (event: unknown): boolean =>
  valueAt(event, 'status') === 'cancelled' && valueAt(event, 'recurringEventId') === undefined

/** The events of one calendar: series as series, and their changed and cancelled occurrences. */
export const events = sync({
  description:
    'The events of one calendar, both ways. A series is one event; changed and cancelled occurrences follow it.',
  params: Params,
  item: Row,
  key: 'id',
  version: 'etag',
  revision: (event) => Date.parse(String(valueAt(event, 'updated'))) || undefined,
  readOnly: ['recurringEventId', 'originalStartTime', 'iCalUID', 'htmlLink', 'attendees'],
  parent: ({ recurringEventId }) => recurringEventId,
  codes: { ...syncCodes, gone: [...(syncCodes.gone ?? []), 'cancelled'] },
  scopes: [scopes.readEvents],
  // Lists may miss a new event for minutes: https://github.com/googleapis/google-api-php-client/issues/2400
  settleMs: 5 * 60_000,
  page: syncPage('items', { isRemoved: isDeleted }),
  // Google requires the same parameters with a sync token as without.
  pull: ({ params, since, page }) =>
    get(eventsOf(params.calendarId), { maxResults: 2500, syncToken: since, pageToken: page }),
  get: (id, { params }) => get(eventAt(params.calendarId, id)),
  push: {
    // Hexadecimal digits are among those of base32hex.
    id: (seed) => seed,
    create: (event, { params, id }) =>
      post(eventsOf(params.calendarId), { ...event, id }, { query: { sendUpdates: params.sendUpdates } }),
    update: ({ start, end, ...changes }, { params, id, version }) =>
      patch(
        eventAt(params.calendarId, id),
        { ...changes, start: replaced(start), end: replaced(end) },
        { query: { sendUpdates: params.sendUpdates }, ...ifMatch(version) },
      ),
    remove: ({ params, id, version }) =>
      del(eventAt(params.calendarId, id), undefined, {
        query: { sendUpdates: params.sendUpdates },
        ...ifMatch(version),
      }),
  },
})

export const eventChannels = watchChannel('events', {
  watch: (params: Params) => `${eventsOf(params.calendarId)}/watch`,
})
