import { broken } from './broken-store.ts'
import type { BrokenStore } from './broken-store.ts'

const LISTED_ONCE = 'a deleted key is not listed, and one that is written again is listed once'

/** `LIKE`, with `%` and `_` as wildcards. */
const like = (prefix: string): RegExp =>
  new RegExp(
    `^${prefix
      .replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
      .replaceAll('%', '.*')
      .replaceAll('_', '.')}`,
    's',
  )

export const lists: readonly BrokenStore[] = [
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
  broken('lists without values', 'list returns key, value and version, as get does', ({ list }) => ({
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
  broken('sorts as a dictionary does', 'entries come in ascending order of key', ({ list }) => ({
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
    'after starts behind a key, whether that key exists or not',
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
    'paging returns every key that stays, despite writes and deletes in between',
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
  broken(
    'ends the range of a prefix with a z',
    'a prefix matches from the first character on, exactly, and nothing in it is a wildcard',
    ({ list }) => ({
      async list(prefix, options) {
        const { entries, next } = await list(prefix, options)
        return { entries: entries.filter(({ key }) => key < `${prefix}z`), next }
      },
    }),
  ),
]
