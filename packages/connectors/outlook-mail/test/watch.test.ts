import { createMcpClient, fetchTransport, memoryStore } from '@mcpclient/core'
import { jobs } from '@mcpclient/core/jobs'
import { vault } from '@mcpclient/core/vault'
import { syncs } from '@mcpclient/sync'
import { createFakeClock, seededRandom } from '@mcpclient/testing'
import { simulatedGraph } from '@mcpclient/testing/simulators'
import { memoryTable } from '@mcpclient/testkit'
import { webhooks } from '@mcpclient/webhooks'
import { describe, expect, it } from 'vitest'
import { outlookMail } from '../src/index.ts'
import { TOKEN } from './sync-scene.ts'

const target = { connector: 'mail', tenant: 'ada', sync: 'messages' }

/** Composes a host with an endpoint that Graph can reach, and a subscription to the inbox. */
async function subscribed() {
  const clock = createFakeClock()
  const hooks = webhooks({ address: 'https://app.example/hooks' })
  const statuses: number[] = []
  const graph = simulatedGraph({
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
  const plans = [{ connector: 'mail', sync: 'messages', replica: () => table }]
  const capability = syncs({ plans, secret: 'a-secret-of-at-least-32-characters' })
  const mcp = createMcpClient({
    connectors: { mail: outlookMail({ signingSecret: 'a-channel-secret' }) },
    vault: vault({ store: memoryStore({ clock }) }),
    capabilities: [runner, capability, hooks],
    transport: fetchTransport({ fetch: (url, init) => graph.handle(new Request(url, init)) }),
    clock,
  })
  await clock.until(mcp.as('ada').mail.connect({ token: TOKEN }))
  await capability.schedule(target, { direction: 'pull' })
  await clock.until(hooks.subscribe(target))
  await clock.until(runner.runDue())
  await clock.advance(5000)
  const tick = async () => {
    await clock.advance(20_000)
    await clock.until(runner.runDue())
  }
  return { graph, table, clock, runner, statuses, tick, subjects: () => table.rows().map(({ subject }) => subject) }
}

describe('change notifications', () => {
  it('subscribe to the folder, with immutable ids, and for the life of the subscription', async () => {
    const { graph, clock, tick } = await subscribed()
    expect(graph.subscriptions()).toMatchObject([{ resource: 'me/mailFolders/inbox/messages', immutableIds: true }])
    const [before] = graph.subscriptions()
    await clock.advance(6 * 86_400_000)
    await tick()
    const [after] = graph.subscriptions()
    expect(after?.id).toBe(before?.id)
    expect(after?.expiresAt).toBeGreaterThan(before?.expiresAt ?? 0)
  })

  it('wake the sync of the folder, and of no other', async () => {
    const { graph, statuses, tick, subjects } = await subscribed()
    statuses.length = 0
    await graph.messages().insert({ subject: 'Egret' })
    await graph.messages('archive').insert({ subject: 'Heron' })
    await tick()
    expect(statuses.every((status) => status < 300)).toBe(true)
    expect(statuses).toHaveLength(1)
    expect(subjects()).toEqual(['Egret'])
  })

  it.each(['missed', 'reauthorizationRequired'] as const)(
    'pull what a lifecycle notification reports: %s',
    async (event) => {
      const { graph, tick, subjects } = await subscribed()
      graph.loseNotifications(1)
      await graph.messages().insert({ subject: 'Egret' })
      await tick()
      expect(subjects()).toEqual([])
      graph.sendLifecycle(event)
      await tick()
      expect(subjects()).toEqual(['Egret'])
    },
  )
})
