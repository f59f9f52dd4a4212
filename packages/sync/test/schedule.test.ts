import type { ClientContext, RuntimeEvents } from '@mcpclient/core'
import { jobs } from '@mcpclient/core/jobs'
import { errorOf } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { setUp } from './todo-scene.ts'

const MINUTE = 60_000
const target = { connector: 'todo', sync: 'tasks', tenant: 'ada' }
const woken = { serverId: 'todo', sync: 'tasks', tenant: 'ada', connection: 'default' }

async function scheduled(plan: Parameters<typeof setUp>[0] = {}) {
  const runner = jobs()
  let context: ClientContext | undefined
  const probe = { name: 'probe', bind: (client: ClientContext) => void (context = client) }
  const scene = await setUp(plan, [runner, probe])
  const finished: RuntimeEvents['sync.finished'][] = []
  scene.mcp.on('sync.finished', (event) => finished.push(event))
  const engine = context?.syncEngine
  /** Advances time and runs what is due; returns the number of runs of the sync. */
  const runsAfter = async (ms: number): Promise<number> => {
    finished.length = 0
    await scene.clock.advance(ms)
    await runner.runDue()
    return finished.length
  }
  return { ...scene, runner, finished, engine, runsAfter }
}

describe('a scheduled sync', () => {
  it('runs at once, and then every 15 minutes', async () => {
    const { capability, replica, remote, runsAfter, runner } = await scheduled()
    remote.write('a', { title: 'One' })
    await capability.schedule(target)
    await runner.runDue()
    expect(replica.rows()).toHaveLength(1)
    remote.write('b', { title: 'Two' })
    expect(await runsAfter(13 * MINUTE)).toBe(0)
    expect(await runsAfter(4 * MINUTE)).toBe(1)
    expect(replica.rows()).toHaveLength(2)
  })

  it('runs now if it is woken, by its params or by its name', async () => {
    const { capability, clock, engine, runsAfter } = await scheduled()
    await capability.schedule(target)
    await capability.schedule({ ...target, params: { list: 'other' } })
    expect(await runsAfter(0)).toBe(2)
    await clock.advance(MINUTE)
    await capability.wake(target)
    expect(await runsAfter(0)).toBe(1)
    await engine?.wake?.({ ...woken, params: { list: 'other' } })
    expect(await runsAfter(0)).toBe(1)
    await clock.advance(MINUTE)
    await engine?.wake?.(woken)
    expect(await runsAfter(0)).toBe(2)
  })

  it('S36: runs at most twice for a burst of a thousand wakes, and includes every change', async () => {
    const { capability, engine, finished, remote, replica, runner, clock } = await scheduled()
    await capability.schedule(target)
    await runner.runDue()
    finished.length = 0
    await clock.advance(MINUTE)
    const stop = runner.start()
    // A thousand in ten seconds.
    for (let n = 0; n < 1000; n++) {
      remote.write(`id-${n}`, { title: `Task ${n}` })
      await engine?.wake?.(woken)
      await clock.advance(10)
    }
    await clock.advance(11_000)
    await stop()
    expect(replica.rows()).toHaveLength(1000)
    expect(finished.filter(({ complete }) => complete).length).toBeLessThanOrEqual(2)
  })

  it('S35: has one job, however often a restarting host schedules it', async () => {
    const { capability, state, runsAfter } = await scheduled()
    for (let restart = 0; restart < 20; restart++) await capability.schedule(target)
    expect((await state.list('job/at/')).entries).toHaveLength(1)
    expect(await runsAfter(0)).toBe(1)
    expect(await runsAfter(17 * MINUTE)).toBe(1)
  })

  it('runs every six hours while a webhook reports changes, and every 15 minutes once it stopped', async () => {
    const { capability, engine, runsAfter } = await scheduled()
    await capability.schedule(target)
    await engine?.setPushed?.(woken, true)
    expect(await runsAfter(17 * MINUTE)).toBe(1)
    expect(await runsAfter(5 * 60 * MINUTE)).toBe(0)
    expect(await runsAfter(2 * 60 * MINUTE)).toBe(1)
    await engine?.setPushed?.(woken, false)
    expect(await runsAfter(17 * MINUTE)).toBe(1)
  })

  it('keeps its webhook when it is scheduled again', async () => {
    const { capability, engine, runsAfter } = await scheduled()
    await capability.schedule(target)
    await engine?.setPushed?.(woken, true)
    await capability.schedule(target, { everyMs: MINUTE })
    await runsAfter(0)
    expect(await runsAfter(60 * MINUTE)).toBe(0)
  })

  it('sends its requests as the agent sync, under the permissions of the client', async () => {
    const { capability, mcp, runner } = await scheduled()
    const agents: unknown[] = []
    mcp.on('call.finished', ({ agent, toolName }) => agents.push([agent, toolName]))
    await capability.schedule(target)
    await runner.runDue()
    expect(agents).toEqual([['sync', 'sync_tasks_pull']])
  })

  it('is tried again later each time it fails, and reported after three failures', async () => {
    const { capability, mcp, remote, runsAfter } = await scheduled({
      replica: () => {
        throw new Error('The database is down.')
      },
    })
    remote.write('a', { title: 'One' })
    const stuck: unknown[] = []
    mcp.on('sync.stuck', (event) => stuck.push(event))
    await capability.schedule(target)
    for (const minutes of [0, 2, 3, 5]) await runsAfter(minutes * MINUTE)
    expect(stuck).toEqual([
      {
        serverId: 'todo',
        sync: 'tasks',
        tenant: 'ada',
        connection: 'default',
        params: { list: 'inbox' },
        failures: 3,
        code: 'API_INTERNAL_ERROR',
      },
    ])
  })

  it('ends with unschedule, and when the connection is disconnected', async () => {
    const { ada, capability, clock, runsAfter, state } = await scheduled()
    await capability.schedule(target)
    await capability.unschedule(target)
    expect(await runsAfter(0)).toBe(0)
    await capability.schedule(target)
    await runsAfter(0)
    await ada.disconnect()
    await clock.advance(0)
    expect(await runsAfter(60 * MINUTE)).toBe(0)
    expect((await state.list('')).entries).toEqual([])
  })

  it('needs a sync that exists, and an interval above 0', async () => {
    const { capability } = await scheduled()
    expect(await errorOf(capability.schedule({ ...target, sync: 'task' }))).toMatchObject({ code: 'INVALID_INPUT' })
    for (const everyMs of [0, -1, Number.NaN, Infinity]) {
      expect(await errorOf(capability.schedule(target, { everyMs }))).toMatchObject({ code: 'INVALID_INPUT' })
    }
  })

  it('needs a capability that runs jobs', async () => {
    const { capability } = await setUp()
    expect(await errorOf(capability.schedule(target))).toMatchObject({ code: 'CONFIGURATION_ERROR' })
  })
})

