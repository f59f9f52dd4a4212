import { Pool } from 'pg'
import postgres from 'postgres'
import type { PostgresClient } from '../src/index.ts'

export interface Opened {
  readonly client: PostgresClient
  readonly end: () => Promise<void>
}

const CONNECTIONS = 5

/** Each driver as a host would set it up. */
export const drivers = {
  pg(url: string, settings = ''): Opened {
    const pool = new Pool({ connectionString: url, max: CONNECTIONS, options: settings })
    // Without a listener the end of an idle connection would end the process.
    pool.on('error', () => {})
    return { client: pool, end: () => pool.end() }
  },
  'postgres.js'(url: string, settings = ''): Opened {
    const connection = settings === '' ? {} : { options: settings }
    const sql = postgres(url, { max: CONNECTIONS, onnotice: () => {}, connection })
    return { client: sql, end: () => sql.end({ timeout: 1 }) }
  },
}

export type Driver = keyof typeof drivers
