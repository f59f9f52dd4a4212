import process from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'
import { createMcpClient } from '@mcpclient/core'
import { jobs } from '@mcpclient/core/jobs'
import { openStore } from '../processes/open-store.ts'
import type { StoreAddress } from '../processes/open-store.ts'
import { read, write } from './journal.ts'
import { openQueue } from './open-queue.ts'
import type { QueueAddress } from './open-queue.ts'

/** A process of a host that runs the jobs of a queue, and writes in the journal what it runs. */
export interface QueueWorkerSettings {
  readonly worker: string
  readonly store: StoreAddress
  readonly queue: QueueAddress
  readonly journal: string
  readonly everyMs: number
  readonly leaseMs: number
}

const {
  worker,
  store: address,
  queue,
  journal,
  everyMs,
  leaseMs,
} = JSON.parse(process.argv[2] ?? '') as QueueWorkerSettings
const RUN_MS = 20
/** Longer than the changes take that are made meanwhile. */
const LONG_MS = 4000
const LATE_MS = 3_600_000

const store = await openStore(address)
const opened = await openQueue(queue)
const runner = jobs({ queue: opened.queue, concurrency: 3, everyMs, leaseMs })
const client = createMcpClient({
  connectors: {},
  state: store,
  capabilities: [
    runner,
    {
      name: 'test',
      bind: ({ jobs: port, clock }) => {
        port.handle('test', async ({ key, data }) => {
          const change = Number(data)
          const isFirst = key === 'held' && !read(journal).some((entry) => entry.key === key)
          write(journal, { what: 'start', worker, key, change })
          // Its first run ends only with its process.
          if (isFirst) await new Promise(() => {})
          await wait(key === 'long' ? LONG_MS : RUN_MS)
          write(journal, { what: 'end', worker, key, change })
          return { at: clock.now() + LATE_MS }
        })
      },
    },
  ],
})
runner.start()
process.on('disconnect', () => {
  void client
    .close()
    .then(opened.close)
    .finally(() => process.exit(0))
})
process.send?.({ worker })
