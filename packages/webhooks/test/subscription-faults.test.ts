import { memoryStore } from '@mcpclient/core'
import type { Store } from '@mcpclient/core'
import { createFakeClock, errorOf } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { mailNotification } from './mail.ts'
import { notification, providers, setUp } from './scene.ts'

const DAY = 86_400_000
const HOUR = 3_600_000
const target = { connector: 'calendar', tenant: 'ada', sync: 'events' }
const inbox = { connector: 'mail', tenant: 'ada', sync: 'messages' }

type Scene = Awaited<ReturnType<typeof setUp>>

async function live(scene: Scene, hours: number): Promise<void> {
  for (let hour = 0; hour < hours; hour++) {
    await scene.clock.advance(HOUR)
    await scene.runner.runDue()
  }
}
const liveWatches = ({ watches, clock }: Scene) => [...watches.values()].filter((each) => each.expiration > clock.now())

/** Returns a store whose writes fail from the one with this number on, as those of a process that stopped. */
function stoppingAt(base: Store, write: number): Store & { readonly isStopped: () => boolean; start(): void } {
  let left = Infinity
  const attempt = <T>(run: () => Promise<T>): Promise<T> =>
    --left < 0 ? Promise.reject(new Error('The process has stopped.')) : run()
  return {
    get: (key) => (left < 0 ? Promise.reject(new Error('The process has stopped.')) : base.get(key)),
    list: (prefix, options) => base.list(prefix, options),
    put: (key, value, options) => attempt(() => base.put(key, value, options)),
    delete: (key, options) => attempt(() => base.delete(key, options)),
    start: () => void (left = write),
    isStopped: () => left < 0,
  }
}

describe('a process that stops while it subscribes', () => {
  it('leaves a subscription that a later process completes, wherever it stops', { timeout: 60_000 }, async () => {
    let write = 0
    for (let isStopped = true; isStopped; write++) {
      const clock = createFakeClock()
      const base = memoryStore({ clock })
      const faults = providers()
      const state = stoppingAt(base, write)
      const first = await setUp({ state, clock, faults })
      state.start()
      await first.hooks.subscribe(target).catch(() => undefined)
      isStopped = state.isStopped()

      const second = await setUp({ state: base, clock, faults })
      await clock.advance(10 * 60_000)
      await second.runner.runDue()
      await second.hooks.subscribe(target)
      expect(second.woken.length + first.woken.length, `write ${write}`).toBeGreaterThan(0)
      await live(second, 8 * 24)
      const { subscriptions } = await second.hooks.diagnose(target)
      expect(subscriptions, `write ${write}`).toMatchObject([{ state: 'live' }])
      expect(liveWatches(second).length, `write ${write}`).toBeGreaterThan(0)
    }
    expect(write).toBeGreaterThan(8)
  })

  it('leaves no row of a channel forever', async () => {
    const clock = createFakeClock()
    const base = memoryStore({ clock })
    const state = stoppingAt(base, 0)
    const scene = await setUp({ state, clock })
    scene.faults.before = async () => {
      state.start()
    }
    await scene.hooks.subscribe(target).catch(() => undefined)
    expect((await base.list('hook/channel/')).entries).toHaveLength(1)
    await clock.advance(30 * DAY)
    expect((await base.list('hook/channel/')).entries).toEqual([])
  })
})

