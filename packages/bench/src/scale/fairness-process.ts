import { createMcpClient, memoryStore } from '@mcpclient/core'
import type { Transport, TransportResponse } from '@mcpclient/core'
import { jobs } from '@mcpclient/core/jobs'
import { syncs } from '@mcpclient/sync'
import type { Replica } from '@mcpclient/sync'
import { storeReplica } from '@mcpclient/sync/store-replica'
import { memoryJobQueue } from '@mcpclient/testing'
import { createManualClock, settle } from '../behaviour/manual-clock.ts'
import { serveRequests } from '../processes/serve-requests.ts'
import { tasksConnector } from './tasks-connector.ts'

// One process that runs one job at a time, a tenant with a million changes, and one with a single change at random moments.

export interface FairnessFigures {
  /** The most slices of the large tenant that ended between a change of the small one and its arrival. */
  readonly mostSlices: number
  readonly meanSlices: number
  readonly changes: number
  /** All slices of the large tenant, and the changes that it had when the last one ended. */
  readonly slices: number
  readonly applied: number
  readonly completed: boolean
}

const MILLION = 1_000_000
const PAGE = 20
/** A slice is 30 seconds, so it is 50 requests. */
const REQUEST_MS = 600
/** Milliseconds, real ones, in which a page is applied even on a busy machine. */
const QUIET_MS = 1000
const LARGE = 'large'
const SMALL = 'small'

const jsonResponse = (value: unknown): TransportResponse => {
  const text = JSON.stringify(value)
  const headers = new Map([
    ['content-type', 'application/json'],
    ['content-length', String(text.length)],
  ])
  return {
    status: 200,
    headers: { get: (name) => headers.get(name) ?? null },
    text: () => Promise.resolve(text),
    bytes: () => Promise.resolve(new TextEncoder().encode(text)),
    stream: () => null,
  }
}

const taskOf = (id: string) => ({ id, etag: `"${id}"`, title: `Task ${id}` })

/** Creates a table with a million rows that were never pushed. It holds only what the sync wrote. */
function largeTable(): Replica {
  const versions = new Map<string, number>()
  const rowOf = (id: string) => ({ item: { title: `Row ${id}` }, version: String(versions.get(id) ?? 1) })
  return {
    async *changes(since) {
      for (let at = Number(since ?? 0) + 1; at <= MILLION; at++) {
        yield { id: `row${at}`, ...rowOf(`row${at}`), cursor: String(at) }
      }
    },
    get: async (id) => rowOf(id),
    async put({ id, key }) {
      const name = id ?? key
      const version = (versions.get(name) ?? 1) + 1
      versions.set(name, version)
      return { id: name, version: String(version) }
    },
    remove: async () => ({ removed: false }),
  }
}

async function measure({
  direction,
  isQueued,
  changes,
}: {
  readonly direction: 'pull' | 'push'
  readonly isQueued: boolean
  readonly changes: number
}): Promise<FairnessFigures> {
  const clock = createManualClock()
  const state = memoryStore({ clock })
  let [inFlight, requests, smallChanges, arrived] = [0, 0, 0, 0]
  let slicesSinceChange = 0
  let slices = 0
  let completed = false
  const waits: number[] = []

  const respond = (url: URL, body: string): unknown => {
    if (url.pathname !== '/tasks') return taskOf(url.pathname)
    if (!url.searchParams.has('list')) return { ...taskOf('created'), ...(JSON.parse(body) as object) }
    if (url.searchParams.get('list') === SMALL) {
      return { changed: smallChanges === 0 ? [] : [taskOf(`small${smallChanges}`)], checkpoint: String(smallChanges) }
    }
    const from = Number(url.searchParams.get('page') ?? 0)
    const changed = Array.from({ length: PAGE }, (_, at) => taskOf(`large${from + at}`))
    return from + PAGE < MILLION ? { changed, page: String(from + PAGE) } : { changed, checkpoint: 'now' }
  }
  const transport: Transport = {
    async send({ url, body }) {
      inFlight++
      requests++
      await clock.advance(REQUEST_MS)
      inFlight--
      return jsonResponse(respond(new URL(url), typeof body === 'string' ? body : '{}'))
    },
  }

  const queue = isQueued ? memoryJobQueue() : undefined
  const runner = jobs({ concurrency: 1, queue })
  const small = storeReplica(memoryStore({ clock }), SMALL)
  const large = direction === 'push' ? largeTable() : storeReplica(memoryStore({ clock }), LARGE)
  const syncing = syncs({
    plans: [
      { connector: 'tasks', sync: 'tasks', replica: ({ tenant }) => (tenant === LARGE ? large : small), brake: 'off' },
    ],
    secret: 'a-secret-of-at-least-32-characters',
  })
  const mcp = createMcpClient({
    connectors: { tasks: tasksConnector() },
    state,
    clock,
    transport,
    capabilities: [runner, syncing],
  })
  const target = (tenant: string) => ({ connector: 'tasks', sync: 'tasks', tenant, params: { list: tenant } })
  let isWaiting = false
  mcp.on('sync.finished', ({ tenant, complete }) => {
    if (tenant === LARGE) {
      slices++
      slicesSinceChange++
      completed ||= complete
    } else if (isWaiting && complete) {
      isWaiting = false
      arrived++
      waits.push(slicesSinceChange)
    }
  })

  await syncing.schedule(target(SMALL), { direction: 'pull' })
  const stop = runner.start()
  /** Time passes with requests; without one, only after nothing has happened for long. */
  const until = async (isTrue: () => boolean): Promise<void> => {
    let [seen, since] = [requests, performance.now()]
    while (!isTrue()) {
      await settle()
      if (inFlight > 0 || requests !== seen) [seen, since] = [requests, performance.now()]
      if (performance.now() - since > QUIET_MS) await clock.advance(REQUEST_MS)
    }
  }
  await until(() => requests > 0 && inFlight === 0)
  await syncing.schedule(target(LARGE), { direction })
  for (let change = 0; change < changes; change++) {
    // Somewhere in a slice of the large tenant, or between two.
    const at = requests + 1 + Math.floor(Math.random() * 120)
    await until(() => requests >= at)
    smallChanges++
    slicesSinceChange = 0
    isWaiting = true
    await syncing.wake(target(SMALL))
    await until(() => !isWaiting)
  }
  await stop()
  if (arrived !== changes) throw new Error('A change of the small tenant did not arrive.')
  return {
    mostSlices: Math.max(...waits),
    meanSlices: waits.reduce((sum, wait) => sum + wait, 0) / waits.length,
    changes,
    slices,
    applied: direction === 'pull' ? (requests - arrived) * PAGE : requests - arrived,
    completed,
  }
}

serveRequests({ measure })
