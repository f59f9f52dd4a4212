import { Cluster, Redis } from 'ioredis'
import { createClient, createCluster } from 'redis'
import type { IoredisClient, NodeRedisClient } from '../src/index.ts'

export interface OpenClient {
  readonly client: NodeRedisClient | IoredisClient
  readonly close: () => Promise<void>
}

export type Driver = 'node-redis' | 'ioredis'
export const drivers: readonly Driver[] = ['node-redis', 'ioredis']

/** Opens a driver's own client for a single server. */
export async function openClient(driver: Driver, url: string): Promise<OpenClient> {
  if (driver === 'ioredis') {
    const client = new Redis(url, { lazyConnect: true })
    await client.connect()
    return { client, close: async () => client.disconnect() }
  }
  const client = createClient({ url })
  // Without a listener an error of the connection ends the process.
  client.on('error', () => {})
  await client.connect()
  return { client, close: async () => client.destroy() }
}

/** Opens a driver's own client for a cluster. */
export async function openCluster(driver: Driver, ports: readonly number[]): Promise<OpenClient> {
  if (driver === 'ioredis') {
    const client = new Cluster(
      ports.map((port) => ({ host: '127.0.0.1', port })),
      { lazyConnect: true },
    )
    await client.connect()
    return { client, close: async () => client.disconnect() }
  }
  const client = createCluster({ rootNodes: ports.map((port) => ({ url: `redis://127.0.0.1:${port}` })) })
  client.on('error', () => {})
  await client.connect()
  return { client, close: async () => client.destroy() }
}
