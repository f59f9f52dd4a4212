import { ConnectorError } from '@mcpclient/core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createKeyLayout } from '../src/key-layout.ts'
import { redisStore } from '../src/index.ts'
import { driversContract } from './drivers-contract.ts'
import { drivers, openClient, openCluster } from './open-client.ts'
import { ask, hasRedis, startCluster } from './redis-server.ts'
import type { RedisCluster } from './redis-server.ts'

describe.skipIf(!hasRedis)('a cluster of three servers', () => {
  let cluster: RedisCluster | undefined
  const ports = (): readonly number[] => cluster?.nodes.map(({ port }) => port) ?? []
  beforeAll(async () => {
    cluster = await startCluster()
  }, 60_000)
  afterAll(() => cluster?.close())

  driversContract({ name: 'a cluster', open: (driver) => openCluster(driver, ports()), timed: 'ioredis' })

  it('rejects a client for a single server with the hint to pass one for a cluster', async () => {
    const { client, close } = await openClient('node-redis', cluster?.nodes[0]?.url ?? '')
    const store = redisStore(client, { eviction: 'allow' })
    const results = await Promise.allSettled(keys.map((key) => store.put(key, 'one')))
    const reasons = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
    expect(reasons.length).toBeGreaterThan(0)
    for (const reason of reasons) {
      expect(ConnectorError.is(reason) && reason.message).toContain('the client connects to a single server')
    }
    await close()
  })

  it.each(drivers)(
    'a write through %s waits while its slot moves to another node, and then lands once',
    async (driver) => {
      const { nodes = [] } = cluster ?? {}
      const prefix = `moving-${driver}`
      const { index, valueKey } = createKeyLayout(prefix).shardOf('key')
      const first = await openCluster(driver, ports())
      const { version } = (await redisStore(first.client, { prefix }).put('key', 'one')) as { version: string }

      const ids = await Promise.all(nodes.map(async ({ port }) => (await askNode(port, 'cluster', 'myid')).trim()))
      const slot = (await askNode(nodes[0]?.port ?? 0, 'cluster', 'keyslot', index)).trim()
      const holds = await Promise.all(
        nodes.map(async ({ port }) => (await askNode(port, 'cluster', 'countkeysinslot', slot)).trim() !== '0'),
      )
      const from = holds.indexOf(true)
      const to = (from + 1) % nodes.length
      const [source, target] = [nodes[from]?.port ?? 0, nodes[to]?.port ?? 0]
      const move = (key: string) => askNode(source, 'migrate', '127.0.0.1', String(target), key, '0', '5000')
      await askNode(target, 'cluster', 'setslot', slot, 'importing', ids[from] ?? '')
      await askNode(source, 'cluster', 'setslot', slot, 'migrating', ids[to] ?? '')
      await move(index)
      for (const port of [source, target]) await askNode(port, 'config', 'resetstat')

      // One of two keys has moved: no node can run the script.
      const writing = redisStore(first.client, { prefix, eviction: 'allow' }).put('key', 'two', { ifVersion: version })
      const isOver = vi.fn<() => void>()
      void writing.finally(isOver)
      while (!(await errorStatistics([source, target])).includes('TRYAGAIN'));
      expect(isOver).not.toHaveBeenCalled()

      await move(valueKey('key'))
      for (const port of [target, source]) await askNode(port, 'cluster', 'setslot', slot, 'node', ids[to] ?? '')
      const written = await writing
      expect(await redisStore(first.client, { prefix }).get('key')).toEqual({ value: 'two', ...written })
      await first.close()
    },
  )
})

const keys = Array.from({ length: 40 }, (_, index) => `key-${index}`)

const askNode = (port: number, ...words: string[]): Promise<string> => ask(['-p', String(port), ...words])

/** Returns the number of errors of each kind by node. */
const errorStatistics = async (ports: readonly number[]): Promise<string> =>
  (await Promise.all(ports.map((port) => askNode(port, 'info', 'errorstats')))).join()
