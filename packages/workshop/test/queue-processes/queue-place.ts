import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { Redis } from 'ioredis'
import { Pool } from 'pg'
import { startChild } from '../processes/child.ts'
import type { QueueAddress } from './open-queue.ts'
import type { QueueServer } from './prove-dispatch.ts'

export interface QueuePlace extends QueueServer {
  /** The requirement that this machine lacks, and what to do about it. */
  readonly missing?: string | undefined
  /** Whether the server may be stopped. An existing one may not. */
  readonly canCrash: boolean
  newQueue(): QueueAddress
  /** Deletes everything that the queue holds. */
  empty(queue: QueueAddress): Promise<void>
  close(): Promise<void>
}

const programs = {
  bullmq: new URL('../../../stores/redis/test/serve-redis.ts', import.meta.url),
  'pg-boss': new URL('../../../stores/postgres/test/serve-postgres.ts', import.meta.url),
}

/** Starts the server that a kind of queue needs. */
export async function openQueuePlace(kind: QueueAddress['kind']): Promise<QueuePlace> {
  const server = await startChild(programs[kind])
  const greeting = server.greeting as { readonly url?: string; readonly missing?: string; readonly canCrash?: boolean }
  const { url = '', missing, canCrash = false } = greeting
  const order = async (name: 'crash' | 'restart'): Promise<void> => {
    server.process.send({ id: 0, order: name })
    await once(server.process, 'message')
  }
  return {
    missing,
    canCrash,
    crash: () => order('crash'),
    restart: () => order('restart'),
    newQueue: () => ({ kind, url, name: `queue-${randomUUID()}` }),
    empty: ({ name }) => (kind === 'bullmq' ? emptyRedis(url, name) : emptyPostgres(url, name)),
    close: () => server.release(),
  }
}

async function emptyRedis(url: string, name: string): Promise<void> {
  const redis = new Redis(url)
  const keys = await redis.keys(`bull:${name}:*`)
  if (keys.length > 0) await redis.del(...keys)
  redis.disconnect()
}

async function emptyPostgres(url: string, name: string): Promise<void> {
  const pool = new Pool({ connectionString: url, max: 1 })
  await pool.query('delete from pgboss.job where name = $1', [name])
  await pool.end()
}
