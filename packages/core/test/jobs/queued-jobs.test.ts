import { createMcpClient, memoryStore } from '@mcpclient/core'
import type { Job, JobOutcome, Store } from '@mcpclient/core'
import { jobs } from '@mcpclient/core/jobs'
import type { JobQueue, JobsOptions } from '@mcpclient/core/jobs'
import { createFakeClock, memoryJobQueue, seededRandom } from '@mcpclient/testing'
import type { FakeClock } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'

const MINUTE = 60_000

function world() {
  const clock = createFakeClock()
  return { clock, state: memoryStore({ clock }), queue: memoryJobQueue() }
}

interface Here {
  readonly clock: FakeClock
  readonly state: Store
  readonly queue: JobQueue
}

/** Composes a client whose `test` jobs are dispatched by the queue. */
function process({ clock, state, queue }: Here, run: (job: Job) => Promise<JobOutcome>, options: JobsOptions = {}) {
  const runner = jobs({ queue, ...options })
  const warnings: string[] = []
  const logger = { debug() {}, info() {}, error() {}, warn: (data: object) => void warnings.push(Object(data).event) }
  const mcp = createMcpClient({
    connectors: {},
    clock,
    state,
    logger,
    capabilities: [runner, { name: 'test', bind: (client) => client.jobs.handle('test', run) }],
  })
  return { runner, warnings, close: () => mcp.close() }
}

const inTenMinutes = (clock: FakeClock) => async (): Promise<JobOutcome> => ({ at: clock.now() + 10 * MINUTE })

