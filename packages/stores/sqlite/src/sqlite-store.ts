import type { DatabaseSync } from 'node:sqlite'
import {
  assertStoreBatch,
  assertStoreBucket,
  assertStoreKey,
  assertStoreText,
  ConnectorError,
  systemClock,
} from '@mcpclient/core'
import type { Clock, PutResult, Store, Stored, Version } from '@mcpclient/core'
import { fullAt, takeFrom } from './bucket.ts'
import type { Level } from './bucket.ts'
import { expiryAt } from './expiry-at.ts'
import { openDatabase } from './open-database.ts'
import { failureOf } from './sqlite-failure.ts'
import { prepareStatements, schemaOf } from './statements.ts'
import { whenFree } from './when-free.ts'

export interface SqliteStoreOptions {
  /**
   * The path of the database file, on a local disk. It is created if it is absent, readable by its owner only. No other
   * program may use it. `:memory:` is a database that ends with the process.
   */
  readonly file: string
  /**
   * The name of the table: letters, digits and `_`. One file can hold several stores under different names.
   * @default 'entries'
   */
  readonly table?: string | undefined
  /**
   * The wall clock for `ttlMs` and `take`, which processes share.
   * @default the system's clock
   */
  readonly clock?: Clock | undefined
}

type Entry = Stored & { readonly key: string }
type Conditions = NonNullable<Parameters<Store['put']>[2]>

const TABLE = /^[A-Za-z_]\w{0,62}$/
const DEFAULT_PAGE = 1000
/** The size at which a page ends early, because entries can be large. */
const MAX_PAGE_CHARACTERS = 8_000_000
/** Sorts behind every character of a key. */
const BEHIND_ASCII = '\u007f'

/**
 * Creates a {@link Store} in one SQLite file, for a host on one machine. Several processes may open it at the same time.
 * Data is on the disk when `put` resolves, and survives a power cut.
 *
 * It needs `node:sqlite` (Node 22.13). The values are as readable as the file: wrap the store in `encrypted()`.
 * @throws {@link ConnectorError} `CONFIGURATION_ERROR` immediately if the file cannot be opened, belongs to another
 *   program, is damaged, or was written by a later version of this package; `TIMEOUT` from a call if another program
 *   locks the file for ten seconds
 */
export function sqliteStore(options: SqliteStoreOptions): Store & Required<Pick<Store, 'batch' | 'take' | 'close'>> {
  const { file, table = 'entries', clock = systemClock } = options
  if (!TABLE.test(table) || /^sqlite_/i.test(table)) {
    throw new ConnectorError('CONFIGURATION_ERROR', 'The name of the table is invalid.', {
      hint: 'Use 1 to 63 letters, digits or "_", and begin with a letter, but not with "sqlite_".',
    })
  }
  const database = openDatabase(file, schemaOf(table))
  const statements = prepareStatements(database, table)
  let isOpen = true

  const run = async <Value>(work: () => Value): Promise<Value> => {
    try {
      return await whenFree(clock, () => {
        if (!isOpen) throw new ConnectorError('CONFIGURATION_ERROR', 'This store was closed.')
        return work()
      })
    } catch (error) {
      throw failureOf(error, "the store's file")
    }
  }
  /** Runs work in a transaction that locks first: a read lock could not be upgraded after another process wrote. */
  const transaction = <Value>(work: () => Value): Value => {
    database.exec('BEGIN IMMEDIATE')
    try {
      const value = work()
      database.exec('COMMIT')
      return value
    } catch (error) {
      rollBack(database)
      throw error
    }
  }

  /** Puts within a transaction. */
  const put = (key: string, value: string, { ifVersion, ttlMs }: Conditions): PutResult => {
    const now = clock.now()
    const row = { key, value, expiresAt: expiryAt(now, ttlMs) }
    const write = (): unknown => {
      if (ifVersion === undefined) return statements.put.get(row)
      if (ifVersion === null) return statements.create.get({ ...row, now })
      return statements.swap.get({ ...row, ifVersion, now })
    }
    statements.sweep.run({ now })
    const written = write() as Pick<Stored, 'version'> | undefined
    return written === undefined ? { conflict: true } : { version: written.version }
  }
  const remove = (key: string, ifVersion: Version | undefined): boolean => {
    const place = { key, now: clock.now() }
    const { changes } =
      ifVersion === undefined ? statements.remove.run(place) : statements.removeVersion.run({ ...place, ifVersion })
    return Number(changes) > 0
  }

  return {
    get: (key) =>
      run(() => {
        const row = statements.get.get({ key, now: clock.now() }) as Stored | undefined
        return row && { value: row.value, version: row.version }
      }),

    async put(key, value, options = {}) {
      assertStoreKey(key)
      assertStoreText(value)
      return run(() => transaction(() => put(key, value, options)))
    },

    delete: (key, { ifVersion } = {}) => run(() => remove(key, ifVersion)),

    async batch(writes) {
      assertStoreBatch(writes)
      for (const write of writes) if ('value' in write) assertStoreText(write.value)
      return run(() =>
        transaction(() =>
          writes.map((write) =>
            'delete' in write ? { deleted: remove(write.key, write.ifVersion) } : put(write.key, write.value, write),
          ),
        ),
      )
    },

    async list(prefix, { after = '', limit = DEFAULT_PAGE } = {}) {
      if (!(limit >= 1))
        throw new ConnectorError('CONFIGURATION_ERROR', 'A page of a store needs a limit of at least 1.')
      const bounds = { from: after > prefix ? after : prefix, end: endOf(prefix), after, now: clock.now() }
      return run(() => {
        const entries: Entry[] = []
        let characters = 0
        for (const row of statements.list.iterate(bounds)) {
          if (entries.length >= limit || characters >= MAX_PAGE_CHARACTERS) {
            return { entries, next: entries.at(-1)?.key }
          }
          const { key, value, version } = row as unknown as Entry
          entries.push({ key, value, version })
          characters += value.length
        }
        return { entries }
      })
    },

    async take(key, bucket) {
      assertStoreKey(key)
      assertStoreBucket(bucket)
      return run(() => {
        // A bucket may be lost in a power cut, so no request has to wait for the disk.
        database.exec('PRAGMA synchronous = NORMAL')
        try {
          return transaction(() => {
            const now = clock.now()
            statements.sweepBuckets.run({ now })
            const { level, waitMs } = takeFrom(statements.bucket.get({ key }) as Level | undefined, bucket, now)
            statements.fill.run({ key, taken: level.taken, at: level.at, fullAt: fullAt(level, bucket) })
            return { ok: waitMs === 0, waitMs }
          })
        } finally {
          database.exec('PRAGMA synchronous = FULL')
        }
      })
    },

    async close() {
      if (isOpen) database.close()
      isOpen = false
    },
  }
}

/** Rolls back. After some failures SQLite has done so itself and throws. */
function rollBack(database: DatabaseSync): void {
  try {
    database.exec('ROLLBACK')
  } catch {}
}

/** Returns the first string behind all keys that begin with the prefix. No key begins with a prefix that is not ASCII. */
function endOf(prefix: string): string {
  if (prefix === '') return BEHIND_ASCII
  const last = prefix.length - 1
  return prefix.slice(0, last) + String.fromCharCode(prefix.charCodeAt(last) + 1)
}
