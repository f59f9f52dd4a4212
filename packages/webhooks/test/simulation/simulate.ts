import { createMcpClient, memoryStore } from '@mcpclient/core'
import type { Capability, Store } from '@mcpclient/core'
import { jobs } from '@mcpclient/core/jobs'
import { vault } from '@mcpclient/core/vault'
import { createFakeClock, seededRandom } from '@mcpclient/testing'
import { webhooks } from '@mcpclient/webhooks'
import { ADDRESS, calendar, SECRET } from '../scene.ts'
import { SimulatedProvider } from './provider.ts'
import type { Gap } from './provider.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const COLLECTIONS_OF_A_TENANT = 10
const WRITES_OF_A_RENEWAL = 20

export interface SimulationOptions {
  readonly seed: number
  readonly channels: number
  readonly days: number
  /** The share of requests to the provider that fail. @default 0.2 */
  readonly failing?: number | undefined
  /** The mean life of a process, in days. Each stops between two of its writes. @default 2 */
  readonly lifeDays?: number | undefined
  /** Times from the start for which the provider fails every request to subscribe. */
  readonly outages?: readonly Span[] | undefined
  /** Times from the start for which no process runs. */
  readonly downtimes?: readonly Span[] | undefined
}

/** A time in days from the start. */
export interface Span {
  readonly from: number
  readonly days: number
}

export interface SimulationResult {
  readonly gaps: readonly Gap[]
  /** Collections that were not pulled within a minute after a gap. */
  readonly lateAfterGap: readonly string[]
  /** The longest time from the end of an outage or a downtime to the end of a gap, in milliseconds. */
  readonly slowestRecoveryMs: number
  readonly lapses: number
  readonly created: number
  readonly failed: number
  readonly stops: number
  /** The subscriptions that are live at the end. */
  readonly live: number
}

/** Runs the subscriptions of many collections in processes that stop at random, over one store. */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const { seed, channels, days, failing = 0.2, lifeDays = 2, outages = [], downtimes = [] } = options
  const random = seededRandom(seed)
  const clock = createFakeClock()
  const start = clock.now()
  const provider = new SimulatedProvider(() => clock.now(), random, failing)
  const state = memoryStore({ clock })
  const connections = memoryStore({ clock })
  const pulls = new Map<string, number[]>()
  const starts: number[] = []
  let [lapses, stops] = [0, 0]

  const run = () => {
    let isRunning = true
    const stopsAt = clock.now() + random() * 2 * lifeDays * DAY
    let writesLeft = Math.floor(random() * WRITES_OF_A_RENEWAL)
    const assertRunning = () => {
      if (!isRunning) throw new Error('The process has stopped.')
    }
    const maybeStop = () => {
      assertRunning()
      if (clock.now() < stopsAt || --writesLeft >= 0) return
      isRunning = false
      stops++
      assertRunning()
    }
    const engine: Capability = {
      name: 'engine',
      syncEngine: {
        run: () => Promise.reject(new Error('not run')),
        wake: async ({ params }) => {
          assertRunning()
          const { calendar: name } = params as { readonly calendar: string }
          pulls.set(name, [...(pulls.get(name) ?? []), clock.now()])
        },
        setPushed: async () => assertRunning(),
      },
      bind() {},
    }
    const hooks = webhooks({ address: ADDRESS })
    const runner = jobs({ concurrency: 16 })
    const mcp = createMcpClient({
      connectors: { calendar: calendar({ signingSecret: SECRET }) },
      vault: vault({ store: connections }),
      clock,
      random,
      state: watched(state, assertRunning, maybeStop),
      transport: provider.transport(assertRunning),
      capabilities: [runner, engine, hooks],
    })
    mcp.on('subscription.lapsed', () => lapses++)
    starts.push(clock.now())
    return { mcp, hooks, runner, isRunning: () => isRunning }
  }
  let process = run()

  const advanceTo = async (time: number) => clock.advance(Math.max(0, time - clock.now()))
  const isIn = (spans: readonly Span[]) =>
    spans.find(({ from, days: length }) => {
      const day = (clock.now() - start) / DAY
      return day >= from && day < from + length
    })
  const end = start + days * DAY

  /** Runs jobs minute by minute until a time. Minutes in which no job is due are skipped. */
  const runUntil = async (time: number): Promise<void> => {
    while (clock.now() < time) {
      const down = isIn(downtimes)
      if (down !== undefined || !process.isRunning()) {
        await advanceTo(
          down === undefined ? clock.now() + Math.ceil(random() * 2 * HOUR) : start + (down.from + down.days) * DAY,
        )
        process = run()
        continue
      }
      provider.isDown = isIn(outages) !== undefined
      await clock.until(process.runner.runDue()).catch(() => undefined)
      const { entries } = await state.list('job/due/', { limit: 1 })
      const due = Number(entries[0]?.key.split('/')[2]?.split('-')[0] ?? end)
      const borders = [...outages, ...downtimes].flatMap(({ from, days: length }) => [from, from + length])
      const border = Math.min(...borders.map((day) => start + day * DAY).filter((each) => each > clock.now()), time)
      await advanceTo(Math.min(Math.max(due, clock.now() + MINUTE), border))
    }
  }

  for (let n = 0; n < channels; n++) {
    const tenant = `tenant-${Math.floor(n / COLLECTIONS_OF_A_TENANT)}`
    if (n % COLLECTIONS_OF_A_TENANT === 0) await process.mcp.as(tenant).calendar.connect({ token: 'a' })
    const target = { connector: 'calendar', tenant, sync: 'events', params: { calendar: `calendar-${n}` } }
    for (let isDone = false; !isDone;) {
      if (!process.isRunning()) {
        await advanceTo(clock.now() + 5 * MINUTE)
        process = run()
      }
      const subscribing = process.hooks.subscribe(target).then(
        () => true,
        () => false,
      )
      isDone = await clock.until(subscribing)
      // The circuit of a provider that fails often opens, and stays open for a while.
      if (!isDone) await advanceTo(clock.now() + MINUTE)
    }
  }
  await runUntil(end)

  /** Returns the latest time to pull: a minute later, or once another process took the job over if the first one stopped. */
  const latest = (time: number): number => {
    const next = starts.find((each) => each > time && each <= time + 3 * HOUR)
    return (next ?? time) + (next === undefined ? MINUTE : 3 * MINUTE)
  }
  const gaps = provider.gaps()
  const recoveries = gaps.map(({ until }) => {
    const ends = [...outages, ...downtimes].map(({ from, days: length }) => start + (from + length) * DAY)
    const before = Math.max(...ends.filter((each) => each <= until), -Infinity)
    return until - before
  })
  return {
    gaps,
    lateAfterGap: gaps.flatMap(({ collection, until }) =>
      (pulls.get(collection) ?? []).some((at) => at >= until && at <= latest(until)) ? [] : [collection],
    ),
    slowestRecoveryMs: Math.max(0, ...recoveries),
    lapses,
    stops,
    created: provider.created,
    failed: provider.failed,
    live: provider.live,
  }
}

/** Returns a store that fails once its process has stopped, which it may do at each write. */
function watched(store: Store, assertRunning: () => void, maybeStop: () => void): Store {
  return {
    get: async (key) => {
      assertRunning()
      return store.get(key)
    },
    list: async (prefix, options) => {
      assertRunning()
      return store.list(prefix, options)
    },
    put: async (key, value, options) => {
      maybeStop()
      return store.put(key, value, options)
    },
    delete: async (key, options) => {
      maybeStop()
      return store.delete(key, options)
    },
  }
}
