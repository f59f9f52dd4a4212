import type { Fields } from '../../src/remote.ts'
import type { Replica, ReplicaChange } from '../../src/replica.ts'
import type { ReplicaHost } from '../../src/contract/replica-check.ts'
import type { SimulatedReplica } from '../simulated-replica.ts'

/** A replica with one fault, as hosts make them, and the promise that it breaks. */
export interface BrokenReplica {
  readonly fault: string
  readonly caughtBy: string
  readonly over: (good: SimulatedReplica) => Partial<Replica> & { readonly host?: Partial<ReplicaHost> }
}

const later = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))

/** Changes the entries of the feed; without an entry, it is left out. */
const feed = (
  good: Replica,
  change: (entry: ReplicaChange, index: number, since: string | undefined) => Partial<ReplicaChange> | undefined,
): Pick<Replica, 'changes'> => ({
  async *changes(since) {
    let index = 0
    for await (const entry of good.changes(since)) {
      const changed = change(entry, index++, since)
      if (changed !== undefined) yield { ...entry, ...changed }
    }
  },
})

const CONCURRENT_KEY = 'one of many concurrent puts of a key creates the row, and all return it'
const CONCURRENT_VERSION = 'one of many concurrent puts and removals of a version succeeds'
const ALL_ROWS = 'changes yields every row if there is no cursor, with the version and the item that get returns'
const AFTER = 'changes yields the rows that were created, edited and removed after a cursor, and no other'

