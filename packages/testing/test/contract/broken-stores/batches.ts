import type { StoreWrite, WriteResult } from '@mcpclient/core'
import { broken, later } from './broken-store.ts'
import type { BrokenStore, GoodStore } from './broken-store.ts'

const RESULTS = 'batch returns a result for each write, in order'
const CONFLICTS = 'a conflict in a batch leaves the other writes written'
const LIMIT = 'batch writes 500 rows, and rejects 501 as a whole'
const KEYS = 'a batch with a key twice or an invalid key is rejected as a whole'
const EXPIRY = 'a write of a batch sets the ttlMs, and finds an expired row absent'
const ONE = 'of many concurrent batches, one creates and one swaps each row'
const ONE_OF_TWO = 'of many concurrent batches through two stores, one creates and one swaps each row'

const writeOne = async (good: GoodStore, write: StoreWrite): Promise<WriteResult> =>
  'delete' in write ? { deleted: await good.delete(write.key, write) } : good.put(write.key, write.value, write)

/** Writes one after another, as a store without checks of its own does. */
async function oneByOne(good: GoodStore, writes: readonly StoreWrite[]): Promise<readonly WriteResult[]> {
  const results: WriteResult[] = []
  for (const write of writes) results.push(await writeOne(good, write))
  return results
}

/** Reads all rows, then writes those that fit. */
async function readThenWrite(good: GoodStore, writes: readonly StoreWrite[]): Promise<readonly WriteResult[]> {
  const before = await Promise.all(writes.map(async ({ key }) => (await good.get(key))?.version ?? null))
  await later()
  return Promise.all(
    writes.map(async (write, index): Promise<WriteResult> => {
      if (write.ifVersion !== undefined && write.ifVersion !== before[index]) return { conflict: true }
      return writeOne(good, { ...write, ifVersion: undefined })
    }),
  )
}

export const batches: readonly BrokenStore[] = [
  broken('returns the results of a batch in the order of their keys', RESULTS, ({ batch }) => ({
    batch: async (writes) => batch(writes.toSorted((one, other) => (one.key < other.key ? -1 : 1))),
  })),
  broken('stops a batch at the first conflict', CONFLICTS, (good) => ({
    async batch(writes) {
      const results: WriteResult[] = []
      for (const write of writes) {
        const hasStopped = results.some((result) => 'conflict' in result)
        results.push(hasStopped ? { conflict: true } : await writeOne(good, write))
      }
      return results
    },
  })),
  broken('writes a batch without conditions', CONFLICTS, ({ batch }) => ({
    batch: async (writes) => batch(writes.map((write) => ({ ...write, ifVersion: undefined }))),
  })),
  broken('trims the values of a batch', 'strings in a batch are returned exactly', ({ batch }) => ({
    batch: async (writes) =>
      batch(writes.map((write) => ('delete' in write ? write : { ...write, value: write.value.trim() }))),
  })),
  broken('writes a batch of any size', LIMIT, (good) => ({ batch: (writes) => oneByOne(good, writes) })),
  broken('writes only the first hundred rows', LIMIT, ({ batch }) => ({
    async batch(writes) {
      const results = await batch(writes)
      const lost = writes.slice(100).map(({ key }): StoreWrite => ({ key, delete: true }))
      await batch(lost)
      return results
    },
  })),
  broken('writes a key of a batch twice', KEYS, (good) => ({ batch: (writes) => oneByOne(good, writes) })),
  broken(
    'writes the rows before one that it rejects',
    'a batch with a value that the store cannot hold is rejected as a whole',
    (good) => ({ batch: (writes) => oneByOne(good, writes) }),
  ),
  broken('reads the rows of a batch, then writes them', ONE, (good) => ({
    batch: (writes) => readThenWrite(good, writes),
  })),
  broken('writes batches one after another, within the process', ONE_OF_TWO, (good) => {
    let last: Promise<unknown> = Promise.resolve()
    return {
      batch(writes) {
        const result = last.then(() => readThenWrite(good, writes))
        last = result.catch(() => {})
        return result
      },
    }
  }),
  broken('forgets the ttlMs in a batch', EXPIRY, ({ batch }) => ({
    batch: async (writes) => batch(writes.map((write) => ('delete' in write ? write : { ...write, ttlMs: undefined }))),
  })),
  broken('gives the rows of a batch one ttlMs', EXPIRY, ({ batch }) => ({
    async batch(writes) {
      const ttlMs = writes.flatMap((write) => ('ttlMs' in write && write.ttlMs !== undefined ? [write.ttlMs] : []))[0]
      return batch(writes.map((write) => ('delete' in write ? write : { ...write, ttlMs })))
    },
  })),
]
