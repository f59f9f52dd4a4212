import type { SyncPlan } from '@mcpclient/sync'
import { createFakeClock, seededRandom } from '@mcpclient/testing'
import { simulatedGoogleCalendar } from '@mcpclient/testing/simulators'
import type { SimulatedGoogleCalendarOptions } from '@mcpclient/testing/simulators'
import { syncScene } from '@mcpclient/testkit'
import { googleCalendar } from '../src/index.ts'

export const TOKEN = 'ya29.simulated'

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
  return { google, ...syncScene(googleCalendar({ token: TOKEN }), { clock, provider: google, sync: 'events', plan }) }
}
