import process from 'node:process'
import { createMcpClient, fetchTransport, memoryStore } from '@mcpclient/core'
import { jobs } from '@mcpclient/core/jobs'
import { vault } from '@mcpclient/core/vault'
import { syncs } from '@mcpclient/sync'
import { createFakeClock, seededRandom } from '@mcpclient/testing'
import { simulatedGoogleCalendar } from '@mcpclient/testing/simulators'
import { webhooks } from '@mcpclient/webhooks'
import { expect, it } from 'vitest'
import { googleCalendar } from '../src/index.ts'
import { TOKEN } from './sync-scene.ts'
import { memoryTable } from '@mcpclient/testkit'

/** The whole burst is 1,000 notifications in 10 seconds. */
const NOTIFICATIONS = Number(process.env['WEBHOOK_BURST'] ?? 200)
const target = { connector: 'calendar', tenant: 'ada', sync: 'events' }

it(
  `pulls at most twice for ${NOTIFICATIONS} notifications in seconds, and includes every change`,
  { timeout: 300_000 },
  async () => {
    const clock = createFakeClock()
    const hooks = webhooks({ address: 'https://app.example/hooks' })
    const statuses: number[] = []
    const google = simulatedGoogleCalendar({
      clock,
      random: seededRandom(7),
      accessToken: TOKEN,
      async deliver(request) {
        const response = await hooks.receive(request)
        statuses.push(response.status)
        return response
      },
    })
    const table = memoryTable()
    const runner = jobs()
    const plans = [{ connector: 'calendar', sync: 'events', replica: () => table }]
    const capability = syncs({ plans, secret: 'a-secret-of-at-least-32-characters' })
    const mcp = createMcpClient({
      connectors: { calendar: googleCalendar({ signingSecret: 'a-channel-secret' }) },
      vault: vault({ store: memoryStore({ clock }) }),
      capabilities: [runner, capability, hooks],
      transport: fetchTransport({ fetch: (url, init) => google.handle(new Request(url, init)) }),
      clock,
    })
    await clock.until(mcp.as('ada').calendar.connect({ token: TOKEN }))
    await capability.schedule(target, { direction: 'pull' })
    await clock.until(hooks.subscribe(target))
    await clock.until(runner.runDue())
    await clock.advance(5000)

    let rounds = 0
    mcp.on('sync.finished', () => rounds++)
    statuses.length = 0
    for (let n = 0; n < NOTIFICATIONS; n++) {
      await google.insert({
        id: `egret${n}`,
        summary: `Egret ${n}`,
        start: { date: '2026-11-05' },
        end: { date: '2026-11-06' },
      })
      await clock.advance(10)
      // A tick in the middle of the burst, and one after it.
      if (n === NOTIFICATIONS / 2) await clock.until(runner.runDue())
    }
    await clock.advance(20_000)
    await clock.until(runner.runDue())

    expect(statuses).toHaveLength(NOTIFICATIONS)
    expect(new Set(statuses)).toEqual(new Set([200]))
    expect(table.rows()).toHaveLength(NOTIFICATIONS)
    expect(rounds).toBeLessThanOrEqual(2)
  },
)
