import { errorOf } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { notification, setUp } from './scene.ts'

const DAY = 86_400_000
const HOUR = 3_600_000
const target = { connector: 'calendar', tenant: 'ada', sync: 'events' }
const woken = {
  serverId: 'calendar',
  tenant: 'ada',
  connection: 'default',
  sync: 'events',
  params: { calendar: 'primary' },
}

type Scene = Awaited<ReturnType<typeof setUp>>

/** Advances hour by hour, running jobs. */
async function live(scene: Scene, days: number): Promise<void> {
  for (let hour = 0; hour < days * 24; hour++) {
    await scene.clock.advance(HOUR)
    await scene.runner.runDue()
  }
}
const only = (scene: Scene) => {
  const [watch, ...others] = scene.watches.values()
  expect(others).toEqual([])
  if (watch === undefined) throw new Error('There is no watch.')
  return watch
}

describe('a subscription', () => {
  it('is created with a token of its own and the address of the connector', async () => {
    const scene = await setUp()
    await scene.hooks.subscribe(target)
    const watch = only(scene)
    expect(watch.address).toBe('https://app.example/hooks/calendar')
    expect(watch.token.startsWith(`${watch.id}.`)).toBe(true)
    expect(watch.expiration).toBe(scene.clock.now() + 7 * DAY)
    expect([scene.pushed, scene.woken]).toEqual([[true], [woken]])
  })

  it('W18: wakes its sync with its params for each notification, and ignores the first message', async () => {
    const scene = await setUp()
    await scene.hooks.subscribe({ ...target, params: { calendar: 'team' } })
    scene.woken.length = 0
    const watch = only(scene)
    const sent = [notification(watch, { 'x-goog-resource-state': 'sync' }), notification(watch)]
    for (const request of sent) expect((await scene.hooks.receive(request)).status).toBe(200)
    expect(scene.woken).toEqual([{ ...woken, params: { calendar: 'team' } }])
  })

  it('is made once, however often and from wherever it is asked for', async () => {
    const scene = await setUp()
    await Promise.all(Array.from({ length: 20 }, () => scene.hooks.subscribe(target)))
    await scene.hooks.subscribe(target)
    expect(scene.watches.size).toBe(1)
  })

  it('is renewed at three quarters of its life, by a channel that overlaps the one before', async () => {
    const scene = await setUp()
    await scene.hooks.subscribe(target)
    const first = only(scene)
    await live(scene, 4.9)
    expect(only(scene)).toBe(first)
    const renewed: unknown[] = []
    scene.mcp.on('subscription.renewed', (event) => renewed.push(event))
    await live(scene, 0.5)
    expect(only(scene)).not.toBe(first)
    expect(scene.stopped).toEqual([first.id])
    expect(renewed).toEqual([
      { serverId: 'calendar', tenant: 'ada', connection: 'default', sync: 'events', expiresAt: only(scene).expiration },
    ])
  })

  it('W19: still counts the late notifications of a channel that was replaced', async () => {
    const scene = await setUp()
    await scene.hooks.subscribe(target)
    const first = only(scene)
    await live(scene, 6)
    scene.woken.length = 0
    expect((await scene.hooks.receive(notification(first))).status).toBe(200)
    expect(scene.woken).toEqual([woken])
  })

  it('W25: is never without a live channel for 90 days', async () => {
    const scene = await setUp()
    await scene.hooks.subscribe(target)
    for (let hour = 0; hour < 90 * 24; hour++) {
      await scene.clock.advance(HOUR)
      await scene.runner.runDue()
      expect(only(scene).expiration).toBeGreaterThan(scene.clock.now())
    }
  })

  it('W25: lapses if it cannot be renewed: it is reported and polled for, and pulled as soon as it is renewed', async () => {
    const scene = await setUp()
    await scene.hooks.subscribe(target)
    const lapsed: unknown[] = []
    scene.mcp.on('subscription.lapsed', (event) => lapsed.push(event))
    scene.faults.watch = 403
    await live(scene, 8)
    expect(lapsed).toMatchObject([{ serverId: 'calendar', tenant: 'ada', sync: 'events' }])
    expect(scene.pushed).toEqual([true, false])
    expect((await scene.hooks.diagnose(target)).subscriptions).toMatchObject([{ state: 'lapsed' }])
    scene.faults.watch = undefined
    scene.woken.length = 0
    await live(scene, 0.1)
    expect(scene.pushed).toEqual([true, false, true])
    expect(scene.woken).toEqual([woken])
    expect((await scene.hooks.diagnose(target)).subscriptions).toMatchObject([{ state: 'live' }])
  })

  it('W25: is made again and pulled after the process was down for longer than its life', async () => {
    const scene = await setUp()
    await scene.hooks.subscribe(target)
    scene.woken.length = 0
    await scene.clock.advance(8 * DAY)
    await scene.runner.runDue()
    expect(scene.woken).toEqual([woken])
    expect([...scene.watches.values()].some(({ expiration }) => expiration > scene.clock.now())).toBe(true)
  })

  it('can be asked for again after the provider refused it', async () => {
    const scene = await setUp()
    scene.faults.watch = 403
    expect(await errorOf(scene.hooks.subscribe(target))).toMatchObject({ name: 'ConnectorError' })
    scene.faults.watch = undefined
    await scene.hooks.subscribe(target)
    only(scene)
  })

  it('W19: ends with unsubscribe, and its late notifications are ignored', async () => {
    const scene = await setUp()
    await scene.hooks.subscribe(target)
    const watch = only(scene)
    await scene.hooks.unsubscribe(target)
    expect(scene.stopped).toEqual([watch.id])
    expect(scene.pushed).toEqual([true, false])
    scene.woken.length = 0
    expect((await scene.hooks.receive(notification(watch))).status).toBe(200)
    expect(scene.woken).toEqual([])
    await live(scene, 8)
    expect(scene.watches.size).toBe(0)
  })

  it('is stopped before its connection is disconnected', async () => {
    const scene = await setUp()
    await scene.hooks.subscribe(target)
    const watch = only(scene)
    await scene.mcp.as('ada').calendar.disconnect()
    expect(scene.stopped).toEqual([watch.id])
    expect((await scene.hooks.diagnose(target)).subscriptions).toEqual([])
  })

  it('wakes nothing once its connection was revoked, which the provider may not know', async () => {
    const scene = await setUp()
    await scene.hooks.subscribe(target)
    scene.woken.length = 0
    await scene.mcp.vault.revoke({ tenant: 'ada', reason: 'left the company' })
    expect((await scene.hooks.receive(notification(only(scene)))).status).toBe(200)
    expect(scene.woken).toEqual([])
  })

  it('needs a connector with subscriptions, a sync that exists, and params that fit', async () => {
    const { hooks } = await setUp()
    const wrong = [
      { connector: 'chat', tenant: 'ada' },
      { ...target, sync: 'event' },
      { ...target, params: { calendar: 1 } },
      { ...target, connector: 'other' },
    ]
    for (const each of wrong) expect(await errorOf(hooks.subscribe(each))).toMatchObject({ code: 'INVALID_INPUT' })
  })

  it('needs a connection', async () => {
    const { hooks } = await setUp()
    expect(await errorOf(hooks.subscribe({ ...target, tenant: 'bob' }))).toMatchObject({ name: 'ConnectorError' })
  })
})

describe('a notification', () => {
  it('W19: is refused with the token of another channel', async () => {
    const scene = await setUp()
    await scene.hooks.subscribe(target)
    await scene.hooks.subscribe({ ...target, params: { calendar: 'team' } })
    const [one, two] = [...scene.watches.values()]
    if (one === undefined || two === undefined) throw new Error('A watch is missing.')
    scene.woken.length = 0
    expect((await scene.hooks.receive(notification({ id: one.id, token: two.token }))).status).toBe(401)
    expect(scene.woken).toEqual([])
  })

  it('W19: is refused if its channel is not known, even with a token that we signed', async () => {
    const scene = await setUp()
    await scene.hooks.subscribe(target)
    const watch = only(scene)
    await scene.state.delete(`hook/channel/${watch.id}`)
    expect((await scene.hooks.receive(notification(watch))).status).toBe(401)
  })

  it('writes nothing, even in a burst of 1,000', async () => {
    const scene = await setUp()
    await scene.hooks.subscribe(target)
    await scene.hooks.receive(notification(only(scene)))
    const before = (await scene.state.list('')).entries
    for (let n = 0; n < 1000; n++) await scene.hooks.receive(notification(only(scene)))
    expect((await scene.state.list('')).entries).toEqual(before)
  })
})
