import { graphSubscription } from '@mcpclient/testkit'
import { webhooks } from '@mcpclient/webhooks'
import { describe, expect, it } from 'vitest'
import { outlookCalendar } from '../src/index.ts'
import { meeting, PARAMS } from './sync-scene.ts'

const ADDRESS = 'https://app.example/hooks/mailbox'
const MINUTE = 60_000

/** Composes a host that is subscribed to the calendar. */
async function subscribed() {
  const hooks = webhooks({ address: 'https://app.example/hooks' })
  const connector = outlookCalendar({ signingSecret: 'a-channel-secret' })
  return { hooks, ...(await graphSubscription(connector, { hooks, sync: 'events', params: PARAMS })) }
}

describe('notifications of a calendar', () => {
  it('bring changes into the table within seconds', async () => {
    const { graph, table, pass, statuses } = await subscribed()
    const id = await graph.events().insert(meeting('Egret'))
    await pass(5000)
    await pass(20_000)
    expect(table.rows()).toMatchObject([{ subject: 'Egret' }])
    await graph.events().remove(id)
    await pass(5000)
    await pass(20_000)
    expect(table.rows()).toEqual([])
    expect(new Set(statuses)).toEqual(new Set([200]))
  })

  it('are subscribed to with immutable ids and a secret of their own', async () => {
    const { graph } = await subscribed()
    expect(graph.subscriptions()).toMatchObject([
      { resource: 'me/events', notificationUrl: ADDRESS, lifecycleNotificationUrl: ADDRESS, immutableIds: true },
    ])
    expect(graph.subscriptions()[0]?.clientState?.length).toBeLessThanOrEqual(128)
  })

  it('continue for weeks, in one subscription that is renewed in place', async () => {
    const { graph, pass, hooks, target, clock } = await subscribed()
    const [first] = graph.subscriptions()
    for (let day = 0; day < 21; day++) await pass(24 * 60 * MINUTE)
    expect(graph.subscriptions()).toMatchObject([{ id: first?.id }])
    expect(graph.requests['subscriptions.update']).toBeGreaterThan(2)
    const { subscriptions } = await hooks.diagnose(target)
    expect(subscriptions).toMatchObject([{ state: 'live' }])
    expect(subscriptions[0]?.expiresAt).toBeGreaterThan(clock.now())
  })

  it('are renewed at once when Graph asks for it', async () => {
    const { graph, pass } = await subscribed()
    const [before] = graph.subscriptions()
    await pass(10 * MINUTE)
    graph.sendLifecycle('reauthorizationRequired')
    await pass(5000)
    await pass(5000)
    expect(graph.requests['subscriptions.update']).toBe(1)
    expect(graph.subscriptions()[0]?.expiresAt).toBeGreaterThan(before?.expiresAt ?? 0)
    await pass(MINUTE)
    expect(graph.requests['subscriptions.update']).toBe(1)
  })

  it('are subscribed to again when Graph has removed the subscription, and nothing is missed', async () => {
    const { graph, table, pass } = await subscribed()
    const [before] = graph.subscriptions()
    graph.sendLifecycle('subscriptionRemoved')
    await graph.events().insert(meeting('Egret'))
    await pass(5000)
    await pass(5000)
    await pass(20_000)
    expect(graph.subscriptions()).toHaveLength(1)
    expect(graph.subscriptions()[0]?.id).not.toBe(before?.id)
    expect(table.rows()).toMatchObject([{ subject: 'Egret' }])
  })

  it('are followed by a round if some were missed', async () => {
    const { graph, table, pass } = await subscribed()
    graph.loseNotifications(1)
    await graph.events().insert(meeting('Egret'))
    await pass(30_000)
    expect(table.rows()).toEqual([])
    graph.sendLifecycle('missed')
    await pass(5000)
    await pass(20_000)
    expect(table.rows()).toMatchObject([{ subject: 'Egret' }])
  })

  it('are refused with the state of another secret, and a handshake without a subscription in the making', async () => {
    const { graph, hooks } = await subscribed()
    const state = graph.subscriptions()[0]?.clientState ?? ''
    const post = (value: object) =>
      hooks.receive(new Request(ADDRESS, { method: 'POST', body: JSON.stringify({ value: [value] }) }))
    expect((await post({ clientState: state.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')) })).status).toBe(401)
    expect((await post({})).status).toBe(401)
    const handshake = new Request(`${ADDRESS}?validationToken=x`, { method: 'POST' })
    expect((await hooks.receive(handshake)).status).toBe(401)
  })
})
