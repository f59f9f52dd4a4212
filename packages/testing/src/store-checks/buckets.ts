import { unfitKeys } from './unfit-keys.ts'
import { must, mustBe } from '../broken-promise.ts'
import { atOnce, codeOf, refusalOf, storeCheck, write } from './store-check.ts'

const HOUR_MS = 3_600_000
const CAPACITY = 10
/** A refill so slow that no token returns while a check runs. */
const slow = { capacity: CAPACITY, perMs: HOUR_MS, cost: 1 }
const quick = { capacity: CAPACITY, perMs: 4000, cost: 1 }
const QUARTER_MS = 1000

export const buckets = [
  storeCheck(
    'take hands out a full bucket, and not one more, however many ask at once',
    async ({ take, key }) => {
      const results = await atOnce(CAPACITY * 5, () => take(key('a'), slow))
      const admitted = results.filter((result) => result.ok).length
      mustBe(admitted, CAPACITY, `Of ${CAPACITY * 5} takes at once, exactly ${CAPACITY} must be admitted.`)
      const waits = results.filter((result) => !result.ok).map((result) => result.waitMs)
      must(
        waits.every((waitMs) => waitMs > 0 && waitMs <= HOUR_MS),
        'A refused take must say how long to wait.',
      )
      must(!(await take(key('a'), slow)).ok, 'An empty bucket must refuse.')
    },
    ['take'],
  ),

  storeCheck(
    'take counts the cost',
    async ({ take, key }) => {
      mustBe(await take(key('a'), { ...slow, cost: 6 }), { ok: true, waitMs: 0 }, 'A cost that fits must be admitted.')
      must(!(await take(key('a'), { ...slow, cost: 6 })).ok, 'A cost above what is left must be refused.')
      must((await take(key('a'), { ...slow, cost: 3 })).ok, 'A refused take must take nothing.')
      must(!(await take(key('a'), { ...slow, cost: 2 })).ok, 'A cost above what is left must be refused.')
    },
    ['take'],
  ),

  storeCheck(
    'take refuses what cannot be a key',
    async ({ take, key }) => {
      for (const [shown, unfit] of unfitKeys(key)) {
        const code = codeOf(await refusalOf(take(unfit, slow)))
        mustBe(code, 'INVALID_INPUT', `take of ${shown} must be refused, as put refuses it.`)
      }
    },
    ['take'],
  ),

  storeCheck(
    'each key has a bucket of its own, apart from the values',
    async ({ take, store, key }) => {
      const version = await write(store, key('a'), 'one')
      await atOnce(CAPACITY, () => take(key('a'), slow))
      must(!(await take(key('a'), slow)).ok, 'An empty bucket must refuse.')
      must((await take(key('b'), slow)).ok, 'A bucket must not be emptied by takes from another one.')
      mustBe(await store.get(key('a')), { value: 'one', version }, 'take must not touch the value under the same key.')
      const listed = (await store.list(key(''))).entries.map((entry) => entry.key)
      mustBe(listed, [key('a')], 'list must show values, and no buckets.')
    },
    ['take'],
  ),

  storeCheck(
    'a bucket refills with time, never above its capacity, and waitMs keeps its word',
    async ({ take, key, advance }) => {
      const drain = async (name: string): Promise<number> =>
        (await atOnce(CAPACITY * 2, () => take(key(name), quick))).filter((result) => result.ok).length
      mustBe(await drain('a'), CAPACITY, 'A new bucket must be full.')
      // The first assertion detects a bucket that saves more than its capacity, the second one that refills too slowly.
      for (const cost of [1, 2]) await take(key(`without ${cost}`), { ...quick, cost })
      await advance(QUARTER_MS)
      for (const cost of [1, 2]) {
        const promise = `After a quarter of perMs a bucket that lacked ${cost} of ${CAPACITY} must be full, and hold no more.`
        mustBe(await drain(`without ${cost}`), CAPACITY, promise)
      }
      must(
        (await drain('a')) <= CAPACITY / 2,
        'After a quarter of perMs a bucket must hold a quarter, not half or more.',
      )
      let refused = await take(key('a'), quick)
      // On a slow machine a token may have returned meanwhile.
      for (let tries = 0; refused.ok && tries < CAPACITY * 2; tries++) refused = await take(key('a'), quick)
      must(!refused.ok, 'An empty bucket must refuse.')
      await advance(refused.waitMs)
      must((await take(key('a'), quick)).ok, 'After waitMs the take must be admitted.')
    },
    ['take', 'advance'],
  ),
]
