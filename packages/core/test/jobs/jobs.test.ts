import { ConnectorError, createMcpClient, memoryStore } from '@mcpclient/core'
import type { Job, JobOutcome, Store } from '@mcpclient/core'
import { jobs } from '@mcpclient/core/jobs'
import type { JobRunner, JobsOptions } from '@mcpclient/core/jobs'
import { createFakeClock, errorOf, seededRandom } from '@mcpclient/testing'
import type { FakeClock } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'

const MINUTE = 60_000

interface Process {
  readonly runner: JobRunner
  readonly close: () => Promise<void>
}

/** Composes a client whose `test` jobs are run by a function. */
function process(
  { clock, state }: { readonly clock: FakeClock; readonly state: Store },
  run: (job: Job) => Promise<JobOutcome>,
  options: JobsOptions = {},
): Process {
  const runner = jobs(options)
  const mcp = createMcpClient({
    connectors: {},
    clock,
    state,
    capabilities: [
      runner,
      {
        name: 'test',
        bind: (client) => {
          client.jobs.handle('test', run)
        },
      },
    ],
  })
  return { runner, close: () => mcp.close() }
}

function world() {
  const clock = createFakeClock()
  return { clock, state: memoryStore({ clock }) }
}

const done = () => Promise.resolve(undefined)

