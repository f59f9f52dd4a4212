import { assertStoreBucket, assertStoreKey, assertStoreText, ConnectorError, isStoreKey } from '@mcpclient/core'
import type { Clock, Store, Stored } from '@mcpclient/core'
import { lifetimeMs } from './lifetime-ms.ts'
import { askThrough } from './postgres-client.ts'
import type { PostgresClient, PostgresValue, Row } from './postgres-client.ts'
import { failureOf, isTransient } from './postgres-failure.ts'
import { statementsOver, valueOf } from './statements.ts'
import { namesOf } from './tables.ts'
import type { TableOptions } from './tables.ts'

export interface PostgresStoreOptions extends TableOptions {
  /** Default: the server's own time, which all hosts share. For tests: a clock whose `now()` takes its place. */
  readonly clock?: Pick<Clock, 'now'> | undefined
}

type Entry = Stored & { readonly key: string }

const DEFAULT_PAGE = 1000
const LONGEST_PAGE = 100_000
/** A page ends early rather than hold more than this: entries can be large. */
const LONGEST_PAGE_BYTES = 8_000_000
/** Behind every character that a key can hold. */
const BEHIND_ASCII = '\u007f'
const PRINTABLE = /^[ -~]*$/
/** What this store makes; anything else was made elsewhere, and PostgreSQL would fail on it rather than compare it. */
const VERSION = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/
/** Whoever is in the way has succeeded, so there are no more attempts to make than others who write the same row. */
const MOST_ATTEMPTS = 100

/**
 * A {@link Store} in PostgreSQL 13 or later, and so in Supabase: for hosts on several machines.
 *
 * Call {@link migrate} once before. The values are readable to whoever reads the database and its backups: put
 * `encrypted()` around it.
 * @param client a `Pool` of `pg`, the `sql` of postgres.js, or a PGlite. It stays the host's: the store does not close it.
 *   Not one inside of a transaction: others would not see what was written.
 * @throws {@link ConnectorError} `CONFIGURATION_ERROR` at once for what is no client and for names that are none; from a
 *   call, where the tables are missing or the role may not use them. `MCP_CONNECTION_ERROR` where the database cannot be
 *   reached; `details.outcome` says of a write whether it may have happened.
 */
export function postgresStore(
  client: PostgresClient,
  options: PostgresStoreOptions = {},
): Store & Required<Pick<Store, 'take'>> {
  const statements = statementsOver(namesOf(options))
  const ask = askThrough(client)
  const now = (): number | null => options.clock?.now() ?? null

  const run = async (kind: 'read' | 'write', text: string, values: PostgresValue[]): Promise<readonly Row[]> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await ask(text, values)
      } catch (error) {
        if (!isTransient(error) || attempt >= MOST_ATTEMPTS) throw failureOf(error, kind)
      }
    }
  }

  return {
    async get(key) {
      if (!isStoreKey(key)) return undefined
      const [row] = await run('read', statements.get, [key, now()])
      return row && { value: valueOf(row['value']), version: String(row['version']) }
    },

    async put(key, value, { ifVersion, ttlMs } = {}) {
      assertStoreKey(key)
      assertStoreText(value)
      if (typeof ifVersion === 'string' && !isVersion(ifVersion)) return { conflict: true }
      const values = [key, value, lifetimeMs(ttlMs), now()]
      const write = (): Promise<readonly Row[]> => {
        if (ifVersion === undefined) return run('write', statements.put, values)
        if (ifVersion === null) return run('write', statements.create, values)
        return run('write', statements.swap, [...values, ifVersion])
      }
      const [row] = await write()
      return row === undefined ? { conflict: true } : { version: String(row['version']) }
    },

    async delete(key, { ifVersion } = {}) {
      if (!isStoreKey(key) || (ifVersion !== undefined && !isVersion(ifVersion))) return false
      const removed = await run('write', statements.remove, [key, now(), ifVersion ?? null])
      return removed.length > 0
    },

    async list(prefix, { after = '', limit = DEFAULT_PAGE } = {}) {
      if (!(limit >= 1))
        throw new ConnectorError('CONFIGURATION_ERROR', 'A page of a store needs a limit of at least 1.')
      if (!PRINTABLE.test(prefix)) return { entries: [] }
      const from = after > prefix ? after : prefix
      const most = Math.floor(Math.min(limit, LONGEST_PAGE))
      const values = [from, endOf(prefix), after, most, now(), LONGEST_PAGE_BYTES]
      const rows = await run('read', statements.list, values)
      const entries = rows.map(({ key, value, version }): Entry => {
        return { key: String(key), value: valueOf(value), version: String(version) }
      })
      const more = rows.at(-1)?.['following'] ?? undefined
      return more === undefined ? { entries } : { entries, next: entries.at(-1)?.key }
    },

    async take(key, bucket) {
      assertStoreKey(key)
      assertStoreBucket(bucket)
      const { capacity, perMs, cost } = bucket
      const [row] = await run('write', statements.take, [key, capacity, perMs, cost, now()])
      const waitMs = Number(row?.['wait'])
      return { ok: waitMs === 0, waitMs }
    },
  }
}

const isVersion = (version: string): boolean => VERSION.test(version)

/** The first text behind all keys that begin with the prefix. */
function endOf(prefix: string): string {
  if (prefix === '') return BEHIND_ASCII
  const last = prefix.length - 1
  return prefix.slice(0, last) + String.fromCharCode(prefix.charCodeAt(last) + 1)
}
