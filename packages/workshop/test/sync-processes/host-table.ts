import { setTimeout as wait } from 'node:timers/promises'
import type { Replica } from '@mcpclient/sync'
import { storeReplica } from '@mcpclient/sync/store-replica'
import type { Store } from '@mcpclient/core'
import type { StoreAddress } from '../processes/open-store.ts'

type Row = Readonly<Record<string, unknown>>

/** Runs one SQL statement. Parameters are `$1`, `$2`, ... */
type Query = (text: string, values?: readonly (string | number | null)[]) => Promise<readonly Row[]>

/** The host's table, and the store of the sync state in the same database. */
export interface HostDatabase {
  readonly store: Store & Required<Pick<Store, 'batch'>>
  readonly table: HostTable
  close(): Promise<void>
}

export interface HostTable extends Replica {
  /** Creates the table if it does not exist. */
  create(): Promise<void>
  /** Returns the rows that a user sees. */
  rows(): Promise<readonly { readonly id: string; readonly item: Readonly<Record<string, unknown>> }[]>
  /** Edits of a user. `edit` creates or changes. */
  edit(id: string, changes: Readonly<Record<string, unknown>>): Promise<void>
  drop(id: string): Promise<void>
}

const SQLITE_BUSY = 5
const LOCKED_MS = 5

/**
 * Opens the database of an address. Loads no other driver.
 * @param isNew whether the table may have to be created
 */
export async function openHostDatabase({ kind, at, space }: StoreAddress, isNew = true): Promise<HostDatabase> {
  if (kind === 'sqlite') {
    const [{ sqliteStore }, { DatabaseSync }] = await Promise.all([import('@mcpclient/sqlite'), import('node:sqlite')])
    const store = sqliteStore({ file: at, table: space })
    const database = new DatabaseSync(at, { timeout: 0 })
    const table = hostTable(async (text, values = []) => {
      const named = Object.fromEntries(values.map((value, index) => [`$${index + 1}`, value]))
      for (;;) {
        try {
          return database.prepare(text).all(named)
        } catch (error) {
          if ((error as { readonly errcode?: number }).errcode !== SQLITE_BUSY) throw error
          // Without blocking: this process may be the one that has to wake the process with the lock.
          await wait(LOCKED_MS)
        }
      }
    }, sqliteNext)
    if (isNew) await table.create()
    const close = async () => {
      database.close()
      await store.close()
    }
    return { store, table, close }
  }
  const [{ postgresStore }, { Pool }] = await Promise.all([import('@mcpclient/postgres'), import('pg')])
  const pool = new Pool({ connectionString: at, max: 1, options: `-c search_path=${space}` })
  // The server may close an idle connection.
  pool.on('error', () => {})
  const query: Query = async (text, values = []) => (await pool.query<Row>(text, [...values])).rows
  const table = hostTable(query, postgresNext)
  if (isNew) await table.create()
  return { store: postgresStore(pool, { schema: space }), table, close: () => pool.end() }
}

/** The number of a change, as common table expressions: later ones are greater, and visible later. */
const sqliteNext = 'n as (select coalesce(max(seq), 0) + 1 as seq from host_rows)'
/** The lock ends with the statement. */
const postgresNext = `l as materialized (select pg_advisory_xact_lock(hashtext(current_schema()))),
  n as materialized (select nextval('host_changes')::integer as seq from l)`

