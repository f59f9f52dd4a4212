import { createMcpClient, fetchTransport } from '@mcpclient/core'
import type { Store, Transport } from '@mcpclient/core'
import { sqliteStore } from '@mcpclient/sqlite'
import { syncs } from '@mcpclient/sync'
import type { Replica } from '@mcpclient/sync'
import { serveRequests } from '../processes/serve-requests.ts'
import { hostRows } from './host-rows.ts'
import { synced } from './synced-connectors.ts'
import type { Synced } from './synced-connectors.ts'

// Needs `--expose-gc`. The state and the rows of the host are in SQLite databases in memory, outside the heap.

export interface SyncFigures {
  /** The largest growth of the heap after a forced collection, in megabytes. */
  readonly firstMb: number
  readonly incrementalMb: number
  readonly requests: number
  readonly incrementalRequests: number
  readonly incrementalWrites: number
  readonly created: number
  readonly seconds: number
  /** Microseconds a record, without the time in the transport, the store and the table. */
  readonly engineUs: number
  /** Microseconds of CPU time a record, of everything in this process. */
  readonly cpuUs: number
  readonly storeUs: number
  readonly tableUs: number
  readonly transportUs: number
  readonly storeCalls: number
}

const SAMPLE_MS = 500
const MB = 1024 * 1024

/** Milliseconds and calls of a port. */
interface Spent {
  ms: number
  calls: number
}

const heldMb = (): number => {
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return (heapUsed + external) / MB
}

/** Runs some work while it measures the growth of the heap. */
async function watchHeap<Value>(work: () => Promise<Value>): Promise<readonly [Value, number]> {
  const before = heldMb()
  let most = before
  const sample = setInterval(() => {
    most = Math.max(most, heldMb())
  }, SAMPLE_MS)
  try {
    return [await work(), Math.max(most, heldMb()) - before]
  } finally {
    clearInterval(sample)
  }
}

/** Measures the methods of a port, except iterables. */
function timed<Port extends object>(port: Port, spent: Spent): Port {
  return new Proxy(port, {
    get(target, name): unknown {
      const method: unknown = Reflect.get(target, name)
      if (typeof method !== 'function' || name === 'changes') return method
      return async (...parameters: readonly unknown[]): Promise<unknown> => {
        const before = performance.now()
        try {
          return await (Reflect.apply(method, target, parameters) as Promise<unknown>)
        } finally {
          spent.ms += performance.now() - before
          spent.calls++
        }
      }
    },
  })
}

export interface SyncSubject {
  readonly sync: Synced
  /** The address of the API. */
  readonly url: string
  /** The number of records. */
  readonly count: number
}

async function measure({ sync, url, count }: SyncSubject): Promise<SyncFigures> {
  const spent = { transport: { ms: 0, calls: 0 }, store: { ms: 0, calls: 0 }, table: { ms: 0, calls: 0 } }
  const rows = hostRows()
  const { connector, direction } = synced[sync]
  const replica = timed<Replica>(rows, spent.table)
  const mcp = createMcpClient({
    connectors: { provider: connector(url) },
    state: timed<Store>(sqliteStore({ file: ':memory:' }), spent.store),
    transport: timed<Transport>(fetchTransport(), spent.transport),
    capabilities: [
      syncs({
        plans: [{ connector: 'provider', sync, replica: () => replica }],
        secret: 'a-secret-of-at-least-32-characters',
      }),
    ],
  })
  const account = mcp.client('provider', 'ada')
  const run = async () => {
    const result = await account.syncData?.(sync, { direction, params: {} })
    if (result === undefined) throw new Error('The connector has no syncs.')
    return result
  }
  const cpuBefore = process.cpuUsage()
  const began = performance.now()
  const [first, firstMb] = await watchHeap(run)
  const ms = performance.now() - began
  const { user, system } = process.cpuUsage(cpuBefore)
  const inPorts = spent.transport.ms + spent.store.ms + spent.table.ms
  const { store, table, transport } = spent
  const each = (total: number) => (total * 1000) / count
  const figures = {
    firstMb,
    requests: transport.calls,
    created: first.created?.local ?? 0,
    seconds: ms / 1000,
    engineUs: each(ms - inPorts),
    cpuUs: (user + system) / count,
    storeUs: each(store.ms),
    tableUs: each(table.ms),
    transportUs: each(transport.ms),
    storeCalls: store.calls / count,
  }
  const writes = rows.writes()
  const requests = transport.calls
  const [, incrementalMb] = await watchHeap(run)
  return {
    ...figures,
    incrementalMb,
    incrementalRequests: transport.calls - requests,
    incrementalWrites: rows.writes() - writes,
  }
}

serveRequests({ measure })
