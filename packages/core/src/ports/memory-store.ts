import { ConnectorError } from '../errors/connector-error.ts'
import { systemClock } from './clock.ts'
import type { Clock } from './clock.ts'
import { createSortedKeys } from './sorted-keys.ts'
import { assertStoreKey, assertStoreText } from './store.ts'
import type { Store, Stored } from './store.ts'

interface Row extends Stored {
  /** On the monotonic clock; infinite where the row never expires. */
  readonly expiresAt: number
}

const DEFAULT_PAGE = 1000
/** Each write looks at this many expiring entries: more than it can add, so the dead never pile up. */
const SWEPT_PER_WRITE = 2

/**
 * A {@link Store} inside this process: the default, and the twin that tests use. All is lost when the process ends, and
 * no other process sees it.
 *
 * It sets no timers: an expired row reads as absent at once, and later writes sweep it away.
 * @param options.clock time for `ttlMs` and `take`, read from its monotonic side; default: the system's
 */
export function memoryStore(options: { readonly clock?: Clock | undefined } = {}): Store {
  const clock = options.clock ?? systemClock
  const rows = new Map<string, Row>()
  const order = createSortedKeys()
  const expiring = new Map<string, number>()
  /** For each bucket the time at which it is full again: all that a bucket has to remember (GCRA). */
  const buckets = new Map<string, number>()
  // Seeded from the time, so that a version that someone kept over a restart of the process fits nothing new.
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

  return {
    async get(key) {
      const row = live(key)
      return row && { value: row.value, version: row.version }
    },

    async put(key, value, { ifVersion, ttlMs } = {}) {
      // Nothing here needs it, but a database does: it is found out early.
      assertStoreKey(key)
      assertStoreText(value)
      const now = clock.monotonic()
      sweepRows(now)
      if (ifVersion !== undefined && (live(key)?.version ?? null) !== ifVersion) return { conflict: true }

      if (!rows.has(key)) order.add(key)
      const version = String(++lastVersion)
      rows.set(key, { value, version, expiresAt: now + (ttlMs ?? Infinity) })
      if (ttlMs === undefined) expiring.delete(key)
      else expiring.set(key, now + ttlMs)
      return { version }
    },

    async delete(key, { ifVersion } = {}) {
      const row = live(key)
      if (row === undefined || (ifVersion !== undefined && row.version !== ifVersion)) return false
      drop(key)
      return true
    },

    async list(prefix, { after, limit = DEFAULT_PAGE } = {}) {
      if (!(limit >= 1))
        throw new ConnectorError('CONFIGURATION_ERROR', 'A page of a store needs a limit of at least 1.')
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
      if (!(capacity > 0 && perMs > 0 && cost >= 0)) {
        throw new ConnectorError(
          'CONFIGURATION_ERROR',
          'A bucket needs a capacity and a perMs above 0, and no negative cost.',
        )
      }
      if (cost > capacity) {
        throw new ConnectorError('CONFIGURATION_ERROR', `A cost of ${cost} never fits a bucket of ${capacity}.`)
      }
      const now = clock.monotonic()
      sweepBuckets(now)
      const perToken = perMs / capacity
      const fullAt = Math.min(Math.max(buckets.get(key) ?? now, now), now + perMs) + cost * perToken
      const waitMs = fullAt - now - perMs
      // A thousandth of a token forgives rounding, and can never add up to one.
      if (waitMs > perToken / 1000) return { ok: false, waitMs: Math.ceil(waitMs) }
      buckets.set(key, fullAt)
      return { ok: true, waitMs: 0 }
    },
  }
}

/** Walks round and round over `deadlines`, a few steps a call, and drops what has passed. */
function createSweeper(deadlines: ReadonlyMap<string, number>, drop: (key: string) => void): (now: number) => void {
  let walk = deadlines.entries()
  return (now) => {
    for (let step = 0; step < SWEPT_PER_WRITE; step++) {
      const { value: entry } = walk.next()
      if (entry === undefined) {
        walk = deadlines.entries()
        return
      }
      if (entry[1] <= now) drop(entry[0])
    }
  }
}
