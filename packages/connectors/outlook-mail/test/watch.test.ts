import { graphSubscription } from '@mcpclient/testkit'
import { webhooks } from '@mcpclient/webhooks'
import { describe, expect, it } from 'vitest'
import { outlookMail } from '../src/index.ts'

/** Composes a host that is subscribed to the inbox. */
async function subscribed() {
  const host = await graphSubscription(outlookMail({ signingSecret: 'a-channel-secret' }), {
    hooks: webhooks({ address: 'https://app.example/hooks' }),
    sync: 'messages',
  })
  return { ...host, subjects: () => host.table.rows().map(({ subject }) => subject) }
}

describe('change notifications', () => {
  it('subscribe to the folder, with immutable ids, and for the life of the subscription', async () => {
    const { graph, clock, pass } = await subscribed()
    expect(graph.subscriptions()).toMatchObject([{ resource: 'me/mailFolders/inbox/messages', immutableIds: true }])
    const [before] = graph.subscriptions()
    await clock.advance(6 * 86_400_000)
    await pass(20_000)
    const [after] = graph.subscriptions()
    expect(after?.id).toBe(before?.id)
    expect(after?.expiresAt).toBeGreaterThan(before?.expiresAt ?? 0)
  })

  it('wake the sync of the folder, and of no other', async () => {
    const { graph, statuses, pass, subjects } = await subscribed()
    statuses.length = 0
    await graph.messages().insert({ subject: 'Egret' })
    await graph.messages('archive').insert({ subject: 'Heron' })
    await pass(20_000)
    expect(statuses.every((status) => status < 300)).toBe(true)
    expect(statuses).toHaveLength(1)
    expect(subjects()).toEqual(['Egret'])
  })

  it.each(['missed', 'reauthorizationRequired'] as const)(
    'pull what a lifecycle notification reports: %s',
    async (event) => {
      const { graph, pass, subjects } = await subscribed()
      graph.loseNotifications(1)
      await graph.messages().insert({ subject: 'Egret' })
      await pass(20_000)
      expect(subjects()).toEqual([])
      graph.sendLifecycle(event)
      await pass(20_000)
      expect(subjects()).toEqual(['Egret'])
    },
  )
})
