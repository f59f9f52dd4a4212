import { del, get, patch, post, sync, valueAt } from '@mcpclient/core/define'
import { graphSubscription, syncCodes } from '@mcpclient/microsoft'
import * as z from 'zod'
import { deltaPageWithSeries } from './delta.ts'
import { calendarAt, eventAt, reading } from './requests.ts'
import { emptied, Row } from './row.ts'
import { scopes } from './scopes.ts'
import { calendarId, instant } from './shapes.ts'

const Params = z.object({
  calendarId,
  from: instant.describe('Start of the interval to keep equal: 2026-01-01T00:00:00Z.'),
  to: instant.describe('End of the interval.'),
  timeZone: z.string().min(1).default('UTC').describe('Zone of the times in rows.'),
})
type Params = z.output<typeof Params>

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
