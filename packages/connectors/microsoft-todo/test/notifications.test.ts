import { createMcpClient, fetchTransport, memoryStore } from '@mcpclient/core'
import { jobs } from '@mcpclient/core/jobs'
import { vault } from '@mcpclient/core/vault'
import { syncs } from '@mcpclient/sync'
import { createFakeClock, seededRandom } from '@mcpclient/testing'
import { simulatedGraph } from '@mcpclient/testing/simulators'
import { GRAPH_TOKEN, memoryTable } from '@mcpclient/testkit'
import { webhooks } from '@mcpclient/webhooks'
import { expect, it } from 'vitest'
import { microsoftTodo } from '../src/index.ts'

const target = { connector: 'todo', tenant: 'ada', sync: 'tasks', params: { listId: 'tasks' } }

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
    plans: [{ connector: 'todo', sync: 'tasks', replica: () => table }],
    secret: 'a-secret-of-at-least-32-characters',
  })
  const mcp = createMcpClient({
    connectors: { todo: microsoftTodo({ signingSecret: 'a-channel-secret' }) },
    vault: vault({ store: memoryStore({ clock }) }),
    capabilities: [runner, capability, hooks],
    transport: fetchTransport({ fetch: (url, init) => graph.handle(new Request(url, init)) }),
    clock,
  })
  await clock.until(mcp.as('ada').todo.connect({ token: GRAPH_TOKEN }))
  await capability.schedule(target, { direction: 'pull' })
  await clock.until(hooks.subscribe(target))
  await clock.until(runner.runDue())
  const tick = async (ms: number) => {
    await clock.advance(ms)
    await clock.until(runner.runDue())
  }
  return { graph, table, tick, hooks, clock }
}

it('subscribes to the tasks of one list for less than three days', async () => {
  const { graph, clock } = await setUp()
  const [subscription] = graph.subscriptions()
  expect(subscription).toMatchObject({
    resource: 'me/todo/lists/tasks/tasks',
    changeType: 'created,updated,deleted',
    immutableIds: true,
  })
  expect((subscription?.expiresAt ?? 0) - clock.now()).toBeLessThanOrEqual(4230 * 60_000)
})

it('pulls a change within seconds of its notification', async () => {
  const { graph, table, tick } = await setUp()
  await graph.tasks().insert({ title: 'Count herons' })
  await tick(15_000)
  await tick(15_000)
  expect(table.rows()).toMatchObject([{ title: 'Count herons' }])
})

it('pulls what was missed after a lifecycle notification', async () => {
  const { graph, table, tick } = await setUp()
  graph.loseNotifications(1)
  await graph.tasks().insert({ title: 'Count herons' })
  await tick(15_000)
  expect(table.rows()).toEqual([])
  graph.sendLifecycle('missed')
  await tick(15_000)
  await tick(15_000)
  expect(table.rows()).toMatchObject([{ title: 'Count herons' }])
})

it('renews the subscription in place before it ends', async () => {
  const { graph, tick } = await setUp()
  const id = graph.subscriptions()[0]?.id
  for (let quarter = 0; quarter < 40; quarter++) await tick(6 * 3_600_000)
  expect(graph.subscriptions().map((subscription) => subscription.id)).toEqual([id])
})
