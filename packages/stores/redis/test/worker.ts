/** A process of its own that counts by compare-and-swap and takes from a bucket, and says how that went. */
import { redisStore } from '../src/index.ts'
import { openClient, openCluster } from './open-client.ts'
import type { Driver } from './open-client.ts'

export interface WorkerTask {
  readonly driver: Driver
  /** One address for a single server; several ports for a cluster. */
  readonly url?: string | undefined
  readonly ports?: readonly number[] | undefined
  readonly prefix: string
  readonly counter: string
  readonly increments: number
  readonly bucket: string
  readonly capacity: number
  readonly takes: number
}

export interface WorkerReport {
  readonly taken: number
}

const HOUR_MS = 3_600_000

const task = JSON.parse(process.argv[2] ?? '') as WorkerTask
const { client, close } = task.ports
  ? await openCluster(task.driver, task.ports)
  : await openClient(task.driver, task.url ?? '')
const store = redisStore(client, { prefix: task.prefix, eviction: 'allow' })

for (let done = 0; done < task.increments;) {
  const stored = await store.get(task.counter)
  const result = await store.put(task.counter, String(Number(stored?.value ?? 0) + 1), {
    ifVersion: stored?.version ?? null,
  })
  if ('version' in result) done++
}
const results = await Promise.all(
  Array.from({ length: task.takes }, () =>
    store.take(task.bucket, { capacity: task.capacity, perMs: HOUR_MS, cost: 1 }),
  ),
)
const report: WorkerReport = { taken: results.filter(({ ok }) => ok).length }
process.stdout.write(JSON.stringify(report))
await close()