function hostTable(query: Query, next: string): HostTable {
  const setUp = async () => {
    if (next === postgresNext) await query('create sequence if not exists host_changes')
    await query(`create table if not exists host_rows (
      id text primary key, made_by text unique, item text, version text not null, seq integer not null)`)
  }
  const itemOf = ({ item }: Row) => JSON.parse(item as string) as Readonly<Record<string, unknown>>
  const current = async (id: string): Promise<Row | undefined> =>
    (await query('select item, version from host_rows where id = $1', [id]))[0]
  /** Writes in one statement. A version is new with each write. */
  const write = (id: string, item: string | null, ifVersion: string) =>
    query(
      `with ${next}
       update host_rows set item = $2, version = $3, seq = (select seq from n)
       where id = $1 and version = $4 and item is not null returning id, version`,
      [id, item, crypto.randomUUID(), ifVersion],
    )
  const insert = (id: string, key: string | null, item: string) =>
    query(
      `with ${next}
       insert into host_rows (id, made_by, item, version, seq) select $1, $2, $3, $4, n.seq from n where true
       on conflict do nothing returning id, version`,
      [id, key, item, crypto.randomUUID()],
    )
  return {
    // Another process may create it at the same moment.
    create: () => setUp().catch(setUp),
    async *changes(since) {
      const rows = await query('select * from host_rows where seq > $1 order by seq', [Number(since ?? 0)])
      for (const row of rows) {
        if (since === undefined && row['item'] === null) continue
        yield {
          id: row['id'] as string,
          version: row['version'] as string,
          item: row['item'] === null ? null : itemOf(row),
          key: (row['made_by'] as string | null) ?? undefined,
          cursor: String(row['seq']),
        }
      }
    },
    async get(id) {
      const row = await current(id)
      return row === undefined || row['item'] === null
        ? undefined
        : { item: itemOf(row), version: row['version'] as string }
    },
    async put({ id, key, item, ifVersion }) {
      if (ifVersion !== null) {
        const [row] = await write(id ?? '', JSON.stringify(item), ifVersion)
        return row === undefined ? { conflict: true } : { id: id ?? '', version: row['version'] as string }
      }
      const [made] = await insert(crypto.randomUUID(), key, JSON.stringify(item))
      if (made !== undefined) return { id: made['id'] as string, version: made['version'] as string }
      const [had] = await query('select id, version from host_rows where made_by = $1', [key])
      return { id: had?.['id'] as string, version: had?.['version'] as string, existed: true }
    },
    async remove(id, ifVersion) {
      const [row] = await write(id, null, ifVersion)
      if (row !== undefined) return { removed: true }
      return ((await current(id))?.['item'] ?? null) === null ? { removed: false } : { conflict: true }
    },
    async rows() {
      const rows = await query('select * from host_rows where item is not null order by id')
      return rows.map((row) => ({ id: row['id'] as string, item: itemOf(row) }))
    },
    async edit(id, changes) {
      for (;;) {
        const row = await current(id)
        if (row === undefined) {
          if ((await insert(id, null, JSON.stringify(changes))).length > 0) return
        } else if (row['item'] === null) {
          return
        } else {
          const item = JSON.stringify({ ...itemOf(row), ...changes })
          if ((await write(id, item, row['version'] as string)).length > 0) return
        }
      }
    },
    async drop(id) {
      for (;;) {
        const row = await current(id)
        if (row === undefined || row['item'] === null) return
        if ((await write(id, null, row['version'] as string)).length > 0) return
      }
    },
  }
}

/** Creates the host's rows in the store of the sync state, for a host without a table of its own. */
export function storedTable(store: Store): HostTable {
  const replica = storeReplica(store, 'replica/ada/calendar')
  return {
    ...replica,
    create: () => Promise.resolve(),
    async rows() {
      const rows = []
      for await (const { id, item } of replica.rows()) rows.push({ id, item })
      return rows
    },
    async edit(id, changes) {
      for (;;) {
        const row = await replica.get(id)
        if (row === undefined) return void (await replica.create(changes))
        const item = { ...row.item, ...changes }
        if (!('conflict' in (await replica.put({ id, key: id, item, ifVersion: row.version })))) return
      }
    },
    async drop(id) {
      for (;;) {
        const row = await replica.get(id)
        if (row === undefined || !('conflict' in (await replica.remove(id, row.version)))) return
      }
    },
  }
}
