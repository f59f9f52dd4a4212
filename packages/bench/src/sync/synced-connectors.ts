import { defineConnector, errorTable, get, noAuth, patch, path, post, sync } from '@mcpclient/core/define'
import { gmail } from '@mcpclient/gmail'
import { googleContacts } from '@mcpclient/google-contacts'
import * as z from 'zod'

/** The bearer token of the simulated accounts. */
export const TOKEN = 'ya29.measured'

const time = z.object({ dateTime: z.string(), timeZone: z.string() })
const events = sync({
  description: 'The events of a calendar.',
  params: z.object({}),
  item: z.object({
    id: z.string(),
    etag: z.string(),
    title: z.string(),
    description: z.string(),
    location: z.string(),
    start: time,
    end: time,
  }),
  key: 'id',
  version: 'etag',
  codes: {},
  pull: ({ since, page }) => get('events', { since, page }),
  get: (id) => get(path`events/${id}`),
  push: {
    id: (seed) => seed,
    create: (item, { id }) => post('events', { ...item, id }),
    update: (changes, { id }) => patch(path`events/${id}`, changes),
  },
})

const calendar = (baseUrl: string) =>
  defineConnector({
    id: 'calendar',
    name: 'Calendar',
    baseUrl,
    auth: noAuth,
    errors: errorTable({}, {}),
    tools: {},
    syncs: { events },
  })()

/** The syncs that are measured, each with the connector that it belongs to. */
export const synced = {
  events: { connector: calendar, direction: 'both' },
  contacts: { connector: (baseUrl: string) => googleContacts({ token: TOKEN, baseUrl }), direction: 'both' },
  messages: { connector: (baseUrl: string) => gmail({ token: TOKEN, baseUrl }), direction: 'pull' },
} as const

export type Synced = keyof typeof synced
