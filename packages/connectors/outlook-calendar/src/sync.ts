import { del, get, patch, post, sync, valueAt } from '@mcpclient/core/define'
import type { Schema } from '@mcpclient/core/define'
import { graphSubscription, syncCodes } from '@mcpclient/microsoft'
import * as z from 'zod'
import { deltaPageWithSeries } from './delta.ts'
import { calendarAt, eventAt, reading } from './requests.ts'
import { scopes } from './scopes.ts'
import { calendarId, instant } from './shapes.ts'

const Params = z.object({
  calendarId,
  from: instant.describe('Start of the interval to keep equal: 2026-01-01T00:00:00Z.'),
  to: instant.describe('End of the interval.'),
  timeZone: z.string().min(1).default('UTC').describe('Zone of the times in rows.'),
})
type Params = z.output<typeof Params>

/** An empty text or object says the same as none. */
const text = z
  .string()
  .nullish()
  .transform((value) => value || undefined)
const When = z.object({ dateTime: z.string(), timeZone: z.string() }).optional()
const Part = z.record(z.string(), z.unknown())
const Guest = z.object({
  type: text,
  status: z.object({ response: text }).optional(),
  emailAddress: z.object({ name: text, address: text }).optional(),
})

/** The fields of a row. Attendees are read only: each write of them sends e-mails. */
const Item = z.object({
  id: z.string().min(1),
  '@odata.etag': text,
  subject: text,
  body: z
    .object({ contentType: z.string(), content: text })
    .nullish()
    .transform((body) => (body?.content === undefined ? undefined : { ...body, content: body.content })),
  location: z
    .object({ displayName: text })
    .nullish()
    .transform((place) => (place?.displayName === undefined ? undefined : { displayName: place.displayName })),
  start: When,
  end: When,
  isAllDay: z.boolean().optional(),
  recurrence: z
    .object({ pattern: Part, range: Part })
    .nullish()
    .transform((value) => value ?? undefined),
  showAs: text,
  sensitivity: text,
  importance: text,
  categories: z.array(z.string()).optional(),
  attendees: z.array(Guest).optional(),
  seriesMasterId: text,
  originalStart: text,
  iCalUId: text,
  webLink: text,
})

// `lastModifiedDateTime` orders what is read. It is no field of a row, so that a write does not change the row again.
const Row: Schema<z.output<typeof Item>> = Item.loose()

/** The values that empty a field: Graph refuses null for most. */
const EMPTY: Readonly<Record<string, unknown>> = {
  subject: '',
  body: { contentType: 'text', content: '' },
  location: { displayName: '' },
  isAllDay: false,
  showAs: 'busy',
  sensitivity: 'normal',
  importance: 'normal',
  categories: [],
}
const emptied = (changes: object): object =>
  Object.fromEntries(
    Object.entries(changes).map(([name, value]: [string, unknown]) => [name, value ?? EMPTY[name] ?? null]),
  )

/** The events of one calendar in an interval: series as series, and their changed occurrences. */
export const events = sync({
  description:
    'The events of one calendar in an interval, both ways. A series is one event; changed occurrences follow it.',
  params: Params,
  item: Row,
  key: 'id',
  version: '@odata.etag',
  revision: (event) => Date.parse(String(valueAt(event, 'lastModifiedDateTime'))) || undefined,
  readOnly: ['attendees', 'seriesMasterId', 'originalStart', 'iCalUId', 'webLink'],
  sets: ['categories'],
  parent: ({ seriesMasterId }) => seriesMasterId,
  codes: syncCodes,
  scopes: [scopes.read],
  // Whatever changes outside of the interval looks like a removal.
  removals: 'hinted',
  pull: ({ params, since, page }) =>
    deltaPageWithSeries(deltaRequest(params, page ?? since), (id) => eventRequest(id, params)),
  get: (id, { params }) => eventRequest(id, params),
  push: {
    idempotencyKey: (seed) => seed,
    create: (event, { params, idempotencyKey: transactionId }) =>
      post(`${calendarAt(params.calendarId)}/events`, { ...event, transactionId }, reading(params)),
    update: (changes, { params, id, version }) =>
      patch(eventAt(id), emptied(changes), reading({ ...params, etag: version })),
    remove: ({ id, version }) => del(eventAt(id), undefined, reading({ etag: version })),
  },
})

/** Returns the request for a page: the link that Graph returned, or the first page of the interval. */
const deltaRequest = (params: Params, link: string | undefined) =>
  link === undefined
    ? get(
        `${calendarAt(params.calendarId)}/calendarView/delta`,
        { startDateTime: params.from, endDateTime: params.to },
        reading(params),
      )
    : get(link, undefined, reading(params))

const eventRequest = (id: string, params: Params) => get(eventAt(id), undefined, reading(params))

// Graph has no notifications of one calendar: those of the mailbox wake the sync.
export const eventNotifications = graphSubscription('events', { resource: (_params: Params) => 'me/events' })
