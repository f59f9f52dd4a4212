import { createMcpClient, fetchTransport } from '@mcpclient/core'
import type { Clock, Store } from '@mcpclient/core'
import { jobs } from '@mcpclient/core/jobs'
import { vault } from '@mcpclient/core/vault'
import { googleCalendar } from '@mcpclient/google-calendar'
import { calendarEvents as googleEvents } from '@mcpclient/google-calendar/mapping'
import { outlookCalendar } from '@mcpclient/outlook-calendar'
import { calendarEvents as outlookEvents } from '@mcpclient/outlook-calendar/mapping'
import type { CalendarEvent } from '@mcpclient/shapes'
import { syncs } from '@mcpclient/sync'
import { storeReplica } from '@mcpclient/sync/store-replica'
import { webhooks } from '@mcpclient/webhooks'

export interface AppOptions {
  readonly clock: Clock
  /** Holds everything: the events, the credentials, the state of the syncs. */
  readonly store: Store
  readonly accessToken: string
  readonly fetch: (request: Request) => Promise<Response>
}

const SECRET = 'the-secret-of-this-app-with-32-characters'
export const YEAR = { from: '2026-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z' }

/** Composes an app that keeps two calendars of its user Ada equal with one table. */
export function createApp({ clock, store, accessToken, fetch }: AppOptions) {
  const events = storeReplica<CalendarEvent>(store, 'events/ada')
  const work = jobs()
  const calendars = syncs({
    plans: [
      { connector: 'google', sync: 'events', replica: () => events, mapping: googleEvents },
      { connector: 'outlook', sync: 'events', replica: () => events, mapping: outlookEvents },
    ],
    secret: SECRET,
  })
  const hooks = webhooks({ address: 'https://app.example/hooks' })
  const mcp = createMcpClient({
    connectors: {
      google: googleCalendar({ signingSecret: 'the-channel-secret-of-this-app' }),
      outlook: outlookCalendar({ signingSecret: 'the-client-state-secret-of-this-app' }),
    },
    vault: vault({ store }),
    state: store,
    transport: fetchTransport({ fetch: (url, init) => fetch(new Request(url, init)) }),
    clock,
    capabilities: [work, calendars, hooks],
  })
  const recoveries: string[] = []
  mcp.on('sync.recovered', ({ serverId, reason }) => recoveries.push(`${serverId}: ${reason}`))

  const targets = [
    { connector: 'google', sync: 'events', tenant: 'ada' },
    { connector: 'outlook', sync: 'events', tenant: 'ada', params: YEAR },
  ] as const
  /** Sends what the app changed, and reads what changed at the providers. */
  const wake = async () => {
    for (const target of targets) await calendars.wake(target)
  }
  let writes = 0
  // Rows that came from one provider have to go to the other one.
  mcp.on('sync.finished', ({ serverId, writes: written }) => {
    writes += written
    const others = targets.filter(({ connector }) => connector !== serverId)
    if (written > 0) for (const target of others) calendars.wake(target).catch(() => undefined)
  })

  /** Connects the accounts, and schedules what keeps them equal. */
  const start = async () => {
    const ada = mcp.as('ada')
    for (const account of [ada.google, ada.outlook]) await account.connect({ token: accessToken })
    for (const target of targets) {
      await calendars.schedule(target)
      await hooks.subscribe(target)
    }
  }
  return {
    events,
    work,
    calendars,
    hooks,
    targets,
    recoveries,
    start,
    wake,
    writes: () => writes,
    close: () => mcp.close(),
  }
}

export type App = ReturnType<typeof createApp>
