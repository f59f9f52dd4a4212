import pLimit from 'p-limit'
import { ConnectorError } from '../errors/connector-error.ts'
import type { Clock } from '../ports/clock.ts'
import type { KeyProvider } from '../ports/key-provider.ts'
import { STUCK_AFTER_MS } from '../ports/store-failure.ts'
import type { Store } from '../ports/store.ts'
import { importKey } from './aes-gcm.ts'
import { newestOf, readDataKeyRow, writeDataKeyRow } from './data-key-row.ts'
import type { DataKeyEntry, DataKeyRow, Scope } from './data-key-row.ts'
import { newDataKey, unwrapDataKey } from './wrap-data-key.ts'

export interface DataKey {
  readonly id: string
  readonly key: CryptoKey
}

/** A cache of unwrapped data keys. */
export interface DataKeys {
  /** Returns the data key to write under. Makes the scope's first one if it has none. */
  toWrite(scope: Scope): Promise<DataKey>
  /** Returns the data key to write under, or undefined if the scope has none. */
  newest(scope: Scope): Promise<DataKey | undefined>
  /** Returns a data key by id, or undefined if the scope does not have it. */
  find(scope: Scope, id: string): Promise<CryptoKey | undefined>
  /** Discards what is cached or being read for a scope. */
  forget(scope: Scope): void
}

interface Moment {
  readonly monotonic: number
  readonly wall: number
}

/** The cached row of a scope, and its data keys by id. */
interface CachedRow {
  readonly row: DataKeyRow
  readonly readAt: Moment
  readonly keys: Map<string, CachedKey>
}

interface CachedKey {
  readonly key: Promise<CryptoKey>
  readonly startedAt: Moment
  isPending: boolean
}

interface Flight<Found> {
  readonly result: Promise<Found>
  readonly startedAt: number
}

const MAX_CACHED_SCOPES = 10_000
/** Bounds concurrent requests to the store and the key provider, because a list may contain a thousand tenants. */
const MAX_CONCURRENT = 16
/** Bounds a conflict with a process that makes or deletes the same row again and again. */
const MAX_ATTEMPTS = 10

/**
 * Creates a cache of data keys.
 * @param options.ttlMs milliseconds for which a data key is used without another request to the key provider
 */
export function createDataKeys(options: {
  readonly store: Store
  readonly provider: KeyProvider
  readonly clock: Clock
  readonly ttlMs: number
}): DataKeys {
  const { store, provider, clock, ttlMs } = options
  const cache = new Map<Scope, CachedRow>()
  /** Concurrent callers share one read, and one creation. */
  const reading = new Map<Scope, Flight<CachedRow | undefined>>()
  const making = new Map<Scope, Flight<CachedRow>>()
  let limit = pLimit(MAX_CONCURRENT)

  const now = (): Moment => ({ monotonic: clock.monotonic(), wall: clock.now() })
  // The monotonic clock may stop while the machine is suspended, and the wall clock may be set.
  const isFresh = ({ monotonic, wall }: Moment): boolean =>
    clock.monotonic() - monotonic < ttlMs && Math.abs(clock.now() - wall) < ttlMs

  /** A stuck request is not joined, and its share of the limit is given up. */
  const isStuck = (startedAt: number): boolean => {
    if (clock.monotonic() - startedAt < STUCK_AFTER_MS) return false
    limit = pLimit(MAX_CONCURRENT)
    return true
  }

  const cached = (scope: Scope): CachedRow | undefined => {
    const found = cache.get(scope)
    return found !== undefined && isFresh(found.readAt) ? found : undefined
  }

  const keep = (scope: Scope, found: CachedRow): void => {
    const previous = cache.get(scope)
    for (const { id } of found.row) {
      const key = previous?.keys.get(id)
      if (key !== undefined) found.keys.set(id, key)
    }
    // Re-inserting keeps the map in order of reading, so the least recently read scopes come first.
    cache.delete(scope)
    cache.set(scope, found)
    for (const [oldest, { readAt }] of cache) {
      if (cache.size <= MAX_CACHED_SCOPES && isFresh(readAt)) break
      cache.delete(oldest)
    }
  }

  const singleFlight = <Found extends CachedRow | undefined>(
    flights: Map<Scope, Flight<Found>>,
    scope: Scope,
    run: () => Promise<Found>,
  ): Promise<Found> => {
    const joined = flights.get(scope)
    if (joined !== undefined && !isStuck(joined.startedAt)) return joined.result
    const result = limit(run).then(
      (found) => {
        // What was discarded meanwhile is not cached.
        if (flights.get(scope)?.result === result) {
          flights.delete(scope)
          if (found === undefined) cache.delete(scope)
          else keep(scope, found)
        }
        return found
      },
      (error: unknown) => {
        if (flights.get(scope)?.result === result) flights.delete(scope)
        throw error
      },
    )
    flights.set(scope, { result, startedAt: clock.monotonic() })
    return result
  }

  const read = (scope: Scope): Promise<CachedRow | undefined> =>
    singleFlight(reading, scope, async () => {
      const readAt = now()
      const stored = await readDataKeyRow(store, scope)
      return stored && { row: stored.row, readAt, keys: new Map() }
    })

  /** If several processes make the first data key of a scope at once, one writes it, and the others use that one. */
  const make = (scope: Scope): Promise<CachedRow> =>
    singleFlight(making, scope, async () => {
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        const readAt = now()
        const stored = await readDataKeyRow(store, scope)
        if (stored !== undefined) return { row: stored.row, readAt, keys: new Map() }
        const row: DataKeyRow = [await newDataKey(provider, scope, clock.now())]
        if (await writeDataKeyRow(store, scope, row, null)) return { row, readAt, keys: new Map() }
      }
      throw new ConnectorError('API_INTERNAL_ERROR', 'The data key of a tenant keeps appearing and disappearing.', {
        hint: 'Test the store with storeContract: it may report a conflict for an absent key.',
      })
    })

  const unwrapped = ({ keys }: CachedRow, scope: Scope, entry: DataKeyEntry): Promise<CryptoKey> => {
    const found = keys.get(entry.id)
    if (found?.isPending === true && !isStuck(found.startedAt.monotonic)) return found.key
    if (found?.isPending === false && isFresh(found.startedAt)) return found.key
    const key = limit(async () => importKey(await unwrapDataKey(provider, scope, entry)))
    const started: CachedKey = { key, startedAt: now(), isPending: true }
    keys.set(entry.id, started)
    key.then(
      () => {
        started.isPending = false
      },
      () => {
        if (keys.get(entry.id) === started) keys.delete(entry.id)
      },
    )
    return key
  }

  const newestIn = async (found: CachedRow, scope: Scope): Promise<DataKey> => {
    const entry = newestOf(found.row)
    return { id: entry.id, key: await unwrapped(found, scope, entry) }
  }

  return {
    async toWrite(scope) {
      const found = cached(scope) ?? (await read(scope)) ?? (await make(scope))
      return newestIn(found, scope)
    },
    async newest(scope) {
      const found = cached(scope) ?? (await read(scope))
      return found && newestIn(found, scope)
    },
    async find(scope, id) {
      let found = cached(scope)
      // The first read may have started before the data key was made. Only a second one proves that it is absent.
      for (let reads = 0; reads <= 2; reads++) {
        if (reads > 0) found = await read(scope)
        const entry = found?.row.find((each) => each.id === id)
        if (found !== undefined && entry !== undefined) return unwrapped(found, scope, entry)
      }
      return undefined
    },
    forget(scope) {
      cache.delete(scope)
      reading.delete(scope)
      making.delete(scope)
    },
  }
}