describe('a run', () => {
  it('emits sync.finished, and sync.recovered after an expired cursor', async () => {
    const { both, finished, mcp, remote } = await scheduled()
    remote.write('a', { title: 'One' })
    const recovered: unknown[] = []
    mcp.on('sync.recovered', ({ reason }) => recovered.push(reason))
    await both()
    expect(finished).toMatchObject([{ success: true, complete: true, writes: 1, parked: 0, code: undefined }])
    remote.expireTokens()
    await both()
    expect(recovered).toEqual(['expired_cursor'])
  })

  it('emits sync.braked if it would remove too much', async () => {
    const { both, mcp, remote } = await scheduled({ brake: { share: 0.1, atLeast: 1 } })
    const braked: unknown[] = []
    mcp.on('sync.braked', ({ side, removals, of }) => braked.push([side, removals, of]))
    for (let n = 0; n < 10; n++) remote.write(`id-${n}`, { title: `Task ${n}` })
    await both()
    for (let n = 0; n < 5; n++) remote.write(`id-${n}`, { deleted: true })
    await both()
    expect(braked).toEqual([['local', 5, 10]])
  })

  it('stops after maxMs and saves its place', async () => {
    const { ada, remote, replica } = await scheduled()
    for (let n = 0; n < 10; n++) remote.write(`id-${n}`, { title: `Task ${n}` })
    const first = await ada.syncData('tasks', { direction: 'both', maxMs: 0 })
    expect(first.complete).toBe(false)
    await ada.syncData('tasks', { direction: 'both' })
    expect(replica.rows()).toHaveLength(10)
  })
})