describe('jobs', () => {
  it('runs a job once it is due, with its data, and removes it when it is finished', async () => {
    const here = world()
    const seen: unknown[] = []
    const { runner } = process(here, async ({ key, data }) => {
      seen.push([key, data])
      return undefined
    })
    await runner.jobs.schedule('test', 'a', { at: here.clock.now() + MINUTE, data: { n: 1 } })
    expect(await runner.runDue()).toEqual({ succeeded: 0, failed: 0 })
    await here.clock.advance(MINUTE)
    expect(await runner.runDue()).toEqual({ succeeded: 1, failed: 0 })
    expect(seen).toEqual([['a', { n: 1 }]])
    expect(await runner.jobs.get('test', 'a')).toBeUndefined()
    expect((await here.state.list('')).entries).toEqual([])
  })

  it('runs jobs in the order of their times', async () => {
    const here = world()
    const seen: string[] = []
    const { runner } = process(here, async ({ key }) => (seen.push(key), undefined), { concurrency: 1 })
    const now = here.clock.now()
    for (const [key, after] of [
      ['c', 30],
      ['a', 10],
      ['b', 20],
    ] as const) {
      await runner.jobs.schedule('test', key, { at: now + after })
    }
    await here.clock.advance(100)
    await runner.runDue()
    expect(seen).toEqual(['a', 'b', 'c'])
  })

  it('keeps the sooner of two times, and the newer data', async () => {
    const here = world()
    const { runner } = process(here, done)
    const now = here.clock.now()
    await runner.jobs.schedule('test', 'a', { at: now + 10, data: 1 })
    await runner.jobs.schedule('test', 'a', { at: now + 20, data: 2 })
    expect(await runner.jobs.get('test', 'a')).toEqual({ at: now + 10, data: 2 })
    await runner.jobs.schedule('test', 'a', { at: now + 5, data: 3 })
    expect(await runner.jobs.get('test', 'a')).toEqual({ at: now + 5, data: 3 })
  })

  it('runs a job again at the time that it returns, with the data that it returns', async () => {
    const here = world()
    const seen: unknown[] = []
    const { runner } = process(here, async ({ data }) => {
      seen.push(data)
      return { at: here.clock.now() + MINUTE, data: Number(data) + 1 }
    })
    await runner.jobs.schedule('test', 'a', { at: 0, data: 1 })
    await runner.runDue()
    await runner.runDue()
    await here.clock.advance(MINUTE)
    await runner.runDue()
    expect(seen).toEqual([1, 2])
  })

  it('lets a job that asks for another slice wait until the others had their turn', async () => {
    const here = world()
    const seen: string[] = []
    let slices = 3
    const { runner } = process(
      here,
      async ({ key }) => {
        seen.push(key)
        return key === 'long' && --slices > 0 ? { at: here.clock.now() } : undefined
      },
      { concurrency: 1 },
    )
    for (const key of ['long', 'x', 'y']) await runner.jobs.schedule('test', key, { at: 0 })
    await runner.runDue()
    expect(seen).toHaveLength(5)
    expect(seen.filter((key) => key === 'long')).toHaveLength(3)
    expect(seen.slice(0, 3).toSorted()).toEqual(['long', 'x', 'y'])
  })

  it('wakes a job that waits, and says if there is none', async () => {
    const here = world()
    const { runner } = process(here, done)
    await runner.jobs.schedule('test', 'a', { at: here.clock.now() + MINUTE })
    expect(await runner.jobs.wake('test', 'a')).toBe(true)
    expect(await runner.runDue()).toEqual({ succeeded: 1, failed: 0 })
    expect(await runner.jobs.wake('test', 'a')).toBe(false)
  })

  it('runs a job once more, however often it is woken while it runs', async () => {
    const here = world()
    let runs = 0
    const { runner } = process(here, async () => {
      if (++runs === 1) for (let n = 0; n < 1000; n++) await runner.jobs.wake('test', 'a')
      return { at: here.clock.now() + MINUTE }
    })
    await runner.jobs.schedule('test', 'a', { at: 0 })
    await runner.runDue()
    expect(runs).toBe(2)
    expect(await runner.jobs.get('test', 'a')).toEqual({ at: here.clock.now() + MINUTE, data: undefined })
  })

  it('writes nothing for a wake of a job that is already due', async () => {
    const here = world()
    const { runner } = process(here, done)
    await runner.jobs.schedule('test', 'a', { at: 0 })
    const before = await here.state.list('')
    await runner.jobs.wake('test', 'a')
    expect(await here.state.list('')).toEqual(before)
  })

  it('repeats a job that fails, later each time, and counts its failures', async () => {
    const here = world()
    const seen: number[] = []
    const { runner } = process(here, async ({ failures }) => {
      seen.push(failures)
      if (failures < 3) throw new Error('unreachable')
      return { at: here.clock.now() + 1_000_000 }
    })
    await runner.jobs.schedule('test', 'a', { at: 0 })
    const waits: number[] = []
    for (let n = 0; n < 3; n++) {
      expect(await runner.runDue()).toEqual({ succeeded: 0, failed: 1 })
      const next = (await runner.jobs.get('test', 'a'))?.at ?? 0
      waits.push((next - here.clock.now()) / MINUTE)
      await here.clock.advance(next - here.clock.now())
    }
    expect(waits.map(Math.round)).toEqual([1, 2, 4])
    expect(await runner.runDue()).toEqual({ succeeded: 1, failed: 0 })
    expect(seen).toEqual([0, 1, 2, 3])
  })

  it('reads no more of the index than a small page while nothing is due', async () => {
    const here = world()
    const read: number[] = []
    const state: Store = {
      ...here.state,
      get: (key) => here.state.get(key),
      list: async (prefix, options) => {
        const page = await here.state.list(prefix, options)
        read.push(page.entries.length)
        return page
      },
    }
    const { runner } = process({ ...here, state }, done)
    const at = here.clock.now() + MINUTE
    for (let n = 0; n < 2000; n++) await runner.jobs.schedule('test', `key ${n}`, { at })
    await runner.runDue()
    expect(read).toEqual([100])
    await here.clock.advance(MINUTE)
    expect(await runner.runDue()).toEqual({ succeeded: 2000, failed: 0 })
  })

  it('removes a job that is cancelled, even while it runs', async () => {
    const here = world()
    const { runner } = process(here, async () => {
      await runner.jobs.cancel('test', 'a')
      return { at: 0 }
    })
    await runner.jobs.schedule('test', 'a', { at: 0 })
    await runner.runDue()
    expect((await here.state.list('')).entries).toEqual([])
  })

  it('leaves a job without a handler to a process that has one', async () => {
    const here = world()
    const { runner } = process(here, done)
    await runner.jobs.schedule('other', 'a', { at: 0 })
    expect(await runner.runDue()).toEqual({ succeeded: 0, failed: 0 })
    expect(await runner.jobs.get('other', 'a')).toBeDefined()
  })

  it('yields the keys under a prefix', async () => {
    const { runner } = process(world(), done)
    for (const key of ['a/1', 'a/2', 'b/1']) await runner.jobs.schedule('test', key, { at: 0 })
    expect(await Array.fromAsync(runner.jobs.keys('test', 'a/'))).toEqual(['a/1', 'a/2'])
  })

  it('keeps the order of times if the clock counts fractions', async () => {
    const here = world()
    let runs = 0
    const { runner } = process(here, async ({ key }) => {
      if (key === 'often') runs++
      return { at: here.clock.now() + MINUTE }
    })
    await here.clock.advance(0.5)
    await runner.jobs.schedule('test', 'later', { at: here.clock.now() + 10 * MINUTE })
    await runner.jobs.schedule('test', 'often', { at: 0 })
    for (let minute = 0; minute < 3; minute++) {
      await runner.runDue()
      await here.clock.advance(MINUTE)
    }
    expect(runs).toBe(3)
    await runner.jobs.wake('test', 'often')
    await runner.runDue()
    expect(runs).toBe(4)
  })

  it.each([Number.NaN, Infinity, 1e14])('rejects %d as a time', async (at) => {
    const { runner } = process(world(), done)
    expect(await errorOf(runner.jobs.schedule('test', 'a', { at }))).toMatchObject({ code: 'INVALID_INPUT' })
  })

  it('says what to compose if no client has the runner, or none runs jobs', async () => {
    expect(await errorOf(jobs().runDue())).toMatchObject({ code: 'CONFIGURATION_ERROR' })
    const needy = {
      name: 'needy',
      bind: (client: { readonly jobs: unknown }) => {
        void client.jobs
      },
    }
    expect(() => createMcpClient({ connectors: {}, capabilities: [needy] })).toThrow(
      'No composed capability runs jobs.',
    )
  })

  it('rejects a second runner in one client', () => {
    const second = { ...jobs(), name: 'jobs-2' }
    expect(() => createMcpClient({ connectors: {}, capabilities: [jobs(), second] })).toThrow(ConnectorError)
  })
})

