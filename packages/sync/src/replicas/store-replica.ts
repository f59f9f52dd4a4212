import { ConnectorError, listAll, storeKey } from '@mcpclient/core'
import type { Store, Version } from '@mcpclient/core'
import type { Fields } from '../remote.ts'
import type { Replica, ReplicaChange } from '../replica.ts'

/** A {@link Replica} in a store, with what a host needs to read and write its rows. */
export interface StoreReplica<Item extends object = Fields> extends Replica<Item> {
  /** Yields the rows that exist, in no particular order. */
  rows(): AsyncIterable<{ readonly id: string; readonly version: string; readonly item: Item }>
  /** Creates a row of the host under a new id. */
  create(item: Item): Promise<{ readonly id: string; readonly version: string }>
}

/** A stored row. Without an item it was removed, or never existed. */
interface Row<Item> {
  readonly item: Item | null
  /** The position in the log of the last write of the item: the version of the row. */
  readonly written: number
  /** The position at which the feed shows the row. */
  readonly shown: number
  readonly key?: string | undefined
}

interface StoredRow<Item> extends Row<Item> {
  readonly stored: Version
}

/** The last entry of the log. The entry itself is written by the one that needs it next. */
interface Head {
  readonly at: number
  readonly id: string
  readonly isRemoval: boolean
}

/** The row after a write, or the result of a write that does not happen. */
type Decision<Item, Result> =
  | { readonly item: Item | null; readonly key?: string | undefined }
  | { readonly instead: Result }
type PutAnswer<Item extends object> = Awaited<ReturnType<Replica<Item>['put']>>
type RemoveAnswer<Item extends object> = Awaited<ReturnType<Replica<Item>['remove']>>

const TOMBSTONE_MS = 90 * 24 * 60 * 60 * 1000
/** Digits of a position, so that keys sort like numbers. */
const DIGITS = 16
/** Rows that the feed reads at a time. */
const READS = 50
/** After a conflict another write has succeeded, or a consumer stopped waiting for this one. */
const MAX_ATTEMPTS = 1000
/**
 * Milliseconds that a consumer waits for the write of a position. Without them, a consumer that reads in a loop can
 * overtake every attempt of a writer.
 */
const WAITS_MS = [0, 5, 20, 80]

/**
 * Creates a {@link Replica} in a store. Several processes may use it at the same time.
 *
 * The id of a row that the sync creates is its `key`. A removed row leaves a tombstone for 90 days: a consumer that reads
 * `changes` less often misses removals, and a key older than that creates a row again.
 *
 * A write takes a position in a log first and then writes the row, on the condition that it was not written since it was
 * read. A consumer that meets a position without its write waits a tenth of a second, and then writes the row itself,
 * without a change, so that the late write has to take another position. No change can therefore appear behind a cursor.
 * @param prefix prefix of all keys: one tenant and collection. Make it with `storeKey()`.
 */
