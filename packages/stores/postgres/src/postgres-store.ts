import {
  assertStoreBatch,
  assertStoreBucket,
  assertStoreKey,
  assertStoreText,
  ConnectorError,
  isStoreKey,
} from '@mcpclient/core'
import type { Clock, Store, Stored, StoreWrite, WriteResult } from '@mcpclient/core'
import { lifetimeMs } from './lifetime-ms.ts'
import { queryThrough } from './postgres-client.ts'
import type { PostgresClient, PostgresValue, Row } from './postgres-client.ts'
import { failureOf, isTransient } from './postgres-failure.ts'
import { statementsOver, valueOf } from './statements.ts'
import { namesOf } from './tables.ts'
import type { TableOptions } from './tables.ts'

export interface PostgresStoreOptions extends TableOptions {
  /**
   * A clock for tests.
   * @default the server's own time, which all hosts share
   */
  readonly clock?: Pick<Clock, 'now'> | undefined
}

type Entry = Stored & { readonly key: string }

const DEFAULT_PAGE = 1000
const MAX_PAGE = 100_000
/** The size at which a page ends early, because entries can be large. */
const MAX_PAGE_BYTES = 8_000_000
/** Sorts behind every character of a key. */
const BEHIND_ASCII = '\u007f'
const PRINTABLE = /^[ -~]*$/
/** The format of this store's versions. PostgreSQL would fail on another format instead of comparing it. */
const VERSION = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/
/** The conflicting write has succeeded, so the attempts are at most the number of concurrent writers of one row. */
const MAX_ATTEMPTS = 100

/**
 * Creates a {@link Store} in PostgreSQL 13 or later, including Supabase: for hosts on several machines.
 *
 * Call {@link migrate} once before. The values are readable in the database and its backups: wrap the store in
 * `encrypted()`.
 * @param client a `Pool` of `pg`, the `sql` of postgres.js, or a PGlite. The store does not close it. It
 *   must not be inside a transaction, because other connections would not see the writes.
 * @throws {@link ConnectorError} `CONFIGURATION_ERROR` immediately for an invalid client or name, and from a call if the
 *   tables are missing or the role may not use them. `MCP_CONNECTION_ERROR` if the database cannot be reached;
 *   `details.outcome` is the outcome of a write.
 */
export function postgresStore(
  client: PostgresClient,
  options: PostgresStoreOptions = {},
): Store & Required<Pick<Store, 'batch' | 'take'>> {
  const statements = statementsOver(namesOf(options))
  const query = queryThrough(client)
  const now = (): number | null => options.clock?.now() ?? null

  const run = async (kind: 'read' | 'write', text: string, values: PostgresValue[]): Promise<readonly Row[]> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await query(text, values)
      } catch (error) {
        if (!isTransient(error) || attempt >= MAX_ATTEMPTS) throw failureOf(error, kind)
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

    async batch(writes) {
      assertStoreBatch(writes)
      for (const write of writes) if ('value' in write) assertStoreText(write.value)
      const possible = writes.filter(({ ifVersion }) => typeof ifVersion !== 'string' || isVersion(ifVersion))
      const rows = await run('write', statements.batch, [JSON.stringify(possible.map(inputOf)), now()])
      const done = new Map(rows.map(({ key, version }) => [key, String(version)]))
      return writes.map((write): WriteResult => {
        const version = done.get(write.key)
        if ('delete' in write) return { deleted: version !== undefined }
        return version === undefined ? { conflict: true } : { version }
      })
    },

    async list(prefix, { after = '', limit = DEFAULT_PAGE } = {}) {
      if (!(limit >= 1))
        throw new ConnectorError('CONFIGURATION_ERROR', 'A page of a store needs a limit of at least 1.')
      if (!PRINTABLE.test(prefix)) return { entries: [] }
      const from = after > prefix ? after : prefix
      const most = Math.floor(Math.min(limit, MAX_PAGE))
      const values = [from, endOf(prefix), after, most, now(), MAX_PAGE_BYTES]
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

/** Returns a write as a row of the statement's input. */
function inputOf(write: StoreWrite): Readonly<Record<string, string | number | null | undefined>> {
  const { key, ifVersion } = write
  if ('delete' in write) return { key, kind: 'remove', version: ifVersion }
  const kind = ifVersion === undefined ? 'put' : 'swap'
  return {
    key,
    value: write.value,
    life: lifetimeMs(write.ttlMs),
    kind: ifVersion === null ? 'create' : kind,
    version: ifVersion,
  }
}

const isVersion = (version: string): boolean => VERSION.test(version)

/** Returns the first string behind all keys that begin with the prefix. */
function endOf(prefix: string): string {
  if (prefix === '') return BEHIND_ASCII
  const last = prefix.length - 1
  return prefix.slice(0, last) + String.fromCharCode(prefix.charCodeAt(last) + 1)
}
