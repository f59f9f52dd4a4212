import { describe, expect, it } from 'vitest'
import { boundedStore } from '../../src/resilience/bounded-store.ts'
import { memoryStore } from '../../src/ports/memory-store.ts'
import { writeAll } from '../../src/ports/store-batch.ts'
import type { Store, StoreWrite } from '../../src/ports/store.ts'
import { createFakeClock, errorOf } from '@mcpclient/testing'
import { storeContract } from '@mcpclient/testing/contract'

const clock = createFakeClock()

/** Writes in batches of `writeAll`, over a store that has none. */
function fallback(): Store {
  const { batch: _, ...store } = memoryStore({ clock })
  return store
}

/** Counts the calls that write. */
function counting(store: Store): { readonly store: Store; readonly calls: string[] } {
  const calls: string[] = []
  const { batch } = store
  return {
    calls,
    store: {
      ...store,
      put: (...given) => (calls.push('put'), store.put(...given)),
      delete: (...given) => (calls.push('delete'), store.delete(...given)),
      ...(batch && { batch: (writes) => (calls.push(`batch of ${writes.length}`), batch.call(store, writes)) }),
    },
  }
}

const puts = (count: number, value = 'one'): readonly StoreWrite[] =>
  Array.from({ length: count }, (_, index) => ({ key: `k${index}`, value }))

storeContract(() => boundedStore(memoryStore({ clock }), clock), {
  name: 'a bounded memory store',
  advance: clock.advance,
})

describe('writeAll', () => {
  it('writes one after another if the store has no batch', async () => {
    const { store, calls } = counting(fallback())
    const results = await writeAll(store, [
      { key: 'a', value: 'one', ifVersion: null, ttlMs: 1000 },
      { key: 'b', delete: true },
      { key: 'c', value: 'one', ifVersion: 'absent' },
    ])
    expect(calls).toEqual(['put', 'delete', 'put'])
    expect(results).toEqual([{ version: (await store.get('a'))?.version }, { deleted: false }, { conflict: true }])
    await clock.advance(1000)
    expect(await store.get('a')).toBeUndefined()
  })

  it('writes in batches of at most 500 rows, in order', async () => {
    const { store, calls } = counting(memoryStore())
    const results = await writeAll(store, puts(1001))
    expect(calls).toEqual(['batch of 500', 'batch of 500', 'batch of 1'])
    const stored = await store.list('', { limit: 2000 })
    const versions = new Map(stored.entries.map(({ key, version }) => [key, version]))
    expect(results).toEqual(puts(1001).map(({ key }) => ({ version: versions.get(key) })))
  })

  it('splits large values over several batches', async () => {
    const { store, calls } = counting(memoryStore())
    await writeAll(store, puts(7, 'x'.repeat(1_400_000)))
    expect(calls).toEqual(['batch of 3', 'batch of 3', 'batch of 1'])
  })

  it('writes a single row without a batch', async () => {
    const { store, calls } = counting(memoryStore())
    await writeAll(store, puts(1))
    expect(calls).toEqual(['put'])
  })

  it.each([
    ['a store with a batch', memoryStore],
    ['a store without', fallback],
  ])('rejects a key that occurs twice or is invalid before it writes to %s', async (_, open) => {
    const store = open()
    for (const last of ['k1', 'é', '']) {
      const error = await errorOf(writeAll(store, [...puts(600), { key: last, value: 'two' }]))
      expect(error.code).toBe('INVALID_INPUT')
    }
    expect(await store.list('')).toEqual({ entries: [] })
  })
})

it('a batch of a store that does not respond ends at the time limit', async () => {
  const stuck: Store = { ...memoryStore(), batch: () => new Promise(() => {}) }
  const writing = errorOf(boundedStore(stuck, clock).batch?.(puts(2)) ?? Promise.resolve())
  await clock.advance(60_000)
  expect(await writing).toMatchObject({ details: { reason: 'store_unavailable' } })
})
