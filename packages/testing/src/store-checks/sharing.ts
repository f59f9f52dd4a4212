import type { Store, Version } from '@mcpclient/core'
import { increment } from './increment.ts'
import { must, mustBe } from '../broken-promise.ts'
import { atOnce, hasConflict, storeCheck, versionOf, write } from './store-check.ts'

const CONTENDERS = 20
const ROUNDS = 5
const INCREMENTS = 10
const CAPACITY = 10
const HOUR_MS = 3_600_000

/** The checks of two stores over the same data, each with its own connections: two processes, two machines. */
export const sharing = [
  storeCheck(
    'the writes and deletes of one store are visible in another one over the same data',
    async ({ store: one, key, another }) => {
      const two = await another(one)
      mustBe(await two.get(key('a')), undefined, 'A key that was never written must read as undefined.')
      for (const [writer, reader] of bothWays(one, two)) {
        for (const value of ['one', 'two']) {
          const stored = { value, version: await write(writer, key('a'), value) }
          mustBe(await reader.get(key('a')), stored, 'get must return what another store wrote, and its version.')
          const listed = (await reader.list(key(''))).entries.map((entry) => entry.value)
          mustBe(listed, [value], 'list must return what another store wrote.')
        }
        must(await writer.delete(key('a')), 'delete must remove what another store wrote.')
        mustBe(await reader.get(key('a')), undefined, 'get must not return what another store deleted.')
      }
    },
    ['another'],
  ),

  storeCheck(
    'a version of one store is valid in another, and two stores never issue the same one',
    async ({ store: one, key, another }) => {
      const two = await another(one)
      const versions: Version[] = []
      for (const [writer, swapper] of [...bothWays(one, two), ...bothWays(one, two)]) {
        const ifVersion = await write(writer, key('a'), 'one')
        const swapped = await swapper.put(key('a'), 'two', { ifVersion })
        versions.push(ifVersion, versionOf(swapped, 'put must write when ifVersion is what another store wrote.'))
        must(hasConflict(await writer.put(key('a'), 'three', { ifVersion })), 'A version must not match after a swap.')
        await swapper.delete(key('a'))
      }
      mustBe(
        new Set(versions).size,
        versions.length,
        'Two stores over the same data must never issue the same version.',
      )
    },
    ['another'],
  ),

  storeCheck(
    'one of many concurrent creations or swaps through two stores succeeds',
    async ({ store: one, key, another }) => {
      const stores = [one, await another(one)]
      let version: Version | undefined
      for (let round = 0; round < ROUNDS; round++) {
        const ifVersion = version ?? null
        const results = await atOnce(CONTENDERS, (index) =>
          pick(stores, index).put(key('a'), `${round} by ${index}`, { ifVersion }),
        )
        const written = results.flatMap((result) => ('version' in result ? [result.version] : []))
        mustBe(written.length, 1, `Of ${CONTENDERS} puts through two stores at once, exactly one must write.`)
        version = written[0]
      }
    },
    ['another'],
  ),

  storeCheck(
    'counting through two stores loses no count',
    async ({ store: one, key, another }) => {
      const stores = [one, await another(one)]
      await write(one, key('count'), '0')
      await atOnce(stores.length, async (index) => {
        for (let done = 0; done < INCREMENTS; done++) await increment(pick(stores, index), key('count'))
      })
      const total = String(stores.length * INCREMENTS)
      mustBe((await one.get(key('count')))?.value, total, 'Every put that returns a version must have counted.')
    },
    ['another'],
  ),

  storeCheck(
    'two stores hand out one bucket',
    async ({ store: one, key, another }) => {
      const stores = [one, await another(one)]
      const results = await atOnce(CAPACITY * 4, async (index) => {
        const { take } = pick(stores, index)
        must(take !== undefined, 'A store must have a take if another one over the same data has it.')
        return take.call(pick(stores, index), key('a'), { capacity: CAPACITY, perMs: HOUR_MS, cost: 1 })
      })
      const admitted = results.filter((result) => result.ok).length
      mustBe(admitted, CAPACITY, `Of ${CAPACITY * 4} takes through two stores, exactly ${CAPACITY} must be admitted.`)
    },
    ['another', 'take'],
  ),
]

const bothWays = (one: Store, two: Store): readonly (readonly [Store, Store])[] => [
  [one, two],
  [two, one],
]

function pick(stores: readonly Store[], index: number): Store {
  const store = stores[index % stores.length]
  if (store === undefined) throw new Error('There is a store for each index.')
  return store
}