describe('jobs with a queue', () => {
  it('run in a process that started, as soon as another one makes them due', async () => {
    const here = world()
    const ran: string[] = []
    const worker = process(here, async ({ key }) => (ran.push(`${key} in the worker`), undefined))
    const web = process(here, async ({ key }) => (ran.push(`${key} in the web process`), undefined))
    worker.runner.start()
    await here.clock.advance(1)
    await web.runner.jobs.schedule('test', 'a', { at: 0 })
    await web.runner.jobs.schedule('test', 'b', { at: here.clock.now() + 20 * MINUTE })
    await web.runner.jobs.wake('test', 'b')
    await here.clock.advance(0)
    expect(ran).toEqual(['a in the worker', 'b in the worker'])
    await Promise.all([worker.close(), web.close()])
  })

  it('run at their time in the process that moved them, and at the next tick elsewhere', async () => {
    const here = world()
    const runs: number[] = []
    const { runner, close } = process(here, async () => (runs.push(here.clock.now() - started), undefined))
    const web = process(here, () => Promise.resolve(undefined))
    const started = here.clock.now()
    runner.start()
    await here.clock.advance(1000)
    await runner.jobs.schedule('test', 'own', { at: started + 5000 })
    await web.runner.jobs.schedule('test', 'other', { at: started + 6000 })
    await here.clock.advance(2 * MINUTE)
    expect(runs).toEqual([5000, MINUTE])
    await Promise.all([close(), web.close()])
  })

  it('run once more if they are woken while they run', async () => {
    const here = world()
    const running = Promise.withResolvers<void>()
    let runs = 0
    const { runner, close } = process(here, async () => {
      if (++runs === 1) await running.promise
      return { at: here.clock.now() + 10 * MINUTE }
    })
    runner.start()
    await runner.jobs.schedule('test', 'a', { at: 0 })
    await here.clock.advance(1)
    for (let n = 0; n < 100; n++) await runner.jobs.wake('test', 'a')
    running.resolve()
    await here.clock.advance(MINUTE)
    expect(runs).toBe(2)
    await close()
  })

  it('are added again by the next tick if the queue lost everything', async () => {
    const here = world()
    let runs = 0
    const web = process(here, () => Promise.resolve(undefined))
    for (let n = 0; n < 250; n++) await web.runner.jobs.schedule('test', `key ${n}`, { at: 0 })
    here.queue.empty()
    const worker = process(here, async () => (runs++, undefined))
    worker.runner.start()
    await here.clock.advance(1)
    expect(runs).toBe(250)
    await Promise.all([worker.close(), web.close()])
  })

  it('wait for the next tick if the queue cannot add them, or never settles', async () => {
    const here = world()
    let add: JobQueue['add'] = () => Promise.reject(new Error('ECONNREFUSED'))
    const queue: JobQueue = { add: (ids) => add(ids), work: (worker) => here.queue.work(worker) }
    let runs = 0
    const { runner, warnings, close } = process({ ...here, queue }, async () => (runs++, undefined))
    runner.start()
    await here.clock.advance(1)
    await runner.jobs.schedule('test', 'a', { at: 0 })
    expect(warnings).toEqual(['job.not_queued'])
    add = () => new Promise(() => {})
    const scheduled = runner.jobs.schedule('test', 'b', { at: 0 })
    await here.clock.advance(2000)
    await scheduled
    expect(warnings).toEqual(['job.not_queued', 'job.not_queued'])
    add = (ids) => here.queue.add(ids)
    await here.clock.advance(MINUTE)
    expect(runs).toBe(2)
    await close()
  })

  it('are worked on again after the queue failed', async () => {
    const here = world()
    let isDown = true
    const work: JobQueue['work'] = (worker) => {
      if (isDown) throw new Error('ECONNREFUSED')
      return here.queue.work(worker)
    }
    let runs = 0
    const queue = { ...here.queue, work }
    const { runner, warnings, close } = process({ ...here, queue }, async () => (runs++, undefined))
    runner.start()
    await runner.jobs.schedule('test', 'a', { at: 0 })
    await here.clock.advance(1)
    expect([runs, warnings]).toEqual([0, ['job.queue_failed']])
    isDown = false
    await here.clock.advance(MINUTE)
    expect(runs).toBe(1)
    await close()
  })

  it('run when they are due if the clock of the process that added them is ahead', async () => {
    const here = world()
    const ahead = createFakeClock({ nowMs: here.clock.now() + 3000 })
    const runs: number[] = []
    const started = here.clock.now()
    const web = process({ ...here, clock: ahead }, () => Promise.resolve(undefined))
    const { runner, close } = process(here, async () => (runs.push(here.clock.now() - started), undefined))
    runner.start()
    await here.clock.advance(1)
    await web.runner.jobs.schedule('test', 'a', { at: ahead.now() })
    await here.clock.advance(MINUTE / 2)
    expect(runs).toEqual([3000])
    await Promise.all([close(), web.close()])
  })

  it('are skipped if the queue dispatches an id that was cancelled, moved or is unknown', async () => {
    const here = world()
    let runs = 0
    const { runner, warnings, close } = process(here, async () => (runs++, undefined))
    await runner.jobs.schedule('test', 'moved', { at: here.clock.now() + 10 * MINUTE })
    runner.start()
    await here.queue.add(['test/moved', 'test/cancelled', 'unknown/a', 'nothing', '%/%', ''])
    await here.clock.advance(MINUTE)
    expect([runs, warnings]).toEqual([0, []])
    expect(here.queue.waiting).toEqual([])
    await close()
  })

  it('stay with their process if the queue dispatches them a second time', async () => {
    const here = world()
    let [running, most] = [0, 0]
    const end = Promise.withResolvers<undefined>()
    const run = async () => {
      most = Math.max(most, ++running)
      await end.promise
      return { at: here.clock.now() + 10 * MINUTE }
    }
    // A queue that keeps no promise: each of its workers runs everything.
    const workers = new Set<(id: string) => Promise<void>>()
    const queue: JobQueue = {
      add: async (ids) => {
        for (const id of ids) for (const each of workers) void each(id)
      },
      work: ({ run: runJob, signal }) => {
        workers.add(runJob)
        return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
      },
    }
    const [one, two] = [process({ ...here, queue }, run), process({ ...here, queue }, run)]
    one.runner.start()
    two.runner.start()
    await one.runner.jobs.schedule('test', 'a', { at: 0 })
    await here.clock.advance(5 * MINUTE)
    end.resolve(undefined)
    await here.clock.advance(1)
    expect(most).toBe(1)
    await Promise.all([one.close(), two.close()])
  })

  it('are taken over after the lease of a process that died', async () => {
    const here = world()
    const dead = { ...here, clock: createFakeClock({ nowMs: here.clock.now() }), queue: memoryJobQueue() }
    const died = process(dead, () => new Promise(() => {}))
    void died.runner.start()
    await died.runner.jobs.schedule('test', 'a', { at: 0 })
    await dead.clock.advance(0)
    let runs = 0
    const { runner, close } = process(here, async () => (runs++, undefined))
    runner.start()
    await here.clock.advance(MINUTE - 1)
    expect(runs).toBe(0)
    await here.clock.advance(MINUTE)
    expect(runs).toBe(1)
    await close()
  })

  it('let others have their turn between two slices', async () => {
    const here = world()
    const seen: string[] = []
    let slices = 3
    const run = async ({ key }: Job): Promise<JobOutcome> => {
      seen.push(key)
      return key === 'long' && --slices > 0 ? { at: here.clock.now() } : undefined
    }
    const { runner, close } = process(here, run, { concurrency: 1 })
    for (const key of ['long', 'x', 'y']) await runner.jobs.schedule('test', key, { at: 0 })
    runner.start()
    await here.clock.advance(1)
    expect(seen).toEqual(['long', 'x', 'y', 'long', 'long'])
    await close()
  })

  it('are added a few times only, however many wait', async () => {
    const here = world()
    const added: number[] = []
    const queue: JobQueue = { ...here.queue, add: async (ids) => void added.push(ids.length), work: async () => {} }
    const { runner, close } = process({ ...here, queue }, inTenMinutes(here.clock))
    for (let n = 0; n < 250; n++) await runner.jobs.schedule('test', `key ${n}`, { at: here.clock.now() + 10 })
    added.length = 0
    const stop = runner.start()
    await here.clock.advance(11)
    expect(added).toEqual([100, 100, 50])
    // What becomes due later does not add the others again.
    await runner.jobs.schedule('test', 'later', { at: here.clock.now() + 10 })
    await here.clock.advance(11)
    expect(added).toEqual([100, 100, 50, 1])
    await stop()
    await close()
  })

  it('forget entries that belong to no job', async () => {
    const here = world()
    const { runner, close } = process(here, inTenMinutes(here.clock))
    await here.state.put(`job/due/${String(here.clock.now()).padStart(14, '0')}-12345678/test/a`, '')
    runner.start()
    await here.clock.advance(MINUTE)
    expect((await here.state.list('')).entries).toHaveLength(1)
    await here.clock.advance(10 * MINUTE)
    expect((await here.state.list('')).entries).toEqual([])
    await close()
  })

  it('are lost in no order of crashes, losses of the queue and wakes', async () => {
    for (let seed = 1; seed <= 200; seed++) {
      const here = world()
      const random = seededRandom(seed)
      let fails = true
      const queue: JobQueue = {
        add: (ids) => (fails && random() < 0.3 ? Promise.reject(new Error('lost')) : here.queue.add(ids)),
        work: (worker) => here.queue.work(worker),
      }
      const crashing: Store = {
        get: (key) => here.state.get(key),
        list: (prefix, options) => here.state.list(prefix, options),
        put: async (key, value, options) => {
          if (fails && random() < 0.1) throw new Error('stopped')
          return here.state.put(key, value, options)
        },
        delete: (key, options) => here.state.delete(key, options),
      }
      let [counter, handled, woken, running, most] = [0, 0, 0, 0, 0]
      const run = async () => {
        most = Math.max(most, ++running)
        const seen = counter
        await Promise.resolve()
        handled = seen
        running--
        return { at: here.clock.now() + (random() < 0.5 ? 0 : MINUTE) }
      }
      const processes = [1, 2].map(() => process({ ...here, queue, state: crashing }, run))
      fails = false
      await processes[0]?.runner.jobs.schedule('test', 'a', { at: 0 })
      fails = true
      for (const { runner } of processes) runner.start()
      for (let step = 0; step < 10; step++) {
        const value = ++counter
        const wake = processes[step % 2]?.runner.jobs.wake('test', 'a').then(
          () => (woken = value),
          () => undefined,
        )
        if (random() < 0.3) here.queue.empty()
        await here.clock.advance(Math.floor(random() * MINUTE))
        await wake
      }
      fails = false
      await here.clock.advance(5 * MINUTE)
      expect(handled, `seed ${seed}`).toBeGreaterThanOrEqual(woken)
      expect(most, `seed ${seed}`).toBe(1)
      await Promise.all(processes.map(({ close }) => close()))
    }
  })
})
