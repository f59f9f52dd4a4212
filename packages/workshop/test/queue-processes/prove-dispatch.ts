import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { createMcpClient } from '@mcpclient/core'
import { jobs } from '@mcpclient/core/jobs'
import { startChild } from '../processes/child.ts'
import type { Child } from '../processes/child.ts'
import { openStore } from '../processes/open-store.ts'
import type { StoreAddress } from '../processes/open-store.ts'
import { missed, overlaps, read, write } from './journal.ts'
import { openQueue } from './open-queue.ts'
import type { QueueAddress } from './open-queue.ts'
import type { QueueWorkerSettings } from './queue-worker.ts'

const PROCESSES = 3
const EVERY_MS = 500
const LEASE_MS = 5000
const PATIENCE_MS = 60_000
const POLL_MS = 50

/** The server of the queue. */
export interface QueueServer {
  crash(): Promise<void>
  restart(): Promise<void>
}

/** A host: some processes that run jobs, and this process, which schedules them and runs none. */
export interface Host {
  /** Schedules a change of each key. */
  change(...keys: readonly string[]): Promise<void>
  /** Waits until every change was seen by a run that began after it. */
  settle(): Promise<void>
  /** Waits until a process has begun to run a key, and returns its name. */
  runnerOf(key: string): Promise<string>
  /** Returns the names of the processes that run jobs. */
  workers(): readonly string[]
  /** Kills a process, and starts another one. */
  kill(worker: string): Promise<void>
  /** Returns the number of runs of a key that began. */
  runs(key: string): number
  overlaps(): readonly string[]
  close(): Promise<void>
}

/** @param options.store is empty, and does not depend on the server of the queue */
export async function startHost(options: {
  readonly store: StoreAddress
  readonly queue: QueueAddress
}): Promise<Host> {
  const { store: address, queue } = options
  const folder = mkdtempSync(join(tmpdir(), 'mcpclient-queues-'))
  const journal = join(folder, 'journal')
  writeFileSync(journal, '')
  const store = await openStore(address)
  const opened = await openQueue(queue)
  const runner = jobs({ queue: opened.queue, everyMs: EVERY_MS, leaseMs: LEASE_MS })
  const client = createMcpClient({ connectors: {}, state: store, capabilities: [runner] })
  const children = new Map<string, Child>()
  let started = 0
  const start = async (): Promise<void> => {
    const worker = `process ${++started}`
    const settings: QueueWorkerSettings = {
      worker,
      store: address,
      queue,
      journal,
      everyMs: EVERY_MS,
      leaseMs: LEASE_MS,
    }
    children.set(worker, await startChild(new URL('queue-worker.ts', import.meta.url), JSON.stringify(settings)))
  }
  const changes = new Map<string, number>()
  const until = async (what: string, isTrue: () => boolean): Promise<void> => {
    for (const end = Date.now() + PATIENCE_MS; !isTrue(); await wait(POLL_MS)) {
      if (Date.now() > end) throw new Error(`It does not happen that ${what}.`)
    }
  }
  const runnerNow = (key: string) => read(journal).findLast((entry) => entry.key === key)
  await Promise.all(Array.from({ length: PROCESSES }, start))
  let change = 0
  return {
    async change(...keys) {
      change++
      for (const key of keys) changes.set(key, change)
      const data = change
      await Promise.all(keys.map((key) => runner.jobs.schedule('test', key, { at: 0, data })))
    },
    settle: () => until('each change is seen by a run', () => missed(read(journal), changes).length === 0),
    async runnerOf(key) {
      await until(`${key} runs`, () => runnerNow(key)?.what === 'start')
      return runnerNow(key)?.worker ?? ''
    },
    workers: () => [...children.keys()],
    async kill(worker) {
      await children.get(worker)?.kill()
      children.delete(worker)
      write(journal, { what: 'killed', worker, key: '', change: 0 })
      await start()
    },
    runs: (key) => read(journal).filter((entry) => entry.key === key && entry.what === 'start').length,
    overlaps: () => overlaps(read(journal)),
    async close() {
      await Promise.all([...children.values()].map((child) => child.release()))
      await client.close()
      await opened.close()
      await store.close?.()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
