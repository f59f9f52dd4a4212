import { broken, later } from './broken-store.ts'
import type { BrokenStore } from './broken-store.ts'

const hash = (text: string): string => `${text.length} characters that begin with ${text.slice(0, 20)}`

export const compareAndSwap: readonly BrokenStore[] = [
  broken('ignores ifVersion', 'put with a version writes only while that version is stored', ({ put }) => ({
    put: (key, value, options) => put(key, value, { ttlMs: options?.ttlMs }),
  })),
  broken('takes ifVersion: null for no condition', 'ifVersion: null writes only if the key is absent', ({ put }) => ({
    put: (key, value, options) => put(key, value, { ...options, ifVersion: options?.ifVersion ?? undefined }),
  })),
  broken('takes ifVersion: undefined for null', 'ifVersion: undefined is no condition', ({ put }) => ({
    put: (key, value, options) =>
      put(
        key,
        value,
        options && 'ifVersion' in options ? { ...options, ifVersion: options.ifVersion ?? null } : options,
      ),
  })),
  broken('creates with a version that is not there', 'a version creates nothing', ({ get, put }) => ({
    put: async (key, value, options) =>
      put(key, value, (await get(key)) === undefined && typeof options?.ifVersion === 'string' ? {} : options),
  })),
  broken('reads, then writes', 'one of many concurrent swaps of a version succeeds in every round', ({ get, put }) => ({
    async put(key, value, options = {}) {
      const stored = await get(key)
      if (options.ifVersion !== undefined && (stored?.version ?? null) !== options.ifVersion) return { conflict: true }
      await later()
      return put(key, value, { ttlMs: options.ttlMs })
    },
  })),
  broken(
    'looks whether a key is there, then creates it',
    'one of many concurrent creations of a key succeeds',
    (good) => ({
      async put(key, value, options = {}) {
        if (options.ifVersion !== null) return good.put(key, value, options)
        if ((await good.get(key)) !== undefined) return { conflict: true }
        await later()
        return good.put(key, value, { ttlMs: options.ttlMs })
      },
    }),
  ),
  broken('never admits a swap', 'counting by compare-and-swap loses no count', ({ put }) => ({
    put: async (key, value, options) =>
      typeof options?.ifVersion === 'string' ? { conflict: true } : put(key, value, options),
  })),
  broken('loses a swap that it confirmed', 'counting by compare-and-swap loses no count', ({ put }) => {
    let swaps = 0
    return {
      async put(key, value, options) {
        const isLost = typeof options?.ifVersion === 'string' && /^\d+$/.test(value) && ++swaps % 7 === 0
        return isLost ? { version: options.ifVersion } : put(key, value, options)
      },
    }
  }),
  broken(
    'counts versions anew after a delete',
    'a version from before a delete matches nothing that is written after it',
    ({ get, put, delete: remove, list }) => {
      const counts = new Map<string, number>()
      const count = (key: string): string => String(counts.get(key) ?? 0)
      return {
        async get(key) {
          const stored = await get(key)
          return stored && { ...stored, version: count(key) }
        },
        async put(key, value, options = {}) {
          const here = (await get(key)) === undefined ? null : count(key)
          if (options.ifVersion !== undefined && options.ifVersion !== here) return { conflict: true }
          counts.set(key, here === null ? 1 : Number(here) + 1)
          await put(key, value, { ttlMs: options.ttlMs })
          return { version: count(key) }
        },
        async delete(key, options) {
          if (options?.ifVersion !== undefined && options.ifVersion !== count(key)) return false
          return remove(key)
        },
        async list(prefix, options) {
          const { entries, next } = await list(prefix, options)
          return { entries: entries.map((entry) => ({ ...entry, version: count(entry.key) })), next }
        },
      }
    },
  ),
  broken(
    'makes the version out of the value',
    'every write makes a new version, even of the same value',
    ({ put }) => ({
      async put(key, value, options) {
        const result = await put(key, value, options)
        return 'version' in result ? { version: hash(value) } : result
      },
    }),
  ),
  broken('ignores the version on delete', 'delete with a version removes that version only', ({ delete: remove }) => ({
    delete: (key) => remove(key),
  })),
  broken('looks at the version, then deletes', 'one of many concurrent deletes of a version succeeds', (good) => ({
    async delete(key, options) {
      const stored = await good.get(key)
      if (stored === undefined || (options?.ifVersion !== undefined && stored.version !== options.ifVersion))
        return false
      await later()
      await good.delete(key)
      return true
    },
  })),
  broken('swaps and deletes in two steps', 'a swap and a delete of one version do not both succeed', (good) => ({
    async put(key, value, options = {}) {
      if (typeof options.ifVersion !== 'string') return good.put(key, value, options)
      if ((await good.get(key))?.version !== options.ifVersion) return { conflict: true }
      await later()
      return good.put(key, value, { ttlMs: options.ttlMs })
    },
    async delete(key, options) {
      const stored = await good.get(key)
      if (stored === undefined || (options?.ifVersion !== undefined && stored.version !== options.ifVersion))
        return false
      await later()
      await good.delete(key)
      return true
    },
  })),
  broken(
    'reads versions as numbers',
    'a version that the store never issued is a conflict, not an error',
    ({ put }) => ({
      put: (key, value, options) =>
        put(key, value, {
          ...options,
          ifVersion: typeof options?.ifVersion === 'string' ? String(Number(options.ifVersion)) : options?.ifVersion,
        }),
    }),
  ),
  broken(
    'fails on a version that is no number',
    'a version that the store never issued is a conflict, not an error',
    (good) => ({
      async delete(key, options) {
        if (Number.isNaN(Number(options?.ifVersion ?? 0))) throw new Error('invalid input syntax for type bigint')
        return good.delete(key, options)
      },
    }),
  ),
]
