import { memoryStore } from '@mcpclient/core'
import type { Clock, Store } from '@mcpclient/core'

/** A store with one fault, as integrators make them, and a promise of the contract that it must be caught by. */
export interface BrokenStore {
  readonly fault: string
  readonly caughtBy: string
  readonly make: (clock: Clock) => Store
}

type Method = 'get' | 'put' | 'delete' | 'list' | 'take'
const broken = (
  fault: string,
  caughtBy: string,
  change: (good: Required<Pick<Store, Method>>, clock: Clock) => Partial<Store>,
): BrokenStore => ({
  fault,
  caughtBy,
  make(clock) {
    const store = memoryStore({ clock })
    const take = store.take?.bind(store)
    if (take === undefined) throw new Error('The memory store has a take.')
    const good = { ...store, take }
    return { ...good, ...change(good, clock) }
  },
})

const later = (): Promise<void> => new Promise((resolve) => queueMicrotask(resolve))
const hash = (text: string): string => `${text.length} characters that begin with ${text.slice(0, 20)}`

/** `LIKE`, with `%` and `_` as wildcards. */
const like = (prefix: string): RegExp =>
  new RegExp(
    `^${prefix
      .replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
      .replaceAll('%', '.*')
      .replaceAll('_', '.')}`,
    's',
  )

const LISTED_ONCE = 'a deleted key is not listed, and one that is written again is listed once'

