import { graphSubscription } from '@mcpclient/testkit'
import { webhooks } from '@mcpclient/webhooks'
import { expect, it } from 'vitest'
import { outlookContacts } from '../src/index.ts'

const subscribed = () =>
  graphSubscription(outlookContacts({ signingSecret: 'a-channel-secret' }), {
    hooks: webhooks({ address: 'https://app.example/hooks' }),
    sync: 'contacts',
  })

it('subscribes to the contacts of the folder for at most seven days', async () => {
  const { graph, clock } = await subscribed()
  const [subscription] = graph.subscriptions()
  expect(subscription).toMatchObject({
    resource: 'me/contacts',
    changeType: 'created,updated,deleted',
    immutableIds: true,
  })
  expect((subscription?.expiresAt ?? 0) - clock.now()).toBeLessThanOrEqual(10_080 * 60_000)
})

it('pulls a change within seconds of its notification', async () => {
  const { graph, table, pass } = await subscribed()
  await graph.contacts().insert({ givenName: 'Ada' })
  await pass(15_000)
  await pass(15_000)
  expect(table.rows()).toMatchObject([{ givenName: 'Ada' }])
})

it('pulls what was missed after a lifecycle notification', async () => {
  const { graph, table, pass } = await subscribed()
  graph.loseNotifications(1)
  await graph.contacts().insert({ givenName: 'Ada' })
  await pass(15_000)
  expect(table.rows()).toEqual([])
  graph.sendLifecycle('missed')
  await pass(15_000)
  await pass(15_000)
  expect(table.rows()).toMatchObject([{ givenName: 'Ada' }])
})

it('renews the subscription in place before it ends', async () => {
  const { graph, pass } = await subscribed()
  const id = graph.subscriptions()[0]?.id
  for (let day = 0; day < 20; day++) await pass(86_400_000)
  expect(graph.subscriptions().map((subscription) => subscription.id)).toEqual([id])
})
