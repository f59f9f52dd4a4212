import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrate } from '@mcpclient/postgres'
import { Pool } from 'pg'
import { startChild } from './child.ts'
import type { StoreAddress } from './open-store.ts'

/** A place in which empty stores of one kind can be created. */
export interface Place {
  /** The requirement that this machine lacks, and what to do about it. No store can be created then. */
  readonly missing?: string | undefined
  newStore(): Promise<StoreAddress>
  close(): Promise<void>
}

/** A server that its own package knows how to start: a program, since no package imports the tests of another one. */
const servers = {
  postgres: new URL('../../../stores/postgres/test/serve-postgres.ts', import.meta.url),
  redis: new URL('../../../stores/redis/test/serve-redis.ts', import.meta.url),
}

/** Starts what the stores of a kind stand on. */
export async function openPlace(kind: StoreAddress['kind']): Promise<Place> {
  const keys = randomBytes(32).toString('base64')
  const newSpace = () => `processes_${randomUUID().replaceAll('-', '')}`
  if (kind === 'sqlite') {
    const folder = await mkdtemp(join(tmpdir(), 'mcpclient-processes-'))
    return {
      newStore: async () => ({ kind, at: join(folder, `${randomUUID()}.db`), space: 'entries', keys }),
      close: () => rm(folder, { recursive: true, force: true }),
    }
  }
  const server = await startChild(servers[kind])
  const { url, missing } = server.greeting as { readonly url?: string; readonly missing?: string }
  if (url === undefined) {
    const newStore = () => Promise.reject(new Error(missing))
    return { missing, newStore, close: server.release }
  }
  if (kind === 'redis') {
    return { newStore: async () => ({ kind, at: url, space: newSpace(), keys }), close: server.release }
  }
  const pool = new Pool({ connectionString: url, max: 1 })
  // A server that stops notifies even clients that have just disconnected.
  pool.on('error', () => {})
  const schemas: string[] = []
  return {
    async newStore() {
      const schema = newSpace()
      schemas.push(schema)
      await migrate(pool, { schema })
      return { kind, at: url, space: schema, keys }
    },
    async close() {
      // The server may be an existing one.
      for (const schema of schemas) await pool.query(`drop schema ${schema} cascade`)
      await pool.end()
      await server.release()
    },
  }
}
