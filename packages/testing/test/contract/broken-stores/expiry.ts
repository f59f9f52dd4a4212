import { broken } from './broken-store.ts'
import type { BrokenStore } from './broken-store.ts'

export const expiry: readonly BrokenStore[] = [
  broken('forgets at once what has a time to live', 'a key with a ttlMs reads like any other', ({ put }) => ({
    put: (key, value, options) => put(key, value, options?.ttlMs === undefined ? options : { ...options, ttlMs: 0 }),
  })),
  broken('takes ttlMs for seconds', 'a key expires when its ttlMs have passed, and not before', ({ put }) => ({
    put: (key, value, options) =>
      put(key, value, options?.ttlMs === undefined ? options : { ...options, ttlMs: options.ttlMs * 1000 }),
  })),
  broken(
    'keeps a key for one millisecond longer than its time to live',
    'a key expires in the exact millisecond in which its ttlMs have passed',
    ({ put }) => ({
      put: (key, value, options) =>
        put(key, value, options?.ttlMs === undefined ? options : { ...options, ttlMs: options.ttlMs + 1 }),
    }),
  ),
  broken(
    'swaps what has expired',
    'an expired key can be created again by one of many, and its old version matches nothing',
    ({ get, put }) => ({
      async put(key, value, options = {}) {
        const isExpired = typeof options.ifVersion === 'string' && (await get(key)) === undefined
        return put(key, value, isExpired ? { ttlMs: options.ttlMs } : options)
      },
    }),
  ),
  broken('keeps the first time to live', 'the last write sets the ttlMs', ({ get, put }, clock) => {
    const ends = new Map<string, number>()
    return {
      async put(key, value, options = {}) {
        const end = (await get(key)) === undefined ? undefined : ends.get(key)
        const ttlMs = end === undefined ? options.ttlMs : end - clock.monotonic()
        if (ttlMs !== undefined) ends.set(key, clock.monotonic() + ttlMs)
        return put(key, value, { ...options, ttlMs })
      },
    }
  }),
  broken('clears up by a time to live that was taken back', 'the last write sets the ttlMs', (good, clock) => {
    const ends = new Map<string, number>()
    return {
      async put(key, value, options = {}) {
        for (const [old, end] of ends) if (end <= clock.monotonic()) await good.delete(old)
        if (options.ttlMs !== undefined) ends.set(key, clock.monotonic() + options.ttlMs)
        return good.put(key, value, options)
      },
    }
  }),
  broken('sets the time to live before it looks', 'a conflict does not change the ttlMs', ({ get, put }) => ({
    async put(key, value, options) {
      const stored = await get(key)
      const result = await put(key, value, options)
      if ('conflict' in result && stored) await put(key, stored.value, { ttlMs: options?.ttlMs })
      return result
    },
  })),
  broken('sets no time to live with a swap', 'a swap sets the ttlMs like any other write', ({ put }) => ({
    put: (key, value, options = {}) =>
      put(key, value, typeof options.ifVersion === 'string' ? { ifVersion: options.ifVersion } : options),
  })),
  broken(
    'ends the list with a page that is short',
    'expired keys neither fill a page nor end a list',
    (good, clock) => {
      const ends = new Map<string, number>()
      const names = new Set<string>()
      return {
        put(key, value, options) {
          names.add(key)
          ends.set(key, clock.monotonic() + (options?.ttlMs ?? Infinity))
          return good.put(key, value, options)
        },
        // A page is read as it is in the table, and what has expired is left out of it afterwards.
        async list(prefix, { after = '', limit = 1000 } = {}) {
          const found = [...names].toSorted().filter((key) => key.startsWith(prefix) && key > after)
          const live = found.slice(0, limit).filter((key) => (ends.get(key) ?? 0) > clock.monotonic())
          const { entries } = await good.list(prefix)
          const page = entries.filter(({ key }) => live.includes(key))
          return { entries: page, next: page.length === limit ? page.at(-1)?.key : undefined }
        },
      }
    },
  ),
]
