import type { Store } from '@mcpclient/core'
import { encrypted } from '@mcpclient/core/vault'

/** The store of a worker, as a value that crosses to its process. */
export interface StoreAddress {
  readonly kind: 'sqlite' | 'postgres' | 'redis'
  /** A file, or a URL. */
  readonly at: string
  /** The part that belongs to this host alone: a table, a schema, a prefix. */
  readonly space: string
  readonly keys: string
}

/** Opens the store of an address, encrypted, and closes what it stands on with it. Loads no other driver. */
export async function openStore({ kind, at, space, keys }: StoreAddress): Promise<Store> {
  if (kind === 'sqlite') {
    const { sqliteStore } = await import('@mcpclient/sqlite')
    return encrypted(sqliteStore({ file: at, table: space }), { keys })
  }
  if (kind === 'postgres') {
    const [{ postgresStore }, { Pool }] = await Promise.all([import('@mcpclient/postgres'), import('pg')])
    const pool = new Pool({ connectionString: at, max: 4 })
    // The server may close an idle connection.
    pool.on('error', () => {})
    return { ...encrypted(postgresStore(pool, { schema: space }), { keys }), close: () => pool.end() }
  }
  const [{ redisStore }, { createClient }] = await Promise.all([import('@mcpclient/redis'), import('redis')])
  const client = createClient({ url: at })
  client.on('error', () => {})
  await client.connect()
  return { ...encrypted(redisStore(client, { prefix: space }), { keys }), close: () => client.close() }
}
