import pLimit from 'p-limit'
import { ConnectorError } from '../errors/connector-error.ts'
import type { Clock } from '../ports/clock.ts'
import type { KeyProvider } from '../ports/key-provider.ts'
import type { Store } from '../ports/store.ts'
import { importKey } from './aes-gcm.ts'
import { newestOf, readDataKeyRow, writeDataKeyRow } from './data-key-row.ts'
import type { DataKeyEntry, DataKeyRow } from './data-key-row.ts'
import { STUCK_AFTER_MS } from '../ports/store-limit.ts'
import type { Scope } from './key-scope.ts'
import { newDataKey, unwrapDataKey } from './wrap-data-key.ts'

export interface DataKey {
  readonly id: string
  readonly key: CryptoKey
}

/** The data keys at hand: unwrapped, in memory, for a while. */
export interface DataKeys {
  /** The one to write under. Makes the scope's first one if it has none. */
  toWrite(scope: Scope): Promise<DataKey>
  /** The one that is written under, if the scope has one. */
  newest(scope: Scope): Promise<DataKey | undefined>
  /** Undefined if the scope has no such data key. */
  find(scope: Scope, id: string): Promise<CryptoKey | undefined>
  /** Nothing that was at hand, or under way, is used from here on. */
  forget(scope: Scope): void
}

interface Moment {
  readonly monotonic: number
  readonly wall: number
}

interface Known {
  readonly row: DataKeyRow
  readonly readAt: Moment
  readonly keys: Map<string, Asked>
}

interface Asked {
  readonly key: Promise<CryptoKey>
  readonly askedAt: Moment
  isOpen: boolean
}

interface Question<Found> {
  readonly answer: Promise<Found>
  readonly askedAt: number
}

/** Scopes at hand, at most. */
const MOST_KNOWN = 10_000
/** Questions to the store and the key provider at once, at most: a list may meet a thousand tenants. */
const MOST_ASKED = 16
/** Another process that makes or deletes the same row again and again is no reason to wait for ever. */
const MOST_ATTEMPTS = 10

/** @param ttlMs how long a data key is used without asking the key provider again */
export function createDataKeys(options: {
  readonly store: Store
  readonly provider: KeyProvider
  readonly clock: Clock
  readonly ttlMs: number
}): DataKeys {
  const { store, provider, clock, ttlMs } = options
  const known = new Map<Scope, Known>()
  /** Callers that ask at the same time share one question. */
  const reading = new Map<Scope, Question<Known | undefined>>()
  const making = new Map<Scope, Question<Known>>()
  let limit = pLimit(MOST_ASKED)

  const now = (): Moment => ({ monotonic: clock.monotonic(), wall: clock.now() })
  // The monotonic clock may stand still while a machine or a function is suspended; the wall clock may be set.
  const isFresh = ({ monotonic, wall }: Moment): boolean =>
    clock.monotonic() - monotonic < ttlMs && Math.abs(clock.now() - wall) < ttlMs

  /** A question that is stuck is not joined, and what it holds of the limit is given up. */
  const isStuck = (askedAt: number): boolean => {
    if (clock.monotonic() - askedAt < STUCK_AFTER_MS) return false
    limit = pLimit(MOST_ASKED)
    return true
  }

  const atHand = (scope: Scope): Known | undefined => {
    const found = known.get(scope)
    return found !== undefined && isFresh(found.readAt) ? found : undefined
  }

  const keep = (scope: Scope, found: Known): void => {
    const before = known.get(scope)
    for (const { id } of found.row) {
      const key = before?.keys.get(id)
      if (key !== undefined) found.keys.set(id, key)
    }
    // Re-inserting keeps the map in order of reading, so the ones that nobody asks for are at its front.
    known.delete(scope)
    known.set(scope, found)
    for (const [oldest, { readAt }] of known) {
      if (known.size <= MOST_KNOWN && isFresh(readAt)) break
      known.delete(oldest)
    }
  }

  const share = <Found extends Known | undefined>(
    running: Map<Scope, Question<Found>>,
    scope: Scope,
    ask: () => Promise<Found>,
  ): Promise<Found> => {
    const joined = running.get(scope)
    if (joined !== undefined && !isStuck(joined.askedAt)) return joined.answer
    const asking = limit(ask).then(
      (found) => {
        // What was forgotten meanwhile is not kept.
        if (running.get(scope)?.answer === asking) {
          running.delete(scope)
          if (found === undefined) known.delete(scope)
          else keep(scope, found)
        }
        return found
      },
      (error: unknown) => {
        if (running.get(scope)?.answer === asking) running.delete(scope)
        throw error
      },
    )
    running.set(scope, { answer: asking, askedAt: clock.monotonic() })
    return asking
  }

  const read = (scope: Scope): Promise<Known | undefined> =>
    share(reading, scope, async () => {
      const readAt = now()
      const stored = await readDataKeyRow(store, scope)
      return stored && { row: stored.row, readAt, keys: new Map() }
    })

  /** Of several processes that make a scope's first data key at once, one writes it, and all go by that. */
  const make = (scope: Scope): Promise<Known> =>
    share(making, scope, async () => {
      for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
        const readAt = now()
        const stored = await readDataKeyRow(store, scope)
        if (stored !== undefined) return { row: stored.row, readAt, keys: new Map() }
        const row: DataKeyRow = [await newDataKey(provider, scope, clock.now())]
        if (await writeDataKeyRow(store, scope, row, null)) return { row, readAt, keys: new Map() }
      }
      throw new ConnectorError('API_INTERNAL_ERROR', 'The data key of a tenant keeps appearing and disappearing.', {
        hint: 'Does the store answer a conflict where nothing is? Judge it with storeContract.',
      })
    })

  const unwrapped = ({ keys }: Known, scope: Scope, entry: DataKeyEntry): Promise<CryptoKey> => {
    const found = keys.get(entry.id)
    if (found?.isOpen === true && !isStuck(found.askedAt.monotonic)) return found.key
    if (found?.isOpen === false && isFresh(found.askedAt)) return found.key
    const key = limit(async () => importKey(await unwrapDataKey(provider, scope, entry)))
    const asked: Asked = { key, askedAt: now(), isOpen: true }
    keys.set(entry.id, asked)
    key.then(
      () => {
        asked.isOpen = false
      },
      () => {
        if (keys.get(entry.id) === asked) keys.delete(entry.id)
      },
    )
    return key
  }

  const newestIn = async (found: Known, scope: Scope): Promise<DataKey> => {
    const entry = newestOf(found.row)
    return { id: entry.id, key: await unwrapped(found, scope, entry) }
  }

  return {
    async toWrite(scope) {
      const found = atHand(scope) ?? (await read(scope)) ?? (await make(scope))
      return newestIn(found, scope)
    },
    async newest(scope) {
      const found = atHand(scope) ?? (await read(scope))
      return found && newestIn(found, scope)
    },
    async find(scope, id) {
      let found = atHand(scope)
      // A question that was under way may be older than the data key: only a second one certainly is not.
      for (let asked = 0; asked <= 2; asked++) {
        if (asked > 0) found = await read(scope)
        const entry = found?.row.find((each) => each.id === id)
        if (found !== undefined && entry !== undefined) return unwrapped(found, scope, entry)
      }
      return undefined
    },
    forget(scope) {
      known.delete(scope)
      reading.delete(scope)
      making.delete(scope)
    },
  }
}
