import type { PutResult, Store, StoreWrite, WriteResult } from '@mcpclient/core'
import { must, mustBe } from '../broken-promise.ts'
import { atOnce, codeOf, refusalOf, storeCheck, versionOf, write } from './store-check.ts'
import { unfitKeys } from './unfit-keys.ts'
import { awkwardTexts, unfitTexts } from './values.ts'

const MAX_BATCH = 500
const CONTENDERS = 10
const TTL_MS = 1000
const LONGER_MS = 1500
const HOUR_MS = 3_600_000

const putsOf = (keys: readonly string[], value: string): readonly StoreWrite[] => keys.map((key) => ({ key, value }))

export const batches = [
  storeCheck(
    'batch returns a result for each write, in order',
    async ({ store, batch, key }) => {
      mustBe(await batch([]), [], 'An empty batch must return no results.')
      const swapped = await write(store, key('z swapped'), 'one')
      const removed = await write(store, key('y removed'), 'one')
      await write(store, key('m replaced'), 'one')
      const results = await batch([
        { key: key('z swapped'), value: 'two', ifVersion: swapped },
        { key: key('a created'), value: 'two', ifVersion: null },
        { key: key('y removed'), delete: true, ifVersion: removed },
        { key: key('m replaced'), value: 'two' },
        { key: key('b absent'), delete: true },
        { key: key('n new'), value: 'two' },
      ])
      const written = ['z swapped', 'a created', undefined, 'm replaced', undefined, 'n new']
      mustBe(results.length, written.length, 'batch must return a result for each write.')
      for (const [index, name] of written.entries()) {
        if (name === undefined) continue
        const expected = { value: 'two', version: versionOf(putResult(results[index]), `batch must write "${name}".`) }
        mustBe(await store.get(key(name)), expected, `get must return what batch wrote to "${name}".`)
      }
      mustBe(results[2], { deleted: true }, 'A delete in a batch must say that it removed the row.')
      mustBe(results[4], { deleted: false }, 'A delete in a batch must say that there was no row.')
      mustBe(await store.get(key('y removed')), undefined, 'A row that a batch deleted must be absent.')
    },
    ['batch'],
  ),

  storeCheck(
    'a conflict in a batch leaves the other writes written',
    async ({ store, batch, key }) => {
      const old = await write(store, key('a'), 'one')
      const version = await write(store, key('a'), 'two')
      await write(store, key('b'), 'two')
      const results = await batch([
        { key: key('before'), value: 'three' },
        { key: key('a'), value: 'three', ifVersion: old },
        { key: key('b'), value: 'three', ifVersion: null },
        { key: key('absent'), value: 'three', ifVersion: old },
        { key: key('after'), value: 'three' },
      ])
      const conflicts = results.map((result) => 'conflict' in result)
      mustBe(conflicts, [false, true, true, true, false], 'Each write of a batch must have its own condition.')
      mustBe(await store.get(key('a')), { value: 'two', version }, 'A conflict in a batch must change nothing.')
      mustBe((await store.get(key('b')))?.value, 'two', 'ifVersion: null in a batch must not replace a row.')
      mustBe(await store.get(key('absent')), undefined, 'A version in a batch must create nothing.')
      for (const name of ['before', 'after']) {
        mustBe((await store.get(key(name)))?.value, 'three', 'A conflict in a batch must leave the others written.')
      }
      const kept = await batch([{ key: key('a'), delete: true, ifVersion: old }])
      mustBe(kept, [{ deleted: false }], 'A delete in a batch must not remove another version.')
      mustBe((await store.get(key('a')))?.version, version, 'A delete in a batch must not remove another version.')
    },
    ['batch'],
  ),

  storeCheck(
    'strings in a batch are returned exactly',
    async ({ store, batch, key }) => {
      const texts = [...awkwardTexts, '', 'x'.repeat(1_400_000)]
      await batch(texts.map((value, index) => ({ key: key(`text-${index} "\\`), value })))
      for (const [index, text] of texts.entries()) {
        const stored = await store.get(key(`text-${index} "\\`))
        mustBe(stored?.value, text, 'A value of a batch must be returned character for character.')
      }
    },
    ['batch'],
  ),

  storeCheck(
    'batch writes 500 rows, and rejects 501 as a whole',
    async ({ store, batch, key }) => {
      const keys = Array.from({ length: MAX_BATCH + 1 }, (_, index) => key(String(index).padStart(3, '0')))
      const refusal = codeOf(await refusalOf(batch(putsOf(keys, 'one'))))
      mustBe(refusal, 'INVALID_INPUT', `A batch of ${MAX_BATCH + 1} writes must be rejected.`)
      mustBe(await store.list(key('')), { entries: [] }, 'A batch that is rejected must write nothing.')
      await batch(putsOf(keys.slice(1), 'one'))
      const { entries } = await store.list(key(''), { limit: MAX_BATCH + 1 })
      mustBe(entries.length, MAX_BATCH, `A batch of ${MAX_BATCH} writes must write all of them.`)
      await batch(keys.slice(1).map((each) => ({ key: each, delete: true })))
      mustBe(await store.list(key('')), { entries: [] }, `A batch of ${MAX_BATCH} deletes must delete all rows.`)
    },
    ['batch'],
  ),

  storeCheck(
    'a batch with a key twice or an invalid key is rejected as a whole',
    async ({ store, batch, key }) => {
      const good = { key: key('good'), value: 'one' }
      const twice = [good, { key: key('a'), value: 'one' }, { key: key('a'), delete: true }] as const
      const unfit = unfitKeys(key).map(([, bad]) => [good, { key: bad, value: 'one' }])
      for (const writes of [twice, ...unfit]) {
        const promise = 'A batch with a key twice, or with an invalid key, must be rejected with INVALID_INPUT.'
        mustBe(codeOf(await refusalOf(batch(writes))), 'INVALID_INPUT', promise)
      }
      mustBe(await store.list(key('')), { entries: [] }, 'A batch that is rejected must write nothing.')
    },
    ['batch'],
  ),

  storeCheck(
    'a batch with a value that the store cannot hold is rejected as a whole',
    async ({ store, batch, key }) => {
      for (const [index, text] of unfitTexts.entries()) {
        const names = [`${index} before`, `${index} unfit`, `${index} after`].map(key)
        const refusal = await refusalOf(batch(names.map((each, at) => ({ key: each, value: at === 1 ? text : 'one' }))))
        const stored = await Promise.all(names.map(async (each) => (await store.get(each))?.value))
        const expected = refusal === undefined ? ['one', text, 'one'] : [undefined, undefined, undefined]
        mustBe(stored, expected, 'A batch with such a value must be written exactly, or be rejected and write nothing.')
      }
    },
    ['batch'],
  ),

  storeCheck(
    'of many concurrent batches, one creates and one swaps each row',
    async ({ batch, key }) => {
      const keys = Array.from({ length: CONTENDERS }, (_, index) => key(String(index)))
      await contend([batch], keys)
    },
    ['batch'],
  ),

  storeCheck(
    'of many concurrent batches through two stores, one creates and one swaps each row',
    async ({ store, batch, key, another }) => {
      const other = await another(store)
      const keys = Array.from({ length: CONTENDERS }, (_, index) => key(String(index)))
      const otherBatch = other.batch?.bind(other)
      must(otherBatch !== undefined, 'A store must have a batch if another one over the same data has it.')
      await contend([batch, otherBatch], keys)
      await otherBatch(putsOf(keys, 'last'))
      mustBe((await store.get(key('0')))?.value, 'last', 'get must return what the batch of another store wrote.')
    },
    ['another', 'batch'],
  ),

  storeCheck(
    'a write of a batch sets the ttlMs, and finds an expired row absent',
    async ({ store, batch, key, advance }) => {
      for (const name of ['kept', 'created', 'swapped', 'deleted']) await store.put(key(name), 'one', { ttlMs: TTL_MS })
      const swapped = (await store.get(key('swapped')))?.version
      await write(store, key('limited'), 'one')
      await batch([
        { key: key('kept'), value: 'two' },
        { key: key('ends'), value: 'two', ttlMs: TTL_MS },
        { key: key('limited'), value: 'two', ttlMs: TTL_MS },
        { key: key('lasts'), value: 'two', ttlMs: HOUR_MS },
      ])
      mustBe((await store.get(key('ends')))?.value, 'two', 'A row must be readable until its ttlMs have passed.')
      await advance(LONGER_MS)
      mustBe((await store.get(key('kept')))?.value, 'two', 'A write without ttlMs in a batch must clear the ttlMs.')
      mustBe((await store.get(key('lasts')))?.value, 'two', 'Each write of a batch must have its own ttlMs.')
      for (const name of ['ends', 'limited']) {
        mustBe(await store.get(key(name)), undefined, 'A write with ttlMs in a batch must expire.')
      }
      const results = await batch([
        { key: key('created'), value: 'two', ifVersion: null },
        { key: key('swapped'), value: 'two', ifVersion: swapped ?? '' },
        { key: key('deleted'), delete: true },
      ])
      must('version' in (results[0] ?? {}), 'ifVersion: null in a batch must write when the ttlMs have passed.')
      mustBe(results[1], { conflict: true }, 'The version of an expired row must not match in a batch.')
      mustBe(results[2], { deleted: false }, 'A delete in a batch must not find an expired row.')
    },
    ['advance', 'batch'],
  ),
]

const putResult = (result: WriteResult | undefined): PutResult =>
  result !== undefined && 'version' in result ? result : { conflict: true }

/** Writes the same rows in concurrent batches, each in another order. */
async function contend(batchers: readonly NonNullable<Store['batch']>[], keys: readonly string[]): Promise<void> {
  let versions = new Map<string, string>()
  for (const promise of ['ifVersion: null', 'ifVersion']) {
    const written = await atOnce(CONTENDERS, async (index) => {
      const order = index % 2 === 0 ? keys : keys.toReversed()
      const writes = order.map((key) => ({ key, value: `by ${index}`, ifVersion: versions.get(key) ?? null }))
      const results = await batchers[index % batchers.length]?.(writes)
      return order.flatMap((key, at) => {
        const result = results?.[at]
        return result !== undefined && 'version' in result ? [[key, result.version] as const] : []
      })
    })
    const won = written.flat()
    mustBe(
      won.map(([key]) => key).toSorted(),
      keys.toSorted(),
      `Each row must be written by one batch with ${promise}.`,
    )
    versions = new Map(won)
  }
}