describe('jobs of several processes', () => {
  it('run in one of them at a time', async () => {
    const here = world()
    let running = 0
    let most = 0
    let runs = 0
    const run = async () => {
      most = Math.max(most, ++running)
      await here.clock.advance(0)
      running--
      runs++
      return undefined
    }
    const [one, two] = [process(here, run), process(here, run)]
    await one.runner.jobs.schedule('test', 'a', { at: 0 })
    await Promise.all([one.runner.runDue(), two.runner.runDue()])
    expect([most, runs]).toEqual([1, 1])
  })

  it('are taken over once the lease of a process that hangs has lapsed', async () => {
    const here = world()
    const hangs = process(
      { clock: createFakeClock({ nowMs: here.clock.now() }), state: here.state },
      () => new Promise(() => {}),
    )
    let runs = 0
    const works = process(here, async () => (runs++, undefined))
    await works.runner.jobs.schedule('test', 'a', { at: 0 })
    void hangs.runner.runDue()
    await here.clock.advance(1)
    await works.runner.runDue()
    expect(runs).toBe(0)
    await here.clock.advance(2 * MINUTE)
    await works.runner.runDue()
    expect(runs).toBe(1)
  })

  it('are taken over after the lease that the host chose', async () => {
    const here = world()
    const slow = { clock: createFakeClock({ nowMs: here.clock.now() }), state: here.state }
    const hangs = process(slow, () => new Promise(() => {}), { leaseMs: 1000 })
    let runs = 0
    const works = process(here, async () => (runs++, undefined))
    await works.runner.jobs.schedule('test', 'a', { at: 0 })
    void hangs.runner.runDue()
    await here.clock.advance(999)
    await works.runner.runDue()
    expect(runs).toBe(0)
    await here.clock.advance(1)
    await works.runner.runDue()
    expect(runs).toBe(1)
  })

  it.each([0, -1, Number.NaN, Infinity])('need a lease above 0, not %s', (leaseMs) => {
    expect(() => jobs({ leaseMs })).toThrow('The lease of jobs() is not positive.')
  })

  it('stay with a process that works longer than a lease', async () => {
    const here = world()
    let runs = 0
    const end = Promise.withResolvers<undefined>()
    const run = () => (runs++, end.promise)
    const [one, two] = [process(here, run), process(here, run)]
    await one.runner.jobs.schedule('test', 'a', { at: 0 })
    const first = one.runner.runDue()
    for (let minute = 0; minute < 5; minute++) {
      await here.clock.advance(MINUTE)
      await two.runner.runDue()
    }
    end.resolve(undefined)
    await first
    expect(runs).toBe(1)
  })

  it('abort the signal of a process whose job was taken over', async () => {
    const here = world()
    const slow = createFakeClock({ nowMs: here.clock.now() })
    let signal: AbortSignal | undefined
    const hangs = process({ clock: slow, state: here.state }, async (job) => {
      signal = job.signal
      await new Promise((resolve) => {
        job.signal.addEventListener('abort', resolve)
      })
      return { at: 0 }
    })
    const works = process(here, done)
    await works.runner.jobs.schedule('test', 'a', { at: 0 })
    const hanging = hangs.runner.runDue()
    await slow.advance(0)
    await here.clock.advance(2 * MINUTE)
    await works.runner.runDue()
    await slow.advance(MINUTE)
    await hanging
    expect(signal?.aborted).toBe(true)
    expect(await works.runner.jobs.get('test', 'a')).toBeUndefined()
  })

  it('lose no wake, whichever write a process stops at', async () => {
    for (let seed = 1; seed <= 300; seed++) {
      const here = world()
      const random = seededRandom(seed)
      let crashes = false
      const crashing: Store = {
        ...here.state,
        get: (key) => here.state.get(key),
        list: (prefix, options) => here.state.list(prefix, options),
        put: async (key, value, options) => {
          if (crashes && random() < 0.2) throw new Error('stopped')
          return here.state.put(key, value, options)
        },
        delete: async (key, options) => {
          if (crashes && random() < 0.2) throw new Error('stopped')
          return here.state.delete(key, options)
        },
      }
      let counter = 0
      let handled = 0
      const run = async () => {
        const seen = counter
        await here.clock.advance(0)
        handled = seen
        return random() < 0.5 ? { at: here.clock.now() + MINUTE } : { at: here.clock.now() }
      }
      const [one, two] = [process({ ...here, state: crashing }, run), process({ ...here, state: crashing }, run)]
      await one.runner.jobs.schedule('test', 'a', { at: 0 })
      let woken = 0
      crashes = true
      for (let step = 0; step < 20; step++) {
        const { runner } = random() < 0.5 ? one : two
        if (random() < 0.5) {
          const value = ++counter
          await runner.jobs.wake('test', 'a').then(
            () => {
              woken = value
            },
            () => undefined,
          )
        } else await runner.runDue({ withinMs: 5 * MINUTE }).catch(() => undefined)
        await here.clock.advance(Math.floor(random() * 90_000))
      }
      crashes = false
      await here.clock.advance(3 * MINUTE)
      const stop = new AbortController()
      const last = process(here, async () => {
        handled = counter
        return undefined
      })
      await last.runner.runDue({ signal: stop.signal })
      expect(handled, `seed ${seed}`).toBeGreaterThanOrEqual(woken)
      expect(await last.runner.jobs.get('test', 'a'), `seed ${seed}`).toBeUndefined()
    }
  })

  it('clean entries that belong to no job', async () => {
    const here = world()
    const { runner } = process(here, done)
    await here.state.put(`job/due/${String(here.clock.now()).padStart(14, '0')}-12345678/test/a`, '')
    await runner.runDue()
    expect((await here.state.list('')).entries).toHaveLength(1)
    await here.clock.advance(10 * MINUTE)
    await runner.runDue()
    expect((await here.state.list('')).entries).toEqual([])
  })
})

