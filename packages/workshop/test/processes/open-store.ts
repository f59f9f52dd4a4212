import { encrypted } from '@mcpclient/core'
import type { Store } from '@mcpclient/core'
import { postgresStore } from '@mcpclient/postgres'
import { redisStore } from '@mcpclient/redis'
import { sqliteStore } from '@mcpclient/sqlite'
import { Pool } from 'pg'
import { createClient } from 'redis'

/** Which store a worker opens, as text that crosses to its process. */
export interface StoreAddress {
  readonly kind: 'sqlite' | 'postgres' | 'redis'
  /** A file, or a URL. */
  readonly at: string
  readonly keys: string
}

/** Opens the store of an address, encrypted, and closes what it stands on with it. */
export async function openStore({ kind, at, keys }: StoreAddress): Promise<Store> {
  if (kind === 'sqlite') return encrypted(sqliteStore({ file: at }), { keys })
  if (kind === 'postgres') {
    const pool = new Pool({ connectionString: at, max: 4 })
    const store = encrypted(postgresStore(pool), { keys })
    return { ...store, close: () => pool.end() }
  }
  const client = createClient({ url: at })
  await client.connect()
  const store = encrypted(redisStore(client), { keys })
  return { ...store, close: () => client.close() }
}
