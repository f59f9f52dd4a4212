import { expect } from 'vitest'
import { isConflict, written } from './replica-check.ts'
import type { ReplicaCheck } from './replica-check.ts'

const CONTENDERS = 12

const contend = <Result>(work: (index: number) => Promise<Result>): Promise<Result[]> =>
  Promise.all(Array.from({ length: CONTENDERS }, (_, index) => work(index)))

export const writeChecks: readonly ReplicaCheck[] = [
  {
    name: 'get returns undefined for an id that does not exist or was removed',
    async run({ replica, host, itemOf }) {
      expect(await replica.get('never-created')).toBeUndefined()
      const id = await host.create(itemOf(1))
      await host.remove(id)
      expect(await replica.get(id)).toBeUndefined()
    },
  },
  {
    name: 'put creates a row that get returns unchanged',
    async run({ replica, itemOf }) {
      const created = written(await replica.put({ key: 'key-1', item: itemOf(1), ifVersion: null }))
      expect(created.existed ?? false).toBe(false)
      expect(await replica.get(created.id)).toMatchObject({ item: itemOf(1), version: created.version })
    },
  },
  {
    name: 'put writes a row only if its version is the current one',
    async run({ replica, host, itemOf }) {
      const id = await host.create(itemOf(1))
      const first = (await replica.get(id))?.version ?? ''
      const second = written(await replica.put({ id, key: 'key-1', item: itemOf(2), ifVersion: first }))
      expect(second.id).toBe(id)
      expect(await replica.get(id)).toMatchObject({ item: itemOf(2), version: second.version })
      expect(isConflict(await replica.put({ id, key: 'key-1', item: itemOf(3), ifVersion: first }))).toBe(true)
      expect(await replica.get(id)).toMatchObject({ item: itemOf(2), version: second.version })
    },
  },
  {
    name: 'put reports a conflict for a row that does not exist or was removed',
    async run({ replica, host, itemOf }) {
      const id = await host.create(itemOf(1))
      const version = (await replica.get(id))?.version ?? ''
      await host.remove(id)
      for (const gone of [id, 'never-created']) {
        expect(isConflict(await replica.put({ id: gone, key: 'key-1', item: itemOf(2), ifVersion: version }))).toBe(
          true,
        )
        expect(await replica.get(gone)).toBeUndefined()
      }
    },
  },
  {
    name: 'the version changes with every write, also by the host and of the same item',
    async run({ replica, host, itemOf }) {
      const id = await host.create(itemOf(1))
      const versions = [(await replica.get(id))?.version ?? '']
      for (const edit of [itemOf(1), itemOf(2)]) {
        await host.edit(id, edit)
        versions.push((await replica.get(id))?.version ?? '')
      }
      const item = itemOf(2)
      versions.push(written(await replica.put({ id, key: 'key-1', item, ifVersion: versions.at(-1) ?? '' })).version)
      expect(new Set(versions).size).toBe(versions.length)
      expect(isConflict(await replica.put({ id, key: 'key-1', item: itemOf(3), ifVersion: versions[0] ?? '' }))).toBe(
        true,
      )
    },
  },
  {
    name: 'put with a key that created a row returns that row, and writes nothing',
    async run({ replica, other, host, itemOf }) {
      const { id } = written(await replica.put({ key: 'key-1', item: itemOf(1), ifVersion: null }))
      await host.edit(id, itemOf(2))
      const { version } = (await replica.get(id)) ?? {}
      const again = await other.put({ key: 'key-1', item: itemOf(3), ifVersion: null })
      expect(again).toMatchObject({ id, existed: true })
      expect(await replica.get(id)).toMatchObject({ item: itemOf(2), version })
      const another = written(await replica.put({ key: 'key-2', item: itemOf(4), ifVersion: null }))
      expect(another.existed ?? false).toBe(false)
      expect(another.id).not.toBe(id)
    },
  },
  {
    name: 'put with a key whose row was removed returns its id, and writes nothing',
    async run({ replica, host, itemOf }) {
      const byHost = written(await replica.put({ key: 'key-1', item: itemOf(1), ifVersion: null }))
      await host.remove(byHost.id)
      const bySync = written(await replica.put({ key: 'key-2', item: itemOf(2), ifVersion: null }))
      await replica.remove(bySync.id, bySync.version)
      for (const [key, { id }] of [
        ['key-1', byHost],
        ['key-2', bySync],
      ] as const) {
        expect(await replica.put({ key, item: itemOf(3), ifVersion: null })).toMatchObject({ id, existed: true })
        expect(await replica.get(id)).toBeUndefined()
      }
    },
  },
  {
    name: 'one of many concurrent puts of a key creates the row, and all return it',
    async run({ replica, other, itemOf }) {
      const puts = await contend(async (index) =>
        written(await (index % 2 === 0 ? replica : other).put({ key: 'key-1', item: itemOf(index), ifVersion: null })),
      )
      expect(puts.filter(({ existed }) => existed !== true)).toHaveLength(1)
      expect(new Set(puts.map(({ id }) => id)).size).toBe(1)
    },
  },
  {
    name: 'one of many concurrent puts and removals of a version succeeds',
    async run({ replica, other, host, itemOf }) {
      for (let round = 0; round < 5; round++) {
        const id = await host.create(itemOf(round))
        const ifVersion = (await replica.get(id))?.version ?? ''
        const results = await contend(async (index) => {
          const port = index % 2 === 0 ? replica : other
          if (index % 4 !== 3) return !isConflict(await port.put({ id, key: 'key', item: itemOf(index), ifVersion }))
          const removed = await port.remove(id, ifVersion)
          return 'removed' in removed && removed.removed
        })
        expect(results.filter(Boolean)).toHaveLength(1)
      }
    },
  },
  {
    name: 'remove removes a row only if its version is the current one, and says whether there was one',
    async run({ replica, host, itemOf }) {
      const id = await host.create(itemOf(1))
      const first = (await replica.get(id))?.version ?? ''
      await host.edit(id, itemOf(2))
      expect(await replica.remove(id, first)).toEqual({ conflict: true })
      const row = await replica.get(id)
      expect(row?.item).toEqual(itemOf(2))
      expect(await replica.remove(id, row?.version ?? '')).toEqual({ removed: true })
      expect(await replica.get(id)).toBeUndefined()
      expect(await replica.remove(id, row?.version ?? '')).toEqual({ removed: false })
      expect(await replica.remove('never-created', first)).toEqual({ removed: false })
    },
  },
]
