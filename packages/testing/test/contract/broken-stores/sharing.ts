import type { Stored } from '@mcpclient/core'
import { broken, later } from './broken-store.ts'
import type { BrokenStore } from './broken-store.ts'

/** Serializes operations, but only within this store: another process has its own queue. */
function ownQueue(): <Value>(work: () => Promise<Value>) => Promise<Value> {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const result = last.then(work)
    last = result.catch(() => {})
    return result
  }
}

export const sharing: readonly BrokenStore[] = [
  broken(
    'returns a cached value',
    'the writes and deletes of one store are visible in another one over the same data',
    ({ get, put, delete: remove }) => {
      const known = new Map<string, Stored>()
      return {
        async get(key) {
          const stored = known.get(key) ?? (await get(key))
          if (stored) known.set(key, stored)
          return stored
        },
        put(key, value, options) {
          known.delete(key)
          return put(key, value, options)
        },
        delete(key, options) {
          known.delete(key)
          return remove(key, options)
        },
      }
    },
  ),
  broken(
    'numbers versions by itself',
    'a version of one store is valid in another, and two stores never issue the same one',
    ({ get, put }) => {
      const own = new Map<string, { readonly mine: string; readonly real: string }>()
      let count = 0
      return {
        async get(key) {
          const stored = await get(key)
          return stored && { ...stored, version: own.get(key)?.mine ?? '0' }
        },
        async put(key, value, options = {}) {
          const { mine, real } = own.get(key) ?? {}
          const ifVersion = options.ifVersion !== undefined && options.ifVersion === mine ? real : options.ifVersion
          const result = await put(key, value, { ...options, ifVersion })
          if ('conflict' in result) return result
          own.set(key, { mine: String(++count), real: result.version })
          return { version: String(count) }
        },
      }
    },
  ),
  broken(
    'creates and swaps one after another, within the process',
    'one of many concurrent creations or swaps through two stores succeeds',
    ({ get, put }) => {
      const queued = ownQueue()
      return {
        put: (key, value, options = {}) =>
          queued(async () => {
            const here = (await get(key))?.version ?? null
            if (options.ifVersion !== undefined && here !== options.ifVersion) return { conflict: true }
            await later()
            return put(key, value, { ttlMs: options.ttlMs })
          }),
      }
    },
  ),
  broken('counts one after another, within the process', 'counting through two stores loses no count', (good) => {
    const queued = ownQueue()
    return {
      put: (key, value, options = {}) =>
        queued(async () => {
          const here = (await good.get(key))?.version ?? null
          if (options.ifVersion !== undefined && here !== options.ifVersion) return { conflict: true }
          await later()
          return good.put(key, value, { ttlMs: options.ttlMs })
        }),
    }
  }),
  broken('keeps its buckets in the process', 'two stores hand out one bucket', () => {
    const taken = new Map<string, number>()
    return {
      async take(key, { capacity, perMs, cost }) {
        const level = (taken.get(key) ?? 0) + cost
        if (level > capacity) return { ok: false, waitMs: perMs }
        taken.set(key, level)
        return { ok: true, waitMs: 0 }
      },
    }
  }),
]