export function storeReplica<Item extends object = Fields>(store: Store, prefix: string): StoreReplica<Item> {
  const rowKey = (id: string): string => `${prefix}/row/${storeKey(id)}`
  const logKey = (at: number): string => `${prefix}/log/${String(at).padStart(DIGITS, '0')}`
  const headKey = `${prefix}/head`

  async function read(id: string): Promise<StoredRow<Item> | undefined> {
    const row = await store.get(rowKey(id))
    return row && { ...(JSON.parse(row.value) as Row<Item>), stored: row.version }
  }

  /** Writes a row if nothing was written since it was read. */
  async function swap(id: string, before: StoredRow<Item> | undefined, row: Row<Item>): Promise<boolean> {
    const { item, written, shown, key } = row
    const put = await store.put(rowKey(id), JSON.stringify({ item, written, shown, key }), {
      ifVersion: before?.stored ?? null,
      ttlMs: item === null ? TOMBSTONE_MS : undefined,
    })
    if ('conflict' in put) return false
    // The row is shown at a later position now.
    if (before !== undefined && before.shown !== shown) await store.delete(logKey(before.shown))
    return true
  }

  /** Makes sure that the last entry is in the log. */
  const settle = async ({ at, id, isRemoval }: Head): Promise<void> => {
    await store.put(logKey(at), id, { ifVersion: null, ttlMs: isRemoval ? TOMBSTONE_MS : undefined })
  }

  async function readHead(): Promise<(Head & { readonly stored: Version }) | undefined> {
    const row = await store.get(headKey)
    return row && { ...(JSON.parse(row.value) as Head), stored: row.version }
  }

  /** Takes the next position in the log. */
  async function takePosition(id: string, isRemoval: boolean): Promise<number> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const last = await readHead()
      if (last !== undefined) await settle(last)
      const head: Head = { at: (last?.at ?? 0) + 1, id, isRemoval }
      const put = await store.put(headKey, JSON.stringify(head), { ifVersion: last?.stored ?? null })
      if (!('conflict' in put)) return head.at
    }
    throw changesTooOften()
  }

  /** Writes what `decide` makes of the current row. The row is read before the position is taken: see `shownAt`. */
  async function write<Result>(
    id: string,
    decide: (row: StoredRow<Item> | undefined) => Decision<Item, Result>,
  ): Promise<{ readonly version: string } | { readonly instead: Result }> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const before = await read(id)
      const decision = decide(before)
      if ('instead' in decision) return decision
      const at = await takePosition(id, decision.item === null)
      if (await swap(id, before, { ...decision, written: at, shown: at })) return { version: String(at) }
    }
    throw changesTooOften()
  }

  /** Returns the row if the feed shows it at this position, after which no write can take that position any more. */
  async function shownAt(at: number, id: string): Promise<Row<Item> | undefined> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const row = await read(id)
      if (row !== undefined && row.shown >= at) return row.shown === at ? row : undefined
      const waitMs = WAITS_MS[attempt]
      if (waitMs !== undefined) {
        await new Promise((resolve) => {
          setTimeout(resolve, waitMs)
        })
        continue
      }
      const moved = { item: row?.item ?? null, written: row?.written ?? 0, shown: at, key: row?.key }
      if (!(await swap(id, row, moved))) continue
      // A create that was interrupted leaves nothing for longer than a tombstone.
      if (moved.item === null) await store.put(logKey(at), id, { ttlMs: TOMBSTONE_MS })
      return moved
    }
    throw changesTooOften()
  }

  async function* changes(since: string | undefined): AsyncGenerator<ReplicaChange<Item>> {
    const last = await readHead()
    if (last === undefined) return
    await settle(last)
    const after = Number(since ?? 0)
    /** The last position of each row, in order. */
    const page = new Map<string, number>()
    const readPage = async function* (): AsyncGenerator<ReplicaChange<Item>> {
      const rows = await Promise.all([...page].map(async ([id, at]) => ({ at, id, row: await shownAt(at, id) })))
      page.clear()
      for (const { at, id, row } of rows) {
        // Neither a create that was interrupted, nor, in a list of everything, what was removed.
        if (row === undefined || row.written === 0 || (since === undefined && row.item === null)) continue
        yield { id, version: String(row.written), item: row.item, key: row.key, cursor: String(at) }
      }
    }
    for await (const { key, value } of listFrom(store, `${prefix}/log/`, logKey(after))) {
      const at = Number(key.slice(-DIGITS))
      // Every earlier entry was written before the head was, so the list contains it.
      if (at > last.at) break
      page.delete(value)
      page.set(value, at)
      if (page.size === READS) yield* readPage()
    }
    yield* readPage()
  }

  return {
    changes,
    async get(id) {
      const row = await read(id)
      return row === undefined || row.item === null ? undefined : { item: row.item, version: String(row.written) }
    },
    async put({ id, key, item, ifVersion }) {
      const target = ifVersion === null ? key : (id ?? key)
      const result = await write<PutAnswer<Item>>(target, (row) => {
        if (ifVersion === null) {
          if (row === undefined || row.written === 0) return { item, key }
          return { instead: { id: target, version: String(row.written), existed: true } }
        }
        const isCurrent = row !== undefined && row.item !== null && String(row.written) === ifVersion
        return isCurrent ? { item, key: row.key } : { instead: { conflict: true } }
      })
      return 'instead' in result ? result.instead : { id: target, version: result.version }
    },
    async remove(id, ifVersion) {
      const result = await write<RemoveAnswer<Item>>(id, (row) => {
        if (row === undefined || row.item === null) return { instead: { removed: false } }
        if (String(row.written) !== ifVersion) return { instead: { conflict: true } }
        return { item: null, key: row.key }
      })
      return 'instead' in result ? result.instead : { removed: true }
    },
    async create(item) {
      const id = globalThis.crypto.randomUUID()
      const result = await write(id, () => ({ item }))
      return { id, version: 'version' in result ? result.version : '' }
    },
    async *rows() {
      for await (const { key, value } of listAll(store, `${prefix}/row/`)) {
        const { item, written } = JSON.parse(value) as Row<Item>
        const id = decodeURIComponent(key.slice(`${prefix}/row/`.length))
        if (item !== null) yield { id, version: String(written), item }
      }
    },
  }
}

async function* listFrom(store: Store, prefix: string, from: string): AsyncGenerator<{ key: string; value: string }> {
  let after: string | undefined = from
  while (after !== undefined) {
    const page: Awaited<ReturnType<Store['list']>> = await store.list(prefix, { after })
    yield* page.entries
    after = page.next
  }
}

const changesTooOften = (): ConnectorError =>
  new ConnectorError('MCP_CLIENT_ERROR', 'A row of the replica changed during each write.', {
    outcome: 'not_processed',
    hint: 'Test the store with storeContract: it may report a conflict for each write.',
  })