export const brokenStores: readonly BrokenStore[] = [
  broken('ignores ifVersion', 'a version writes as long as it is the stored one', ({ put }) => ({
    put: (key, value, options) => put(key, value, { ttlMs: options?.ttlMs }),
  })),
  broken('takes ifVersion: null for no condition', 'ifVersion: null writes only where nothing is', ({ put }) => ({
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
  broken(
    'reads, then writes',
    'of many who swap one version at once, one succeeds, round after round',
    ({ get, put }) => ({
      async put(key, value, options = {}) {
        const stored = await get(key)
        if (options.ifVersion !== undefined && (stored?.version ?? null) !== options.ifVersion)
          return { conflict: true }
        await later()
        return put(key, value, { ttlMs: options.ttlMs })
      },
    }),
  ),
  broken(
    'looks whether a key is there, then creates it',
    'of many who create one key at once, one succeeds',
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
    'a version from before a delete fits nothing that is written after it',
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
  broken(
    'answers another version than get',
    'what was put is what get answers, with the version that put answered',
    (good) => ({
      async put(key, value, options) {
        const result = await good.put(key, value, options)
        return 'version' in result ? { version: `${result.version}.0` } : result
      },
    }),
  ),
  broken('keeps the first value', 'a second put replaces the first', ({ get, put }) => ({
    async put(key, value, options) {
      const stored = options === undefined ? await get(key) : undefined
      return put(key, stored?.value ?? value, options)
    },
  })),
  broken('answers null for nothing', 'a key that was never written reads as undefined', ({ get }) => ({
    // @ts-expect-error what a driver without types may answer
    get: async (key) => (await get(key)) ?? null,
  })),
  broken('takes empty for absent', 'an empty value is a value', ({ get }) => ({
    async get(key) {
      const stored = await get(key)
      return stored?.value === '' ? undefined : stored
    },
  })),
  broken('trims values', 'text comes back exactly', ({ put }) => ({
    put: (key, value, options) => put(key, value.trim(), options),
  })),
  broken(
    'cuts values at 64 KiB',
    'a value of 1 MiB comes back whole, and so does what encrypted() makes of one',
    (good) => ({
      put: (key, value, options) => good.put(key, value.slice(0, 65_536), options),
    }),
  ),
  broken('cuts keys at 255 characters', 'keys of 512 characters are told apart by their last one', (good) => ({
    get: (key) => good.get(key.slice(0, 255)),
    put: (key, value, options) => good.put(key.slice(0, 255), value, options),
  })),
  broken('compares keys without their case', 'keys that look alike are different keys', (good) => ({
    get: (key) => good.get(key.toLowerCase()),
    put: (key, value, options) => good.put(key.toLowerCase(), value, options),
    delete: (key, options) => good.delete(key.toLowerCase(), options),
    list: (prefix, options) => good.list(prefix.toLowerCase(), options),
  })),
  broken(
    'gives all keys one version',
    'writing or deleting one key leaves the others alone',
    ({ get, put, delete: remove }) => {
      let version = 0
      return {
        async get(key) {
          const stored = await get(key)
          return stored && { ...stored, version: String(version) }
        },
        async put(key, value, options) {
          await put(key, value, { ttlMs: options?.ttlMs })
          return { version: String(++version) }
        },
        delete: (key) => remove(key),
      }
    },
  ),
  broken(
    'says that it removed what was not there',
    'delete says whether it removed something',
    ({ delete: remove }) => ({
      async delete(key, options) {
        const isRemoved = await remove(key, options)
        return isRemoved || options?.ifVersion === undefined
      },
    }),
  ),
  broken('ignores the version on delete', 'delete with a version removes that version only', ({ delete: remove }) => ({
    delete: (key) => remove(key),
  })),
  broken('looks at the version, then deletes', 'of many who delete one version at once, one succeeds', (good) => ({
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
    'says that there is another page where nothing is',
    'a prefix with nothing under it lists nothing',
    ({ list }) => ({
      async list(prefix, options) {
        const page = await list(prefix, options)
        return page.entries.length === 0 && options?.after === undefined ? { entries: [], next: prefix } : page
      },
    }),
  ),
  broken('lists without values', 'list answers key, value and version, as get does', ({ list }) => ({
    async list(prefix, options) {
      const { entries, next } = await list(prefix, options)
      return { entries: entries.map((entry) => ({ ...entry, value: '' })), next }
    },
  })),
  broken('lists what was deleted', LISTED_ONCE, ({ list, delete: remove, get }) => {
    const deleted = new Map<string, { key: string; value: string; version: string }>()
    return {
      async delete(key, options) {
        const stored = await get(key)
        const isRemoved = await remove(key, options)
        if (isRemoved && stored) deleted.set(key, { key, ...stored })
        return isRemoved
      },
      async list(prefix, options) {
        const { entries, next } = await list(prefix, options)
        const ghosts = [...deleted.values()].filter(({ key }) => key.startsWith(prefix) && key > (options?.after ?? ''))
        return { entries: [...entries, ...ghosts].toSorted((a, b) => (a.key < b.key ? -1 : 1)), next }
      },
    }
  }),
  broken('lists a key once more each time it is written anew', LISTED_ONCE, ({ put, delete: remove, list }) => {
    const deleted = new Set<string>()
    const twice = new Set<string>()
    return {
      async put(key, value, options) {
        if (deleted.has(key)) twice.add(key)
        return put(key, value, options)
      },
      async delete(key, options) {
        deleted.add(key)
        return remove(key, options)
      },
      async list(prefix, options) {
        const { entries, next } = await list(prefix, options)
        return { entries: entries.flatMap((entry) => (twice.has(entry.key) ? [entry, entry] : [entry])), next }
      },
    }
  }),
  broken('sorts as a dictionary does', 'entries come in ascending order by code unit', ({ list }) => ({
    async list(prefix, options) {
      const { entries, next } = await list(prefix, options)
      return { entries: entries.toSorted((a, b) => a.key.localeCompare(b.key, 'en')), next }
    },
  })),
  broken(
    'puts the prefix into LIKE as it is',
    'a prefix matches from the first character on, exactly, and nothing in it is a wildcard',
    ({ list }) => ({
      async list(prefix, { after = '', limit = 1000 } = {}) {
        const { entries } = await list('')
        const found = entries.filter(({ key }) => like(prefix).test(key) && key > after)
        return { entries: found.slice(0, limit), next: found.length > limit ? found[limit - 1]?.key : undefined }
      },
    }),
  ),
  broken(
    'takes a prefix for a folder',
    'a prefix matches from the first character on, exactly, and nothing in it is a wildcard',
    ({ list }) => ({
      async list(prefix, options) {
        const { entries, next } = await list(prefix, options)
        const inFolder = ({ key }: { key: string }): boolean =>
          prefix.endsWith('/') || key === prefix || key.startsWith(`${prefix}/`)
        return { entries: entries.filter(inFolder), next }
      },
    }),
  ),
  broken(
    'starts a page with the last key of the one before',
    'after starts behind a key, whether that key is there or not',
    (good) => ({
      async list(prefix, options = {}) {
        const page = await good.list(prefix, options)
        const stored = options.after?.startsWith(prefix) === true ? await good.get(options.after) : undefined
        if (options.after === undefined || stored === undefined) return page
        return { ...page, entries: [{ key: options.after, ...stored }, ...page.entries] }
      },
    }),
  ),
  broken('ignores the limit', 'pages hold each key once and no more keys than the limit', ({ list }) => ({
    list: (prefix, options) => list(prefix, { after: options?.after }),
  })),
  broken('drops the last key of each page', 'pages hold each key once and no more keys than the limit', ({ list }) => ({
    async list(prefix, options) {
      const { entries, next } = await list(prefix, options)
      return { entries: next === undefined ? entries : entries.slice(0, -1), next }
    },
  })),
  broken(
    'pages by counting',
    'paging meets every key that stays, whatever is written and deleted meanwhile',
    ({ list }) => {
      const offsets = new Map<string, number>()
      return {
        async list(prefix, { after, limit = 1000 } = {}) {
          const from = after === undefined ? 0 : (offsets.get(after) ?? 0)
          const { entries } = await list(prefix)
          const page = entries.slice(from, from + limit)
          const next = page.at(-1)?.key ?? ''
          offsets.set(next, from + limit)
          return { entries: page, next: from + limit < entries.length ? next : undefined }
        },
      }
    },
  ),
  broken('forgets at once what has a time to live', 'a key with time to live is there like any other', ({ put }) => ({
    put: (key, value, options) => put(key, value, options?.ttlMs === undefined ? options : { ...options, ttlMs: 0 }),
  })),
  broken('takes ttlMs for seconds', 'a key is gone when its time to live has passed, and not before', ({ put }) => ({
    put: (key, value, options) =>
      put(key, value, options?.ttlMs === undefined ? options : { ...options, ttlMs: options.ttlMs * 1000 }),
  })),
  broken(
    'swaps what has expired',
    'an expired key can be created anew, by one of many, and its old version fits nothing',
    ({ get, put }) => ({
      async put(key, value, options = {}) {
        const isExpired = typeof options.ifVersion === 'string' && (await get(key)) === undefined
        return put(key, value, isExpired ? { ttlMs: options.ttlMs } : options)
      },
    }),
  ),
  broken('keeps the first time to live', 'the last write decides on the time to live', ({ get, put }, clock) => {
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
  broken(
    'clears up by a time to live that was taken back',
    'the last write decides on the time to live',
    (good, clock) => {
      const ends = new Map<string, number>()
      return {
        async put(key, value, options = {}) {
          for (const [old, end] of ends) if (end <= clock.monotonic()) await good.delete(old)
          if (options.ttlMs !== undefined) ends.set(key, clock.monotonic() + options.ttlMs)
          return good.put(key, value, options)
        },
      }
    },
  ),
  broken('sets the time to live before it looks', 'a conflict leaves the time to live as it was', ({ get, put }) => ({
    async put(key, value, options) {
      const stored = await get(key)
      const result = await put(key, value, options)
      if ('conflict' in result && stored) await put(key, stored.value, { ttlMs: options?.ttlMs })
      return result
    },
  })),
  broken(
    'counts the bucket in two steps',
    'take hands out a full bucket, and not one more, however many ask at once',
    () => {
      const taken = new Map<string, number>()
      return {
        async take(key, { capacity, perMs, cost }) {
          const before = taken.get(key) ?? 0
          await later()
          if (before + cost > capacity) return { ok: false, waitMs: perMs }
          taken.set(key, before + cost)
          return { ok: true, waitMs: 0 }
        },
      }
    },
  ),
  broken('takes one, whatever the cost', 'take counts the cost', ({ take }) => ({
    take: (key, bucket) => take(key, { ...bucket, cost: 1 }),
  })),
  broken(
    'keeps buckets among the values',
    'each key has a bucket of its own, apart from the values',
    ({ take, put }) => ({
      async take(key, bucket) {
        await put(key, 'bucket')
        return take(key, bucket)
      },
    }),
  ),
  broken(
    'refills the whole bucket too early',
    'a bucket refills with time, never above its capacity, and waitMs keeps its word',
    ({ take }) => ({ take: (key, bucket) => take(key, { ...bucket, perMs: bucket.perMs / 4 }) }),
  ),
  broken(
    'says to wait too short',
    'a bucket refills with time, never above its capacity, and waitMs keeps its word',
    ({ take }) => ({
      async take(key, bucket) {
        const { ok, waitMs } = await take(key, bucket)
        return { ok, waitMs: Math.floor(waitMs / 2) }
      },
    }),
  ),
]
