import { createMcpClient, fetchTransport, memoryStore } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { syncs } from '@mcpclient/sync'
import type { SyncPlan } from '@mcpclient/sync'
import { createFakeClock, seededRandom } from '@mcpclient/testing'
import { simulatedGoogleCalendar } from '@mcpclient/testing/simulators'
import type { SimulatedGoogleCalendarOptions } from '@mcpclient/testing/simulators'
import { googleCalendar } from '../src/index.ts'
import { memoryTable } from '@mcpclient/testkit'

export const TOKEN = 'ya29.simulated'

const parsed = (text: string): unknown => (text === '' ? undefined : JSON.parse(text))

/** A request as it went to the provider. */
export interface Sent {
  readonly method: string
  readonly url: URL
  readonly ifMatch: string | null
  readonly body: unknown
  readonly status: number
  readonly response: unknown
}

/** Composes a client with one calendar, a table and a simulated Google. */
export function setUp(options: Partial<SimulatedGoogleCalendarOptions> = {}, plan: Partial<SyncPlan> = {}) {
  const clock = createFakeClock()
  const google = simulatedGoogleCalendar({
    clock,
    random: seededRandom(7),
    accessToken: TOKEN,
    calendars: [{ id: 'ada@example.com', summary: 'Ada', timeZone: 'America/New_York' }],
    ...options,
  })
  const table = memoryTable()
  const sent: Sent[] = []
  const transport = fetchTransport({
    async fetch(url, init) {
      const request = new Request(url, init)
      const text = await request.clone().text()
      const response = await google.handle(request)
      sent.push({
        method: request.method,
        url: new URL(request.url),
        ifMatch: request.headers.get('if-match'),
        body: parsed(text),
        status: response.status,
        response: parsed(await response.clone().text()),
      })
      return response
    },
  })
  const mcp = createMcpClient({
    connectors: { calendar: googleCalendar({ token: TOKEN }) },
    vault: vault({ store: memoryStore() }),
    capabilities: [
      syncs({
        plans: [{ connector: 'calendar', sync: 'events', replica: () => table, ...plan }],
        secret: 'a-secret-of-at-least-32-characters',
      }),
    ],
    transport,
    clock,
    random: () => 0.5,
  })
  const both = () =>
    clock.until(mcp.as('ada').calendar.syncData('events', { direction: 'both', first: 'merge', params: {} }))
  /** Syncs until nothing changes, after what was written has settled. */
  const settle = async () => {
    await both()
    await clock.advance(6 * 60_000)
    await both()
    return both()
  }
  return {
    google,
    table,
    clock,
    sent,
    both,
    settle,
    /** Returns the writes at the provider since the last call. */
    writes: () => sent.splice(0).filter(({ method }) => method !== 'GET'),
  }
}
