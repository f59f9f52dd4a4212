import { expect } from 'vitest'
import type { Replica } from '../replica.ts'
import { changesAfter, Follower, upToDate, written } from './replica-check.ts'
import type { ReplicaCheck } from './replica-check.ts'

const ROWS = 300
const WRITERS = 4
const WRITES = 12

export const feedChecks: readonly ReplicaCheck[] = [
  {
    name: 'changes yields every row if there is no cursor, with the version and the item that get returns',
    async run({ replica, host, itemOf }) {
      const ids = [await host.create(itemOf(1)), await host.create(itemOf(2))]
      const put = written(await replica.put({ key: 'key-3', item: itemOf(3), ifVersion: null }))
      await host.edit(ids[0] ?? '', itemOf(4))
      const follower = await upToDate(replica, [...ids, put.id])
      await follower.until(() => true)
      const seen = new Map((await changesAfter(replica, undefined)).map((change) => [change.id, change]))
      expect([...seen.keys()].toSorted()).toEqual([...ids, put.id].toSorted())
      for (const [id, { item, version }] of seen) expect({ item, version }).toEqual(await replica.get(id))
    },
  },
  {
    name: 'changes yields the rows that were created, edited and removed after a cursor, and no other',
    async run({ replica, host, itemOf }) {
      const [edited, removed, quiet] = [
        await host.create(itemOf(1)),
        await host.create(itemOf(2)),
        await host.create(itemOf(3)),
      ]
      const follower = await upToDate(replica, [edited, removed, quiet])
      expect(await changesAfter(replica, follower.cursor)).toEqual([])
      await host.edit(edited, itemOf(4))
      await host.remove(removed)
      const created = await host.create(itemOf(5))
      expect(await follower.until((seen) => seen.size === 3)).toBe(true)
      const { seen } = follower
      expect(seen.get(edited)?.item).toEqual(itemOf(4))
      expect(seen.get(created)?.item).toEqual(itemOf(5))
      expect(seen.get(removed)?.item).toBe(null)
      expect(seen.has(quiet)).toBe(false)
      expect(await changesAfter(replica, follower.cursor)).toEqual([])
    },
  },
  {
    name: 'changes continues after the cursor of any entry',
    async run({ replica, host, itemOf }) {
      const first = await host.create(itemOf(0))
      const { cursor } = await upToDate(replica, [first])
      const ids: string[] = []
      for (let row = 1; row <= 5; row++) ids.push(await host.create(itemOf(row)))
      await new Follower(replica, cursor).until((seen) => seen.size === ids.length)
      const all = await changesAfter(replica, cursor)
      expect(all.map(({ id }) => id).toSorted()).toEqual(ids.toSorted())
      for (const [index, entry] of all.entries()) {
        const rest = await changesAfter(replica, entry.cursor)
        expect(rest.map(({ id }) => id)).toEqual(all.slice(index + 1).map(({ id }) => id))
      }
    },
  },
  {
    name: 'changes shows no item of a removed row, also if it was removed before it was ever read',
    async run({ replica, host, itemOf }) {
      const known = await host.create(itemOf(1))
      const { cursor } = await upToDate(replica, [known])
      const brief = await host.create(itemOf(2))
      await host.remove(brief)
      await host.remove(known)
      const follower = new Follower(replica, cursor)
      expect(await follower.until((seen) => seen.has(known))).toBe(true)
      await follower.read()
      expect([...follower.seen.values()].map(({ item }) => item)).not.toContainEqual(itemOf(2))
      expect(follower.seen.get(known)?.item).toBe(null)
      const everything = await changesAfter(replica, undefined)
      expect(everything.filter(({ item }) => item !== null)).toEqual([])
    },
  },
  {
    name: 'changes shows the version that put returned',
    async run({ replica, itemOf }) {
      const created = written(await replica.put({ key: 'key-1', item: itemOf(1), ifVersion: null }))
      const follower = new Follower(replica)
      await follower.until((seen) => seen.has(created.id))
      expect(follower.seen.get(created.id)?.version).toBe(created.version)
      const { version } = written(
        await replica.put({ id: created.id, key: 'key-1', item: itemOf(2), ifVersion: created.version }),
      )
      expect(await follower.until((seen) => seen.get(created.id)?.version === version)).toBe(true)
    },
  },
  {
    name: 'changes shows the key of a row that put created, also after a later write',
    async run({ replica, host, itemOf }) {
      const { id } = written(await replica.put({ key: 'key-1', item: itemOf(1), ifVersion: null }))
      const follower = await upToDate(replica, [id])
      await host.edit(id, itemOf(2))
      expect(await follower.until((seen) => seen.get(id)?.key === 'key-1')).toBe(true)
    },
  },
  {
    name: 'changes shows no key of a row that the host created',
    needs: 'host',
    async run({ replica, host, itemOf }) {
      const id = await host.create(itemOf(1))
      const follower = new Follower(replica)
      await follower.until((seen) => seen.has(id))
      expect(follower.seen.get(id)?.key).toBeUndefined()
    },
  },
  {
    name: 'a cursor is valid in another replica over the same rows',
    async run({ replica, other, host, itemOf }) {
      const known = await host.create(itemOf(1))
      const { cursor } = await upToDate(replica, [known])
      const created = await host.create(itemOf(2))
      const follower = new Follower(other, cursor)
      expect(await follower.until((seen) => seen.has(created))).toBe(true)
      expect(follower.seen.has(known)).toBe(false)
    },
  },
  {
    name: `changes yields each of ${ROWS} rows, while others are written`,
    async run({ replica, host, itemOf }) {
      const ids: string[] = []
      for (let row = 0; row < ROWS; row++) ids.push(await host.create(itemOf(row)))
      const late: string[] = []
      const follower = new Follower(replica)
      let entries = 0
      for await (const change of replica.changes(undefined)) {
        follower.seen.set(change.id, change)
        follower.cursor = change.cursor
        if (++entries % 50 !== 0 || entries > ROWS) continue
        late.push(await host.create(itemOf(ROWS + entries)))
        await host.edit(ids[ROWS - entries] ?? '', itemOf(2 * ROWS + entries))
      }
      expect(await follower.until((seen) => [...ids, ...late].every((id) => seen.has(id)))).toBe(true)
      await expectCurrent(replica, follower)
    },
  },
  {
    name: 'an edit that commits late does not hide behind a cursor',
    needs: 'begin',
    async run({ replica, host, itemOf }) {
      const [slow, quick] = [await host.create(itemOf(1)), await host.create(itemOf(2))]
      const follower = await upToDate(replica, [slow, quick])
      const open = await host.begin?.(slow, itemOf(3))
      await host.edit(quick, itemOf(4))
      await follower.read()
      await open?.commit()
      expect(await follower.until((seen) => seen.has(slow) && seen.has(quick))).toBe(true)
      expect(follower.seen.get(slow)?.item).toEqual(itemOf(3))
    },
  },
  {
    name: 'a reader that follows the cursors sees the last write of every row, whatever is written at the same time',
    async run({ replica, other, host, itemOf }) {
      const shared = await Promise.all([1, 2, 3].map((row) => host.create(itemOf(row))))
      const follower = await upToDate(replica, shared)
      let number = 10
      let running = WRITERS
      const writer = async (port: Replica, seed: number): Promise<void> => {
        for (let turn = 0; turn < WRITES; turn++) {
          const key = `writer-${seed}-${turn}`
          const mine = written(await port.put({ key, item: itemOf(number++), ifVersion: null }))
          if (turn % 3 === 0) await port.remove(mine.id, mine.version)
          const id = shared[turn % shared.length] ?? ''
          const row = await port.get(id)
          if (row !== undefined) await port.put({ id, key, item: itemOf(number++), ifVersion: row.version })
        }
        running--
      }
      const reader = async (): Promise<void> => {
        while (running > 0) {
          await follower.read()
          await new Promise((resolve) => {
            setTimeout(resolve)
          })
        }
      }
      await Promise.all([
        ...Array.from({ length: WRITERS }, (_, seed) => writer(seed % 2 === 0 ? replica : other, seed)),
        reader(),
      ])
      await expectCurrent(replica, follower)
    },
  },
]

/** Fails unless the last change of every row that a follower saw is its current state, and it saw every row. */
async function expectCurrent(replica: Replica, follower: Follower): Promise<void> {
  const stale = async (): Promise<readonly string[]> => {
    const rows = await changesAfter(replica, undefined)
    const current = new Map(rows.flatMap(({ id, item, version }) => (item === null ? [] : [[id, version] as const])))
    const shown = [...follower.seen.values()].flatMap(({ id, item, version }) =>
      item === null ? [] : [[id, version] as const],
    )
    const seen = new Map(shown)
    return [...new Set([...current.keys(), ...seen.keys()])].filter((id) => current.get(id) !== seen.get(id))
  }
  for (let reads = 0; reads < 100 && (await stale()).length > 0; reads++) await follower.until(() => true)
  expect(await stale()).toEqual([])
}
