import { createMcpClient, fetchTransport, memoryStore } from '@mcpclient/core'
import type { Clock } from '@mcpclient/core'
import { jobs } from '@mcpclient/core/jobs'
import { vault } from '@mcpclient/core/vault'
import { googleCalendar } from '@mcpclient/google-calendar'
import { syncs } from '@mcpclient/sync'
import { webhooks } from '@mcpclient/webhooks'
import { EventTable } from './event-table.ts'

export interface AppOptions {
  readonly name: string
  readonly clock: Clock
  readonly accessToken: string
  readonly fetch: (request: Request) => Promise<Response>
}

/** Starts an app whose user Ada connected her Google Calendar. */
export async function startApp({ name, clock, accessToken, fetch }: AppOptions) {
  const table = new EventTable()
  const work = jobs()
  const calendars = syncs({
    plans: [{ connector: 'calendar', sync: 'events', replica: () => table, policy: { summary: 'park' } }],
    secret: `the-secret-of-app-${name}-with-32-characters`,
  })
  const hooks = webhooks({ address: `https://${name}.example/hooks` })
  const mcp = createMcpClient({
    connectors: { calendar: googleCalendar({ signingSecret: `channel-secret-of-app-${name}` }) },
    vault: vault({ store: memoryStore({ clock }) }),
    transport: fetchTransport({ fetch: (url, init) => fetch(new Request(url, init)) }),
    clock,
    capabilities: [work, calendars, hooks],
  })
  const recoveries: string[] = []
  mcp.on('sync.recovered', ({ reason }) => recoveries.push(reason))

  await mcp.as('ada').calendar.connect({ token: accessToken })
  const target = { connector: 'calendar', sync: 'events', tenant: 'ada' }
  await calendars.schedule(target)
  await hooks.subscribe(target)
  return { name, table, work, calendars, hooks, target, recoveries, close: () => mcp.close() }
}

export type App = Awaited<ReturnType<typeof startApp>>