describe('a job with a gap', () => {
  it('runs immediately for the first wake of a burst, and once more after the gap', async () => {
    const here = world()
    const runs: number[] = []
    const started = here.clock.now()
    const { runner } = process(here, async () => {
      runs.push(here.clock.now() - started)
      await runner.jobs.wake('test', 'a')
      return { at: here.clock.now() + 60 * MINUTE }
    })
    await runner.jobs.schedule('test', 'a', { at: started + 60 * MINUTE, gapMs: 10_000 })
    const stop = runner.start()
    for (let n = 0; n < 99; n++) {
      await runner.jobs.wake('test', 'a')
      await here.clock.advance(100)
    }
    expect(runs).toEqual([0])
    await here.clock.advance(100)
    expect(runs).toEqual([0, 10_000])
    await stop()
  })

  it('runs a wake that comes after the gap immediately', async () => {
    const here = world()
    let runs = 0
    const { runner } = process(here, async () => {
      runs++
      return { at: here.clock.now() + 60 * MINUTE }
    })
    await runner.jobs.schedule('test', 'a', { at: 0, gapMs: 10_000 })
    await runner.runDue()
    await runner.jobs.wake('test', 'a')
    await runner.runDue()
    expect(runs).toBe(1)
    await here.clock.advance(10_000)
    await runner.runDue()
    expect(runs).toBe(2)
    await here.clock.advance(10_000)
    await runner.jobs.wake('test', 'a')
    await runner.runDue()
    expect(runs).toBe(3)
  })
})

