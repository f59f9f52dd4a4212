import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { redisStore } from '../src/index.ts'
import { drivers, openClient, openCluster } from './open-client.ts'
import type { Driver, OpenClient } from './open-client.ts'
import { hasRedis, startCluster, startRedis } from './redis-server.ts'
import type { RedisCluster, RedisServer } from './redis-server.ts'
import type { WorkerReport, WorkerTask } from './worker.ts'

const WORKERS = 4
const INCREMENTS = 100
const CAPACITY = 60
const TAKES = 50
const run = promisify(execFile)

async function work(task: Omit<WorkerTask, 'increments' | 'capacity' | 'takes'>): Promise<WorkerReport> {
  const all: WorkerTask = { ...task, increments: INCREMENTS, capacity: CAPACITY, takes: TAKES }
  const file = new URL('worker.ts', import.meta.url)
  const words = ['--conditions=@mcpclient/source', file.pathname, JSON.stringify(all)]
  const { stdout } = await run(process.execPath, words)
  return JSON.parse(stdout) as WorkerReport
}

async function expectExactCounts(
  open: () => Promise<OpenClient>,
  address: Pick<WorkerTask, 'url' | 'ports'>,
  prefix: string,
  driverOf: (worker: number) => Driver,
): Promise<void> {
  const counter = 'count/of/all/workers'
  const reports = await Promise.all(
    Array.from({ length: WORKERS }, (_, worker) =>
      work({ ...address, driver: driverOf(worker), prefix, counter, bucket: 'limit/of/all' }),
    ),
  )
  const { client, close } = await open()
  const stored = await redisStore(client, { prefix, eviction: 'allow' }).get(counter)
  await close()
  expect(stored?.value).toBe(String(WORKERS * INCREMENTS))
  expect(reports.reduce((sum, { taken }) => sum + taken, 0)).toBe(CAPACITY)
}

describe.skipIf(!hasRedis)('several processes on one server', { timeout: 60_000 }, () => {
  let server: RedisServer | undefined
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server?.close())

  it('lose no count and take no more than the bucket holds, with either driver', async () => {
    const url = server?.url ?? ''
    const driverOf = (worker: number): Driver => drivers[worker % drivers.length] ?? 'ioredis'
    await expectExactCounts(() => openClient('node-redis', url), { url }, 'processes', driverOf)
  })
})

describe.skipIf(!hasRedis)('several processes on a cluster', { timeout: 60_000 }, () => {
  let cluster: RedisCluster | undefined
  beforeAll(async () => {
    cluster = await startCluster()
  }, 60_000)
  afterAll(() => cluster?.close())

  it('lose no count and take no more than the bucket holds', async () => {
    const ports = cluster?.nodes.map(({ port }) => port) ?? []
    const driverOf = (worker: number): Driver => drivers[worker % drivers.length] ?? 'ioredis'
    await expectExactCounts(() => openCluster('ioredis', ports), { ports }, 'processes', driverOf)
  })
})
