import process from 'node:process'
import { createFakeClock, seededRandom } from '@mcpclient/testing'
import { simulatedGoogleCalendar } from '@mcpclient/testing/simulators'
import { subscribedHost } from '@mcpclient/testkit'
import { webhooks } from '@mcpclient/webhooks'
import { expect, it } from 'vitest'
import { googleCalendar } from '../src/index.ts'
import { TOKEN } from './sync-scene.ts'

/** The whole burst is 1,000 notifications in 10 seconds. */
const NOTIFICATIONS = Number(process.env['WEBHOOK_BURST'] ?? 200)

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
    const connector = googleCalendar({ signingSecret: 'a-channel-secret' })
    const options = { clock, hooks, provider: google, token: TOKEN, sync: 'events' }
    const { mcp, table, pass, subscribe } = await subscribedHost(connector, options)
    await subscribe()
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
      if (n === NOTIFICATIONS / 2) await pass(0)
    }
    await pass(20_000)

    expect(statuses).toHaveLength(NOTIFICATIONS)
    expect(new Set(statuses)).toEqual(new Set([200]))
    expect(table.rows()).toHaveLength(NOTIFICATIONS)
    expect(rounds).toBeLessThanOrEqual(2)
  },
)
