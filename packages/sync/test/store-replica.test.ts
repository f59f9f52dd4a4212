import { memoryStore } from '@mcpclient/core'
import type { Store } from '@mcpclient/core'
import { createFakeClock, slowStore } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { replicaContract } from '../src/contract.ts'
import { createScene, fill } from './scene.ts'
import { storeReplica } from '../src/store-replica.ts'
import type { StoreReplica } from '../src/store-replica.ts'

const PREFIX = 'replica/ada/events'
const stores = new WeakMap<StoreReplica, Store>()

function open(store: Store): StoreReplica {
  const replica = storeReplica(store, PREFIX)
  stores.set(replica, store)
  return replica
}

const another = (replica: StoreReplica): StoreReplica => open(stores.get(replica) ?? memoryStore())

const hostOf = (replica: StoreReplica) => ({
  create: async (item: object) => (await replica.create(item as Record<string, unknown>)).id,
  async edit(id: string, item: object) {
    const ifVersion = (await replica.get(id))?.version ?? ''
    await replica.put({ id, key: id, item: item as Record<string, unknown>, ifVersion })
  },
  async remove(id: string) {
    await replica.remove(id, (await replica.get(id))?.version ?? '')
  },
})

replicaContract(() => open(memoryStore()), { name: 'a memory store', host: hostOf, shared: another })
replicaContract(() => open(slowStore(memoryStore(), { turns: 5 })), { name: 'a slow store', shared: another })

const DAY_MS = 86_400_000

describe('a replica in a store', () => {
  it('keeps the key and the removal of a row for 90 days', async () => {
    const clock = createFakeClock()
    const replica = open(memoryStore({ clock }))
    const first = await replica.create({ title: 'stays' })
    const put = await replica.put({ key: 'key-1', item: { title: 'goes' }, ifVersion: null })
    if ('conflict' in put) throw new Error('A new row has no conflict.')
    const [{ cursor } = { cursor: '' }] = await Array.fromAsync(replica.changes(undefined))
    await replica.remove(put.id, put.version)
    await clock.advance(89 * DAY_MS)
    expect(await Array.fromAsync(replica.changes(cursor))).toMatchObject([{ id: put.id, item: null }])
    expect(await replica.put({ key: 'key-1', item: {}, ifVersion: null })).toMatchObject({ existed: true })
    await clock.advance(DAY_MS)
    expect(await replica.put({ key: 'key-1', item: { title: 'new' }, ifVersion: null })).not.toHaveProperty('existed')
    expect((await Array.fromAsync(replica.rows())).map(({ item }) => String(item['title'])).toSorted()).toEqual([
      'new',
      'stays',
    ])
    expect((await replica.get(first.id))?.version).toBe(first.version)
  })

  it('leaves nothing of removed rows and of interrupted creates in the store', async () => {
    const clock = createFakeClock()
    const inner = memoryStore({ clock })
    const replica = open(inner)
    const isRow = (key: string): boolean => key.startsWith(`${PREFIX}/row/`)
    const dying = open({
      ...inner,
      put: (key, ...rest) =>
        isRow(key) ? Promise.reject(new Error('The process was killed.')) : inner.put(key, ...rest),
    })
    const kept = await replica.create({ title: 'stays' })
    await expect(dying.create({ title: 'never written' })).rejects.toThrow('killed')
    const { id, version } = await replica.create({ title: 'goes' })
    await replica.remove(id, version)
    await replica.create({ title: 'last' })
    expect((await Array.fromAsync(replica.changes(undefined))).map(({ item }) => item?.['title'])).toEqual([
      'stays',
      'last',
    ])
    await clock.advance(91 * DAY_MS)
    expect((await Array.fromAsync(replica.changes(undefined))).length).toBe(2)
    const { entries } = await inner.list(`${PREFIX}/`)
    expect(entries.map(({ key }) => key.slice(PREFIX.length + 1).split('/')[0])).toEqual([
      'head',
      'log',
      'log',
      'row',
      'row',
    ])
    expect(entries.some(({ key }) => key.endsWith(kept.id))).toBe(true)
  })

  it('lets a write succeed while a consumer with a faster connection reads in a loop', async () => {
    const inner = memoryStore()
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
    const writer = open({
      ...inner,
      async put(...given) {
        for (let turns = 0; turns < 5; turns++) await turn()
        return inner.put(...given)
      },
    })
    const consumer = open(inner)
    let isWriting = true
    const reading = (async () => {
      let cursor: string | undefined
      while (isWriting) {
        for await (const change of consumer.changes(cursor)) cursor = change.cursor
        await turn()
      }
    })()
    try {
      expect(await writer.put({ key: 'key-1', item: { title: 'written' }, ifVersion: null })).toMatchObject({
        id: 'key-1',
      })
    } finally {
      isWriting = false
      await reading
    }
  })

  it('is kept equal to a provider, both ways', async () => {
    const scene = createScene()
    fill(scene.provider, 3)
    const replica = open(scene.store)
    const engine = scene.engine({ replica })
    const run = async () => {
      const { complete, created, updated, deleted } = await engine.run({ first: 'merge', confirmRemovals: true })
      expect(complete).toBe(true)
      return { created, updated, deleted }
    }
    expect((await run()).created).toEqual({ local: 3, remote: 0 })
    const [one, two] = await Array.fromAsync(replica.rows())
    if (one === undefined || two === undefined) throw new Error('There are three rows.')
    await replica.put({ id: one.id, key: '', item: { ...one.item, title: 'mine' }, ifVersion: one.version })
    await replica.remove(two.id, two.version)
    await replica.create({ title: 'new', place: 'here' })
    expect(await run()).toMatchObject({ created: { remote: 1 }, updated: { remote: 1 }, deleted: { remote: 1 } })
    const titles = (await Array.fromAsync(replica.rows())).map(({ item }) => String(item['title']))
    expect(titles.toSorted()).toEqual([...scene.titles().remote])
    expect(titles).toContain('mine')
    expect(await run()).toMatchObject({
      created: { local: 0, remote: 0 },
      updated: { local: 0, remote: 0 },
      deleted: { local: 0, remote: 0 },
    })
  })
})
