import pLimit from 'p-limit'
import { ConnectorError } from '../errors/connector-error.ts'
import type { Clock } from '../ports/clock.ts'
import type { KeyProvider } from '../ports/key-provider.ts'
import type { Store } from '../ports/store.ts'
import { importKey } from './aes-gcm.ts'
import { newestOf, readDataKeyRow, writeDataKeyRow } from './data-key-row.ts'
import type { DataKeyEntry, DataKeyRow, KeyOwner } from './data-key-row.ts'
import { newDataKey, unwrapDataKey } from './wrap-data-key.ts'

export interface DataKey {
  readonly id: string
  readonly key: CryptoKey
}

/** A cache of unwrapped data keys. */
export interface DataKeys {
  /** Returns the data key to write under. Makes the owner's first one if it has none. */
  toWrite(owner: KeyOwner): Promise<DataKey>
  /** Returns the data key to write under, or undefined if the owner has none. */
  newest(owner: KeyOwner): Promise<DataKey | undefined>
  /** Returns a data key by id, or undefined if the owner does not have it. */
  find(owner: KeyOwner, id: string): Promise<CryptoKey | undefined>
  /** Discards what is cached or being read for an owner. */
  forget(owner: KeyOwner): void
}

interface Moment {
  readonly monotonic: number
  readonly wall: number
}

/** The cached row of an owner, and its data keys by id. */
interface CachedRow {
  readonly row: DataKeyRow
  readonly readAt: Moment
  readonly keys: Map<string, CachedKey>
}

interface CachedKey {
  readonly key: Promise<CryptoKey>
  readonly startedAt: Moment
  state: 'pending' | 'ready' | 'failed'
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
  const cache = new Map<KeyOwner, CachedRow>()
  /** Concurrent callers share one read, and one creation. */
  const reading = new Map<KeyOwner, Promise<CachedRow | undefined>>()
  const making = new Map<KeyOwner, Promise<CachedRow>>()
  const limit = pLimit(MAX_CONCURRENT)

  const now = (): Moment => ({ monotonic: clock.monotonic(), wall: clock.now() })
  // The monotonic clock may stop while the machine is suspended, and the wall clock may be set.
  const isFresh = ({ monotonic, wall }: Moment): boolean =>
    clock.monotonic() - monotonic < ttlMs && Math.abs(clock.now() - wall) < ttlMs

  const cached = (owner: KeyOwner): CachedRow | undefined => {
    const found = cache.get(owner)
    return found !== undefined && isFresh(found.readAt) ? found : undefined
  }

  const keep = (owner: KeyOwner, found: CachedRow): void => {
    const previous = cache.get(owner)
    for (const { id } of found.row) {
      const key = previous?.keys.get(id)
      if (key !== undefined) found.keys.set(id, key)
    }
    // Re-inserting keeps the map in order of reading, so the least recently read owners come first.
    cache.delete(owner)
    cache.set(owner, found)
    for (const [oldest, { readAt }] of cache) {
      if (cache.size <= MAX_CACHED_SCOPES && isFresh(readAt)) break
      cache.delete(oldest)
    }
  }

  const singleFlight = <Found extends CachedRow | undefined>(
    flights: Map<KeyOwner, Promise<Found>>,
    owner: KeyOwner,
    run: () => Promise<Found>,
  ): Promise<Found> => {
    const joined = flights.get(owner)
    if (joined !== undefined) return joined
    const result = limit(run).then(
      (found) => {
        // What was discarded meanwhile is not cached.
        if (flights.get(owner) === result) {
          flights.delete(owner)
          if (found === undefined) cache.delete(owner)
          else keep(owner, found)
        }
        return found
      },
      (error: unknown) => {
        if (flights.get(owner) === result) flights.delete(owner)
        throw error
      },
    )
    flights.set(owner, result)
    return result
  }

  const read = (owner: KeyOwner): Promise<CachedRow | undefined> =>
    singleFlight(reading, owner, async () => {
      const readAt = now()
      const stored = await readDataKeyRow(store, owner)
      return stored && { row: stored.row, readAt, keys: new Map() }
    })

  /** If several processes make the first data key of an owner at once, one writes it, and the others use that one. */
  const make = (owner: KeyOwner): Promise<CachedRow> =>
    singleFlight(making, owner, async () => {
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        const readAt = now()
        const stored = await readDataKeyRow(store, owner)
        if (stored !== undefined) return { row: stored.row, readAt, keys: new Map() }
        const row: DataKeyRow = [await newDataKey(provider, owner, clock.now())]
        if (await writeDataKeyRow(store, owner, row, null)) return { row, readAt, keys: new Map() }
      }
      throw new ConnectorError('API_INTERNAL_ERROR', 'The data key of a tenant keeps appearing and disappearing.', {
        hint: 'Test the store with storeContract: it may report a conflict for an absent key.',
      })
    })

  const unwrapped = ({ keys }: CachedRow, owner: KeyOwner, entry: DataKeyEntry): Promise<CryptoKey> => {
    const found = keys.get(entry.id)
    const isUsable = found?.state === 'pending' || (found?.state === 'ready' && isFresh(found.startedAt))
    if (found !== undefined && isUsable) return found.key
    const key = limit(async () => importKey(await unwrapDataKey(provider, owner, entry)))
    const started: CachedKey = { key, startedAt: now(), state: 'pending' }
    keys.set(entry.id, started)
    key.then(
      () => {
        started.state = 'ready'
      },
      () => {
        // A row that was read meanwhile holds this entry too, so removing it here would not be enough.
        started.state = 'failed'
      },
    )
    return key
  }

  const newestIn = async (found: CachedRow, owner: KeyOwner): Promise<DataKey> => {
    const entry = newestOf(found.row)
    return { id: entry.id, key: await unwrapped(found, owner, entry) }
  }

  return {
    async toWrite(owner) {
      const found = cached(owner) ?? (await read(owner)) ?? (await make(owner))
      return newestIn(found, owner)
    },
    async newest(owner) {
      const found = cached(owner) ?? (await read(owner))
      return found && newestIn(found, owner)
    },
    async find(owner, id) {
      let found = cached(owner)
      // The first read may have started before the data key was made. Only a second one proves that it is absent.
      for (let reads = 0; reads <= 2; reads++) {
        if (reads > 0) found = await read(owner)
        const entry = found?.row.find((each) => each.id === id)
        if (found !== undefined && entry !== undefined) return unwrapped(found, owner, entry)
      }
      return undefined
    },
    forget(owner) {
      cache.delete(owner)
      reading.delete(owner)
      making.delete(owner)
    },
  }
}