describe('a running process', () => {
  it('runs a job as soon as it is added or woken, and others at the next minute', async () => {
    const here = world()
    let runs = 0
    const { runner } = process(here, async () => {
      runs++
      return { at: here.clock.now() + 10 * MINUTE }
    })
    const stop = runner.start()
    await here.clock.advance(1)
    await runner.jobs.schedule('test', 'a', { at: 0 })
    await here.clock.advance(1)
    expect(runs).toBe(1)
    await runner.jobs.wake('test', 'a')
    await here.clock.advance(1)
    expect(runs).toBe(2)
    await here.clock.advance(12 * MINUTE)
    expect(runs).toBe(3)
    await stop()
    expect(here.clock.pending).toBe(0)
  })

  it('continues after the store failed', async () => {
    const here = world()
    let fails = true
    const state: Store = {
      ...here.state,
      get: (key) => here.state.get(key),
      put: (key, value, options) => here.state.put(key, value, options),
      delete: (key, options) => here.state.delete(key, options),
      list: (prefix, options) => (fails ? Promise.reject(new Error('down')) : here.state.list(prefix, options)),
    }
    let runs = 0
    const { runner, close } = process({ ...here, state }, async () => (runs++, undefined))
    runner.start()
    await runner.jobs.schedule('test', 'a', { at: 0 })
    await here.clock.advance(MINUTE)
    expect(runs).toBe(0)
    fails = false
    await here.clock.advance(MINUTE)
    expect(runs).toBe(1)
    await close()
    expect(here.clock.pending).toBe(0)
  })

  it('stops when the client closes, and asks its jobs to stop', async () => {
    const here = world()
    const { runner, close } = process(here, async ({ signal }) => {
      await new Promise((resolve) => {
        signal.addEventListener('abort', resolve)
      })
      return { at: 0 }
    })
    await runner.jobs.schedule('test', 'a', { at: 0 })
    runner.start()
    await here.clock.advance(1)
    await close()
    expect(here.clock.pending).toBe(0)
  })

  it('ends a run when its time is over', async () => {
    const here = world()
    const { runner } = process(here, async () => {
      await here.clock.advance(0)
      return { at: here.clock.now() }
    })
    await runner.jobs.schedule('test', 'a', { at: 0 })
    const running = runner.runDue({ withinMs: 1000 })
    await here.clock.advance(1000)
    const { succeeded } = await running
    expect(succeeded).toBeGreaterThan(0)
    expect(await runner.jobs.get('test', 'a')).toBeDefined()
  })
})
