import type { Clock } from '../ports/clock.ts'
import { isUnreadable, ofStore } from '../ports/store-failure.ts'
import { keySegments, storeKey } from '../ports/store.ts'
import type { Store, Version } from '../ports/store.ts'
import type { ConnectionRecord } from './connection-record.ts'
import { recordIn, unreadableRecord } from './read-record.ts'
import { renewAt } from './renewal/refresh-timing.ts'
import type { Row } from './renewal/renewal-context.ts'

interface CachedRow extends Row {
  /** On the monotonic scale. */
  readonly readAt: number
  /** Until when it may be used without another read: milliseconds since the epoch. */
  readonly goodUntil: number
}

/** A credential that another process replaced is noticed after this time at the latest, or when it is refused. */
const MAX_CACHED_MS = 30_000
/** The number of credentials in memory, at most. */
const MAX_CACHED = 10_000

/** The connections of a client as rows of its store. Rows in use are cached for a short time. */
export class ConnectionRows {
  readonly #store: Store
  readonly #clock: Clock
  readonly #cached = new Map<string, CachedRow>()

  constructor(store: Store, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** Returns the cached row; undefined if it has to be read again. */
  cached(key: string): Row | undefined {
    const row = this.#cached.get(key)
    if (row === undefined || this.#clock.monotonic() - row.readAt >= MAX_CACHED_MS) return undefined
    return row.goodUntil === Infinity || this.#clock.now() < row.goodUntil ? row : undefined
  }

  /** Reads a row from the store. One that cannot be read is returned as a record in the state `unreadable`. */
  async readFresh(key: string): Promise<Row | undefined> {
    const stored = await fromStore(this.#store.get(key)).catch((error: unknown) => this.#unreadable(key, error))
    if (stored === undefined) {
      this.#cached.delete(key)
      return undefined
    }
    if ('record' in stored) return this.#cache(key, stored)
    const record = recordIn(stored.value, key, this.#clock.now())
    return this.#cache(key, { record, version: stored.version })
  }

  /** Only a list returns the version of a row that cannot be decrypted, which is needed to replace it. */
  async #unreadable(key: string, error: unknown): Promise<Row | undefined> {
    if (!isUnreadable(error)) throw error
    const { entries } = await fromStore(this.#store.list(key, { limit: 1, reportUnreadable: true }))
    const [entry] = entries
    if (entry?.key !== key) return undefined
    const { value, version, error: found } = entry
    const now = this.#clock.now()
    // It may have been replaced meanwhile.
    return { record: found === undefined ? recordIn(value, key, now) : unreadableRecord(found, now), version }
  }

  /** Writes a row by compare-and-swap. Returns undefined if it is not at `ifVersion` any more. */
  async write(
    key: string,
    record: ConnectionRecord,
    ifVersion: Version | null,
    ttlMs?: number,
  ): Promise<Row | undefined> {
    // Whether the write succeeds or not, the cached row may be outdated.
    this.#cached.delete(key)
    const result = await fromStore(this.#store.put(key, JSON.stringify(record), { ifVersion, ttlMs }))
    return 'conflict' in result ? undefined : this.#cache(key, { record, version: result.version })
  }

  /**
   * Changes a row, and retries if another process changed it meanwhile.
   * @param change pure; undefined leaves the row as it is. It may be called more than once.
   */
  async update(
    key: string,
    change: (record: ConnectionRecord | undefined) => ConnectionRecord | undefined,
    ttlMs?: number,
  ): Promise<Row | undefined> {
    for (;;) {
      const row = await this.readFresh(key)
      const next = change(row?.record)
      if (next === undefined) return row
      const written = await this.write(key, next, row?.version ?? null, ttlMs)
      if (written !== undefined) return written
    }
  }

  /** Caches the record that is used for a row that does not exist. */
  cacheAbsent(key: string, record: ConnectionRecord): ConnectionRecord {
    return this.#cache(key, { record, version: null }).record
  }

  /** @param ifVersion removes the row only if nothing has changed it since */
  async remove(key: string, ifVersion?: Version): Promise<boolean> {
    this.#cached.delete(key)
    return fromStore(this.#store.delete(key, { ifVersion }))
  }

  forget(key: string): void {
    this.#cached.delete(key)
  }

  #cache(key: string, row: Row): Row {
    const readAt = this.#clock.monotonic()
    // Re-inserting keeps the map in the order of reading, so unused rows are at its front.
    this.#cached.delete(key)
    this.#cached.set(key, { ...row, readAt, goodUntil: goodUntil(row.record, key) })
    for (const [oldKey, old] of this.#cached) {
      if (readAt - old.readAt < MAX_CACHED_MS && this.#cached.size <= MAX_CACHED) break
      this.#cached.delete(oldKey)
    }
    return row
  }
}

/** Returns until when a row is used without another read. One that is not simply in order is read each time. */
function goodUntil({ state = 'active', grant, trouble, left }: ConnectionRecord, key: string): number {
  if (state !== 'active' || trouble !== undefined || left !== undefined) return -Infinity
  return grant === undefined ? Infinity : renewAt(grant, key)
}

/** Marks a failure of the store, because it says nothing about the connection. */
const fromStore = <Value>(operation: Promise<Value>): Promise<Value> =>
  operation.catch((error: unknown) => {
    throw ofStore(error)
  })

/** A connection in the store that is not parsed yet. */
export interface StoredConnection {
  /** Decoded from the key, as far as possible. */
  readonly tenant: string
  readonly name: string
  readonly storeKey: string
  /** Whether `tenant` and `name` lead to this row. A key that this library did not make names no connection. */
  readonly isReachable: boolean
  /**
   * Returns the record, in the state `unreadable` if it cannot be read.
   * @throws the reason if it cannot be read just now
   */
  record(): ConnectionRecord
}

/** Rows in a page. Each may need a data key of its own, and a page has one time limit. */
const MAX_PAGE = 100

/** Yields the stored connections of a group, page by page: of one tenant, or of all. */
export async function* storedConnections(
  store: Store,
  group: string,
  tenant?: string,
): AsyncGenerator<readonly StoredConnection[]> {
  const prefix = `${tenant === undefined ? storeKey('connection', group) : storeKey('connection', group, tenant)}/`
  let after: string | undefined
  do {
    const page = await store.list(prefix, { after, limit: MAX_PAGE, reportUnreadable: true })
    yield page.entries.flatMap(({ key, value, error }) => {
      const segments = keySegments(key)
      const [, , owner = '', name = ''] = segments
      // A row without a tenant is the app's own, which the composition holds.
      if (owner === '') return []
      const isReachable = segments.length === 4 && canonical(segments) === key
      const record = () => {
        // An outage of the key provider says nothing about the row.
        if (error !== undefined && !isUnreadable(error)) throw error
        if (error === undefined && isReachable) return recordIn(value, key, 0)
        return unreadableRecord(error ?? new Error('The key of the row is malformed.'), 0)
      }
      return [{ tenant: owner, name, storeKey: key, isReachable, record }]
    })
    after = page.next
  } while (after !== undefined)
}

function canonical(segments: readonly string[]): string | undefined {
  try {
    return storeKey(...segments)
  } catch {
    return undefined
  }
}
