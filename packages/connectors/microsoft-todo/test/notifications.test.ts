import { graphSubscription } from '@mcpclient/testkit'
import { webhooks } from '@mcpclient/webhooks'
import { expect, it } from 'vitest'
import { microsoftTodo } from '../src/index.ts'

const subscribed = () =>
  graphSubscription(microsoftTodo({ signingSecret: 'a-channel-secret' }), {
    hooks: webhooks({ address: 'https://app.example/hooks' }),
    sync: 'tasks',
    params: { listId: 'tasks' },
  })

it('subscribes to the tasks of one list for less than three days', async () => {
  const { graph, clock } = await subscribed()
  const [subscription] = graph.subscriptions()
  expect(subscription).toMatchObject({
    resource: 'me/todo/lists/tasks/tasks',
    changeType: 'created,updated,deleted',
    immutableIds: true,
  })
  expect((subscription?.expiresAt ?? 0) - clock.now()).toBeLessThanOrEqual(4230 * 60_000)
})

it('pulls a change within seconds of its notification', async () => {
  const { graph, table, pass } = await subscribed()
  await graph.tasks().insert({ title: 'Count herons' })
  await pass(15_000)
  await pass(15_000)
  expect(table.rows()).toMatchObject([{ title: 'Count herons' }])
})

it('pulls what was missed after a lifecycle notification', async () => {
  const { graph, table, pass } = await subscribed()
  graph.loseNotifications(1)
  await graph.tasks().insert({ title: 'Count herons' })
  await pass(15_000)
  expect(table.rows()).toEqual([])
  graph.sendLifecycle('missed')
  await pass(15_000)
  await pass(15_000)
  expect(table.rows()).toMatchObject([{ title: 'Count herons' }])
})

it('renews the subscription in place before it ends', async () => {
  const { graph, pass } = await subscribed()
  const id = graph.subscriptions()[0]?.id
  for (let quarter = 0; quarter < 40; quarter++) await pass(6 * 3_600_000)
  expect(graph.subscriptions().map((subscription) => subscription.id)).toEqual([id])
})
