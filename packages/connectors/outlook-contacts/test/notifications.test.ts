import { createMcpClient, fetchTransport, memoryStore } from '@mcpclient/core'
import { jobs } from '@mcpclient/core/jobs'
import { vault } from '@mcpclient/core/vault'
import { syncs } from '@mcpclient/sync'
import { createFakeClock, seededRandom } from '@mcpclient/testing'
import { simulatedGraph } from '@mcpclient/testing/simulators'
import { GRAPH_TOKEN, memoryTable } from '@mcpclient/testkit'
import { webhooks } from '@mcpclient/webhooks'
import { expect, it } from 'vitest'
import { outlookContacts } from '../src/index.ts'

const target = { connector: 'contacts', tenant: 'ada', sync: 'contacts' }

async function setUp() {
  const clock = createFakeClock()
  const hooks = webhooks({ address: 'https://app.example/hooks' })
  const graph = simulatedGraph({
    clock,
    random: seededRandom(7),
    accessToken: GRAPH_TOKEN,
    deliver: (request) => hooks.receive(request),
  })
  const table = memoryTable()
  const runner = jobs()
  const capability = syncs({
    plans: [{ connector: 'contacts', sync: 'contacts', replica: () => table }],
    secret: 'a-secret-of-at-least-32-characters',
  })
  const mcp = createMcpClient({
    connectors: { contacts: outlookContacts({ signingSecret: 'a-channel-secret' }) },
    vault: vault({ store: memoryStore({ clock }) }),
    capabilities: [runner, capability, hooks],
    transport: fetchTransport({ fetch: (url, init) => graph.handle(new Request(url, init)) }),
    clock,
  })
  await clock.until(mcp.as('ada').contacts.connect({ token: GRAPH_TOKEN }))
  await capability.schedule(target, { direction: 'pull' })
  await clock.until(hooks.subscribe(target))
  await clock.until(runner.runDue())
  const tick = async (ms: number) => {
    await clock.advance(ms)
    await clock.until(runner.runDue())
  }
  return { graph, table, tick, hooks, clock }
}

it('subscribes to the contacts of the folder for at most seven days', async () => {
  const { graph, clock } = await setUp()
  const [subscription] = graph.subscriptions()
  expect(subscription).toMatchObject({
    resource: 'me/contacts',
    changeType: 'created,updated,deleted',
    immutableIds: true,
  })
  expect((subscription?.expiresAt ?? 0) - clock.now()).toBeLessThanOrEqual(10_080 * 60_000)
})

it('pulls a change within seconds of its notification', async () => {
  const { graph, table, tick } = await setUp()
  await graph.contacts().insert({ givenName: 'Ada' })
  await tick(15_000)
  await tick(15_000)
  expect(table.rows()).toMatchObject([{ givenName: 'Ada' }])
})

it('pulls what was missed after a lifecycle notification', async () => {
  const { graph, table, tick } = await setUp()
  graph.loseNotifications(1)
  await graph.contacts().insert({ givenName: 'Ada' })
  await tick(15_000)
  expect(table.rows()).toEqual([])
  graph.sendLifecycle('missed')
  await tick(15_000)
  await tick(15_000)
  expect(table.rows()).toMatchObject([{ givenName: 'Ada' }])
})

it('renews the subscription in place before it ends', async () => {
  const { graph, tick } = await setUp()
  const id = graph.subscriptions()[0]?.id
  for (let day = 0; day < 20; day++) await tick(86_400_000)
  expect(graph.subscriptions().map((subscription) => subscription.id)).toEqual([id])
})
