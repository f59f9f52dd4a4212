import { ConnectorError } from '../errors/connector-error.ts'
import { systemClock } from './clock.ts'
import type { Clock } from './clock.ts'
import { createSortedKeys } from './sorted-keys.ts'
import { assertStoreBatch } from './store-batch.ts'
import { assertStoreBucket, assertStoreKey, assertStoreText } from './store.ts'
import type { PutResult, Store, Stored } from './store.ts'

interface Row extends Stored {
  /** On the monotonic clock. Infinity if the row never expires. */
  readonly expiresAt: number
}

type SyncPut = (...parameters: Parameters<Store['put']>) => PutResult

const DEFAULT_PAGE = 1000
/** Number of entries that each write checks for expiry. It exceeds what a write adds, so expired rows never pile up. */
const CHECKS_PER_WRITE = 2

/**
 * Creates a {@link Store} in the memory of this process: the default store, and the one for tests. Its content is lost
 * when the process ends, and other processes do not see it.
 *
 * It sets no timers. An expired row reads as absent at once, and a later write removes it.
 * @param options.clock monotonic time for `ttlMs` and `take`. @default systemClock
 */
export function memoryStore(options: { readonly clock?: Clock | undefined } = {}): Store {
  const clock = options.clock ?? systemClock
  const rows = new Map<string, Row>()
  const order = createSortedKeys()
  const expiring = new Map<string, number>()
  /** The time at which each bucket is full again, which is all the state of a bucket (GCRA). */
  const buckets = new Map<string, number>()
  // Starts at the time, so that a version from before a restart never matches.
  let lastVersion = Math.floor(clock.now()) * 1000

  const live = (key: string): Row | undefined => {
    const row = rows.get(key)
    return row !== undefined && row.expiresAt > clock.monotonic() ? row : undefined
  }
  const drop = (key: string): void => {
    if (rows.delete(key)) order.remove(key)
    expiring.delete(key)
  }
  const sweepRows = createSweeper(expiring, drop)
  const sweepBuckets = createSweeper(buckets, (key) => buckets.delete(key))

  const put: SyncPut = (key, value, { ifVersion, ttlMs } = {}) => {
    const now = clock.monotonic()
    sweepRows(now)
    if (ifVersion !== undefined && (live(key)?.version ?? null) !== ifVersion) return { conflict: true }

    if (!rows.has(key)) order.add(key)
    const version = String(++lastVersion)
    rows.set(key, { value, version, expiresAt: now + (ttlMs ?? Infinity) })
    if (ttlMs === undefined) expiring.delete(key)
    else expiring.set(key, now + ttlMs)
    return { version }
  }
  const remove = (key: string, ifVersion?: string): boolean => {
    const row = live(key)
    if (row === undefined || (ifVersion !== undefined && row.version !== ifVersion)) return false
    drop(key)
    return true
  }

  return {
    async get(key) {
      const row = live(key)
      return row && { value: row.value, version: row.version }
    },

    async put(key, value, options) {
      // A database would reject these too, so code that works with this store works with a database.
      assertStoreKey(key)
      assertStoreText(value)
      return put(key, value, options)
    },

    delete: async (key, { ifVersion } = {}) => remove(key, ifVersion),

    async batch(writes) {
      assertStoreBatch(writes)
      for (const write of writes) if ('value' in write) assertStoreText(write.value)
      return writes.map((write) =>
        'delete' in write ? { deleted: remove(write.key, write.ifVersion) } : put(write.key, write.value, write),
      )
    },

    async list(prefix, { after, limit = DEFAULT_PAGE } = {}) {
      if (!(limit >= 1)) throw new ConnectorError('CONFIGURATION_ERROR', 'list() requires a limit of at least 1.')
      const entries: (Stored & { readonly key: string })[] = []
      for (const key of order.from(after !== undefined && after > prefix ? after : prefix)) {
        if (!key.startsWith(prefix)) break
        const row = live(key)
        if (row === undefined || key === after) continue
        if (entries.length >= limit) return { entries, next: entries.at(-1)?.key }
        entries.push({ key, value: row.value, version: row.version })
      }
      return { entries }
    },

    async take(key, { capacity, perMs, cost }) {
      assertStoreKey(key)
      assertStoreBucket({ capacity, perMs, cost })
      const now = clock.monotonic()
      sweepBuckets(now)
      const perToken = perMs / capacity
      const fullAt = Math.min(Math.max(buckets.get(key) ?? now, now), now + perMs) + cost * perToken
      const waitMs = fullAt - now - perMs
      // The tolerance for rounding is a thousandth of a token, and cannot add up to one.
      if (waitMs > perToken / 1000) return { ok: false, waitMs: Math.ceil(waitMs) }
      buckets.set(key, fullAt)
      return { ok: true, waitMs: 0 }
    },
  }
}

/** Returns a function that checks the next few deadlines, round robin, and drops those that have passed. */
function createSweeper(deadlines: ReadonlyMap<string, number>, drop: (key: string) => void): (now: number) => void {
  let walk = deadlines.entries()
  return (now) => {
    for (let step = 0; step < CHECKS_PER_WRITE; step++) {
      const { value: entry } = walk.next()
      if (entry === undefined) {
        walk = deadlines.entries()
        return
      }
      if (entry[1] <= now) drop(entry[0])
    }
  }
}