export const brokenReplicas: readonly BrokenReplica[] = [
  {
    fault: 'lists only rows of the host',
    caughtBy: ALL_ROWS,
    over: (good) => feed(good, (entry) => (entry.key === undefined ? {} : undefined)),
  },
  {
    fault: 'lists removals as nothing',
    caughtBy: AFTER,
    over: (good) => feed(good, (entry) => (entry.item === null ? undefined : {})),
  },
  {
    fault: 'lists everything each time',
    caughtBy: AFTER,
    over: (good) => ({ changes: () => good.changes(undefined) }),
  },
  {
    fault: 'gives all entries of a page the cursor of the last one',
    caughtBy: 'changes continues after the cursor of any entry',
    over: (good) => ({
      async *changes(since) {
        const page = await Array.fromAsync(good.changes(since))
        for (const entry of page) yield { ...entry, cursor: page.at(-1)?.cursor ?? entry.cursor }
      },
    }),
  },
  {
    fault: 'shows the last item of a removed row',
    caughtBy: 'changes shows no item of a removed row, also if it was removed before it was ever read',
    over: (good) => {
      const items = new Map<string, Fields>()
      return {
        ...feed(good, ({ id, item }) => ({ item: item ?? items.get(id) ?? {} })),
        host: {
          async create(item) {
            const id = globalThis.crypto.randomUUID()
            items.set(id, item)
            good.edit(id, item)
            return id
          },
        },
      }
    },
  },
  {
    fault: 'counts versions of the feed apart',
    caughtBy: 'changes shows the version that put returned',
    over: (good) => feed(good, ({ cursor }) => ({ version: `f${cursor}` })),
  },
  {
    fault: 'drops the key with the next write',
    caughtBy: 'changes shows the key of a row that put created, also after a later write',
    over: (good) => feed(good, (_, __, since) => (since === undefined ? {} : { key: undefined })),
  },
  {
    fault: 'gives every row a key',
    caughtBy: 'changes shows no key of a row that the host created',
    over: (good) => feed(good, ({ id, key }) => ({ key: key ?? id })),
  },
  {
    fault: 'keeps cursors in memory',
    caughtBy: 'a cursor is valid in another replica over the same rows',
    over: (good) => {
      const known = new Map<string, string>()
      return {
        async *changes(since) {
          for await (const entry of good.changes(since === undefined ? undefined : known.get(since))) {
            const cursor = globalThis.crypto.randomUUID()
            known.set(cursor, entry.cursor)
            yield { ...entry, cursor }
          }
        },
      }
    },
  },
  {
    fault: 'ends the feed after a page',
    caughtBy: 'changes yields each of 300 rows, while others are written',
    over: (good) => feed(good, (_, index, since) => (since === undefined && index === 0 ? undefined : {})),
  },
  {
    fault: 'takes the position when a transaction begins',
    caughtBy: 'an edit that commits late does not hide behind a cursor',
    over: (good) => {
      const hidden = new Set<string>()
      return {
        ...feed(good, ({ id }) => (hidden.has(id) ? undefined : {})),
        host: {
          async begin(id, item) {
            hidden.add(id)
            good.edit(id, item)
            return {
              async commit() {
                hidden.delete(id)
              },
            }
          },
        },
      }
    },
  },
  {
    fault: 'publishes a change some time after its position was taken',
    caughtBy:
      'a reader that follows the cursors sees the last write of every row, whatever is written at the same time',
    over: (good) => {
      const hidden = new Map<string, number>()
      return {
        ...feed(good, ({ id }) => ((hidden.get(id) ?? 0) > 0 ? undefined : {})),
        async put(record) {
          const put = await good.put(record)
          if ('conflict' in put) return put
          hidden.set(put.id, (hidden.get(put.id) ?? 0) + 1)
          await later()
          await later()
          hidden.set(put.id, (hidden.get(put.id) ?? 0) - 1)
          return put
        },
      }
    },
  },
  {
    fault: 'returns rows that were removed',
    caughtBy: 'get returns undefined for an id that does not exist or was removed',
    over: (good) => {
      const items = new Map<string, Fields>()
      return {
        get: async (id) =>
          (await good.get(id)) ?? (items.has(id) ? { item: items.get(id) ?? {}, version: '1' } : undefined),
        host: {
          async create(item) {
            const id = globalThis.crypto.randomUUID()
            items.set(id, item)
            good.edit(id, item)
            return id
          },
        },
      }
    },
  },
  {
    fault: 'drops empty fields',
    caughtBy: 'put creates a row that get returns unchanged',
    over: (good) => ({
      put: (record) =>
        good.put({
          ...record,
          item: Object.fromEntries(Object.entries(record.item).filter(([, value]) => value !== null)),
        }),
    }),
  },
  {
    fault: 'ignores ifVersion',
    caughtBy: 'put writes a row only if its version is the current one',
    over: (good) => ({
      async put(record) {
        const { id = '', ifVersion } = record
        return good.put(
          ifVersion === null ? record : { ...record, ifVersion: (await good.get(id))?.version ?? ifVersion },
        )
      },
    }),
  },
  {
    fault: 'creates a row that it cannot update',
    caughtBy: 'put reports a conflict for a row that does not exist or was removed',
    over: (good) => ({
      async put(record) {
        const { id, item, ifVersion } = record
        if (id === undefined || ifVersion === null || (await good.get(id)) !== undefined) return good.put(record)
        good.edit(id, item)
        return { id, version: (await good.get(id))?.version ?? '' }
      },
    }),
  },
  {
    fault: 'makes versions of the content',
    caughtBy: 'the version changes with every write, also by the host and of the same item',
    over: (good) => {
      const hash = (item: Fields): string => JSON.stringify(item)
      return {
        async get(id) {
          const row = await good.get(id)
          return row && { ...row, version: hash(row.item) }
        },
        async put(record) {
          const { id = '', ifVersion, item } = record
          const row = await good.get(id)
          if (ifVersion === null) return good.put(record)
          if (row === undefined || hash(row.item) !== ifVersion) return { conflict: true }
          await good.put({ ...record, ifVersion: row.version })
          return { id, version: hash(item) }
        },
      }
    },
  },
  {
    fault: 'replaces the row of a key',
    caughtBy: 'put with a key that created a row returns that row, and writes nothing',
    over: (good) => ({
      async put(record) {
        const put = await good.put(record)
        if ('existed' in put) good.edit(put.id, record.item)
        return put
      },
    }),
  },
  {
    fault: 'forgets the keys of removed rows',
    caughtBy: 'put with a key whose row was removed returns its id, and writes nothing',
    over: (good) => ({
      async put(record) {
        const put = await good.put(record)
        if (!('existed' in put) || (await good.get(put.id)) !== undefined) return put
        return good.put({ ...record, key: globalThis.crypto.randomUUID() })
      },
    }),
  },
  {
    fault: 'looks for the key, then creates',
    caughtBy: CONCURRENT_KEY,
    over: (good) => {
      const keys = new Map<string, string>()
      return {
        async put(record) {
          const had = keys.get(record.key)
          if (record.ifVersion !== null) return good.put(record)
          if (had !== undefined) return { id: had, version: (await good.get(had))?.version ?? '', existed: true }
          await later()
          const put = await good.put({ ...record, key: globalThis.crypto.randomUUID() })
          if (!('conflict' in put)) keys.set(record.key, put.id)
          return put
        },
      }
    },
  },
  {
    fault: 'compares the version, then writes',
    caughtBy: CONCURRENT_VERSION,
    over: (good) => ({
      async put(record) {
        const { id = '', ifVersion } = record
        if (ifVersion === null) return good.put(record)
        if ((await good.get(id))?.version !== ifVersion) return { conflict: true }
        await later()
        return good.put({ ...record, ifVersion: (await good.get(id))?.version ?? '' })
      },
      async remove(id, ifVersion) {
        const row = await good.get(id)
        if (row !== undefined && row.version !== ifVersion) return { conflict: true }
        await later()
        return good.remove(id, (await good.get(id))?.version ?? '')
      },
    }),
  },
  {
    fault: 'removes any version',
    caughtBy: 'remove removes a row only if its version is the current one, and says whether there was one',
    over: (good) => ({
      remove: async (id) => good.remove(id, (await good.get(id))?.version ?? ''),
    }),
  },
]
