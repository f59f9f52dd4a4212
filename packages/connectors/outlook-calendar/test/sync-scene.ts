import { createMcpClient, fetchTransport, memoryStore } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { syncs } from '@mcpclient/sync'
import type { SyncPlan } from '@mcpclient/sync'
import { createFakeClock, seededRandom } from '@mcpclient/testing'
import type { FakeClock } from '@mcpclient/testing'
import { simulatedGraph } from '@mcpclient/testing/simulators'
import type { SimulatedGraphOptions } from '@mcpclient/testing/simulators'
import { memoryTable } from '@mcpclient/testkit'
import { outlookCalendar } from '../src/index.ts'

export const TOKEN = 'eyJ0.simulated'
export const PARAMS = { from: '2026-11-01T00:00:00Z', to: '2027-02-01T00:00:00Z' }

const parsed = (text: string): unknown => (text === '' ? undefined : JSON.parse(text))

/** A request as it went to the provider. */
export interface Sent {
  readonly method: string
  readonly url: URL
  readonly prefer: string | null
  readonly ifMatch: string | null
  readonly body: unknown
  readonly status: number
  readonly response: unknown
}

interface SceneOptions extends Partial<SimulatedGraphOptions> {
  readonly clock?: FakeClock
  /** Wraps the sending of each request. */
  readonly around?: (request: Request, send: () => Promise<Response>) => Promise<Response>
  readonly brake?: 'off'
  readonly mapping?: SyncPlan['mapping']
}

/** Composes a client with one calendar, a table and a simulated Graph. */
export function setUp({
  clock = createFakeClock(),
  around = (_request, send) => send(),
  brake,
  mapping,
  ...options
}: SceneOptions = {}) {
  const graph = simulatedGraph({ clock, random: seededRandom(7), accessToken: TOKEN, ...options })
  const table = memoryTable()
  const sent: Sent[] = []
  const transport = fetchTransport({
    fetch: (url, init) => {
      const request = new Request(url, init)
      return around(request, async () => {
        const text = await request.clone().text()
        const response = await graph.handle(request)
        sent.push({
          method: request.method,
          url: new URL(request.url),
          prefer: request.headers.get('prefer'),
          ifMatch: request.headers.get('if-match'),
          body: parsed(text),
          status: response.status,
          response: parsed(await response.clone().text()),
        })
        return response
      })
    },
  })
  const mcp = createMcpClient({
    connectors: { calendar: outlookCalendar({ token: TOKEN }) },
    vault: vault({ store: memoryStore({ clock }) }),
    capabilities: [
      syncs({
        plans: [{ connector: 'calendar', sync: 'events', replica: () => table, ...(brake && { brake }), mapping }],
        secret: 'a-secret-of-at-least-32-characters',
      }),
    ],
    transport,
    clock,
    random: () => 0.5,
  })
  const both = () =>
    clock.until(mcp.as('ada').calendar.syncData('events', { direction: 'both', first: 'merge', params: PARAMS }))
  /** Syncs until nothing changes. */
  const settle = async () => {
    await both()
    await clock.advance(6 * 60_000)
    await both()
    return both()
  }
  return {
    graph,
    events: graph.events(),
    table,
    clock,
    sent,
    both,
    settle,
    /** Returns the id of the row with this title. */
    rowOf: (subject: string) => table.idWhere((row) => row['subject'] === subject),
    subjects: () =>
      table
        .rows()
        .map(({ subject }) => String(subject))
        .toSorted((one, other) => one.localeCompare(other)),
    /** Returns the writes at the provider since the last call. */
    writes: () => sent.splice(0).filter(({ method }) => method !== 'GET'),
  }
}

/** Returns an event on a day of November 2026, from 10:00 to 11:00 in UTC. */
export const meeting = (subject: string, day = 5, more: object = {}) => {
  const date = `2026-11-${String(day).padStart(2, '0')}`
  const at = (hour: string) => ({ dateTime: `${date}T${hour}:00:00.0000000`, timeZone: 'UTC' })
  return { subject, start: at('10'), end: at('11'), ...more }
}

/** Returns a weekly series from a Monday, 14:10 in New York. */
export const series = (subject: string, startDate: string) => ({
  subject,
  start: { dateTime: `${startDate}T14:10:00`, timeZone: 'America/New_York' },
  end: { dateTime: `${startDate}T14:25:00`, timeZone: 'America/New_York' },
  recurrence: {
    pattern: { type: 'weekly', interval: 1, daysOfWeek: ['monday'], firstDayOfWeek: 'sunday' },
    range: { type: 'numbered', startDate, numberOfOccurrences: 20, recurrenceTimeZone: 'America/New_York' },
  },
})