describe('a subscription', () => {
  it('is made again if it is asked for after it ended', async () => {
    const scene = await setUp()
    await scene.hooks.subscribe(target)
    await scene.clock.advance(20 * DAY)
    await scene.hooks.subscribe(target)
    expect(liveWatches(scene)).toHaveLength(1)
  })

  it('is reported as lapsed once, and pulled, after the process was down for longer than its life', async () => {
    const scene = await setUp()
    const events: unknown[] = []
    scene.mcp.on('subscription.lapsed', ({ code }) => events.push(['lapsed', code]))
    scene.mcp.on('subscription.renewed', () => events.push('renewed'))
    await scene.hooks.subscribe(target)
    scene.woken.length = 0
    await scene.clock.advance(20 * DAY)
    await scene.runner.runDue()
    expect(events).toEqual([['lapsed', undefined], 'renewed'])
    expect(scene.woken).toHaveLength(1)
  })

  it('is reported as lapsed once, however often its renewal fails', async () => {
    const scene = await setUp()
    await scene.hooks.subscribe(target)
    let lapses = 0
    scene.mcp.on('subscription.lapsed', () => lapses++)
    scene.faults.watch = 403
    await live(scene, 30 * 24)
    expect(lapses).toBe(1)
  })

  it('rejects an end in the past, and is not renewed without end', async () => {
    const scene = await setUp()
    scene.faults.expiration = 1_718_000_000
    expect(await errorOf(scene.hooks.subscribe(target))).toMatchObject({ code: 'DATA_TRANSFORMATION_ERROR' })
    await live(scene, 24)
    expect(scene.watches.size).toBe(1)
  })

  it('is renewed every two minutes at most, however short its life is', async () => {
    const scene = await setUp()
    let made = 0
    scene.faults.before = async () => {
      made++
      scene.faults.expiration = scene.clock.now() + 1000
    }
    await scene.hooks.subscribe(target)
    for (let n = 0; n < 360; n++) {
      await scene.clock.advance(10_000)
      await scene.runner.runDue()
    }
    expect(made).toBeGreaterThan(20)
    expect(made).toBeLessThanOrEqual(31)
  })

  it('needs jobs to be renewed, and says so before it is made', async () => {
    const scene = await setUp({ hasJobs: false })
    expect(await errorOf(scene.hooks.subscribe(target))).toMatchObject({ code: 'CONFIGURATION_ERROR' })
    expect(scene.watches.size).toBe(0)
  })

  it('stays when a listener throws', async () => {
    const scene = await setUp()
    await scene.hooks.subscribe(target)
    scene.mcp.on('subscription.renewed', () => {
      throw new Error('The listener failed.')
    })
    await live(scene, 6 * 24)
    expect(scene.stopped).toHaveLength(1)
  })
})

describe('a subscription that is renewed in place', () => {
  it('stays the same at the provider', async () => {
    const scene = await setUp()
    await scene.hooks.subscribe(inbox)
    const [token] = [...scene.subscriptions.values()].map((each) => each.token)
    await live(scene, 30 * 24)
    expect([...scene.subscriptions.values()]).toMatchObject([{ token }])
    expect([...scene.subscriptions.values()][0]?.expiration).toBeGreaterThan(scene.clock.now())
    expect((await scene.hooks.receive(mailNotification(token))).status).toBe(200)
  })

  it('is replaced at once if the provider has lost it', async () => {
    const scene = await setUp()
    await scene.hooks.subscribe(inbox)
    scene.subscriptions.clear()
    scene.woken.length = 0
    await live(scene, 2.3 * 24)
    expect(scene.subscriptions.size).toBe(1)
    expect(scene.woken).toHaveLength(1)
  })

  it('stays stopped if it is ended while it is renewed', async () => {
    const scene = await setUp()
    await scene.hooks.subscribe(inbox)
    const [token] = [...scene.subscriptions.values()].map((each) => each.token)
    scene.faults.before = async () => {
      scene.faults.before = undefined
      await scene.hooks.unsubscribe(inbox)
    }
    await live(scene, 3 * 24)
    scene.woken.length = 0
    expect((await scene.hooks.receive(mailNotification(token))).status).toBe(200)
    expect(scene.woken).toEqual([])
  })
})

it('stops the channel that was made while its subscription was ended', async () => {
  const scene = await setUp()
  scene.faults.before = async () => {
    scene.faults.before = undefined
    await scene.hooks.unsubscribe(target)
  }
  await scene.hooks.subscribe(target)
  expect(scene.watches.size).toBe(0)
  const [id = ''] = scene.stopped
  expect((await scene.hooks.receive(notification({ id, token: '' }))).status).toBe(401)
})
