import { setTimeout as pause } from 'node:timers/promises'
import { createMcpClient, memoryStore } from '@mcpclient/core'
import { jobs } from '@mcpclient/core/jobs'
import { sqliteStore } from '@mcpclient/sqlite'
import { syncs } from '@mcpclient/sync'
import { storeReplica } from '@mcpclient/sync/store-replica'
import { emptyTransport } from '../clients/empty-transport.ts'
import { serveRequests } from '../processes/serve-requests.ts'
import { createCountingClock } from './counting-clock.ts'
import { idleCpu } from '../processes/idle-cpu.ts'
import { tasksConnector } from './tasks-connector.ts'

// Needs `--expose-gc`. SQLite holds its rows in memory, but outside the heap.

export interface PlanFigures {
  /** Bytes in the heap of this process for each plan. */
  readonly bytesEach: number
  /** Timers that are alive while the runner waits. */
  readonly timers: number
  /** Microseconds to schedule a plan. */
  readonly scheduleUs: number
}

const HOUR_MS = 3_600_000
const WARM_UP = 1000

async function heldBytes(): Promise<number> {
  for (let turn = 0; turn < 3; turn++) {
    await pause(20)
    globalThis.gc?.()
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** Schedules plans that are due in hours, and starts a runner that waits for them. */
async function schedule({
  plans,
  store,
  everyMs,
}: {
  readonly plans: number
  readonly store: 'sqlite' | 'memory'
  readonly everyMs: number
}): Promise<PlanFigures> {
  const clock = createCountingClock()
  const state = store === 'memory' ? memoryStore() : sqliteStore({ file: ':memory:' })
  const runner = jobs({ everyMs })
  const replica = storeReplica(memoryStore(), 'tasks')
  const syncing = syncs({
    plans: [{ connector: 'tasks', sync: 'tasks', replica: () => replica }],
    secret: 'a-secret-of-at-least-32-characters',
  })
  createMcpClient({
    connectors: { tasks: tasksConnector() },
    state,
    clock,
    transport: emptyTransport,
    capabilities: [runner, syncing],
  })
  const add = async (from: number, to: number): Promise<void> => {
    for (let at = from; at < to; at++) {
      const tenant = `tenant_${at.toString(36).padStart(8, '0')}`
      await syncing.schedule({ connector: 'tasks', sync: 'tasks', tenant, params: { list: 'inbox' } })
    }
  }
  // A new plan is due immediately: scheduled hours ahead, it waits.
  clock.skip(6 * HOUR_MS)
  await add(0, WARM_UP)
  const before = await heldBytes()
  const began = performance.now()
  await add(WARM_UP, WARM_UP + plans)
  const scheduleUs = ((performance.now() - began) * 1000) / plans
  clock.skip(-6 * HOUR_MS)
  const bytesEach = ((await heldBytes()) - before) / plans
  runner.start()
  await pause(2000)
  return { bytesEach, timers: clock.timers(), scheduleUs }
}

serveRequests({ schedule, idleCpu })
