import { pagesOf } from './pages.ts'
import { must, mustBe } from '../broken-promise.ts'
import { atOnce, hasConflict, storeCheck, versionOf, write } from './store-check.ts'

/** Long enough for a slow database to respond in between, short enough for a test to wait. */
const TTL_MS = 1000
const SOME_OF_IT_MS = 200
const LONGER_MS = 1500
const HOUR_MS = 3_600_000

export const expiry = [
  storeCheck('a key with a ttlMs reads like any other', async ({ store, key }) => {
    const result = await store.put(key('a'), 'one', { ttlMs: HOUR_MS })
    const version = versionOf(result, 'put with ttlMs must write.')
    mustBe(await store.get(key('a')), { value: 'one', version }, 'A key must be readable until its ttlMs have passed.')
    mustBe((await store.list(key(''))).entries.length, 1, 'A key must be listed until its ttlMs have passed.')
    must(
      hasConflict(await store.put(key('a'), 'two', { ifVersion: null })),
      'Until then ifVersion: null must be a conflict.',
    )
  }),

  storeCheck(
    'a key expires when its ttlMs have passed, and not before',
    async ({ store, key, advance }) => {
      await store.put(key('a'), 'one', { ttlMs: TTL_MS })
      await write(store, key('stays'), 'two')
      await advance(SOME_OF_IT_MS)
      mustBe((await store.get(key('a')))?.value, 'one', `After ${SOME_OF_IT_MS} of ${TTL_MS} ms a key must be there.`)
      await advance(LONGER_MS)
      mustBe(await store.get(key('a')), undefined, 'get must return undefined when the ttlMs have passed.')
      const listed = (await store.list(key(''))).entries.map((entry) => entry.key)
      mustBe(listed, [key('stays')], 'list must show a key without ttlMs, and not one whose ttlMs have passed.')
      must(!(await store.delete(key('a'))), 'delete must return false for a key whose ttlMs have passed.')
    },
    ['advance'],
  ),

  storeCheck(
    'an expired key can be created again by one of many, and its old version matches nothing',
    async ({ store, key, advance }) => {
      const first = versionOf(await store.put(key('a'), 'one', { ttlMs: TTL_MS }), 'put with ttlMs must write.')
      await advance(LONGER_MS)
      const late = await store.put(key('a'), 'late', { ifVersion: first })
      must(hasConflict(late), 'The version of an expired key must not match anymore.')
      const results = await atOnce(20, (index) => store.put(key('a'), `by ${index}`, { ifVersion: null }))
      const winners = results.flatMap((result) => ('version' in result ? [result.version] : []))
      mustBe(winners.length, 1, 'Of 20 puts with ifVersion: null on an expired key at once, exactly one must write.')
      must(winners[0] !== first, 'A key that is created again must get another version than the expired one.')
    },
    ['advance'],
  ),

  storeCheck(
    'a key expires in the exact millisecond in which its ttlMs have passed',
    async ({ store, key, advance }) => {
      for (const name of ['read', 'created', 'taken']) await store.put(key(name), 'one', { ttlMs: TTL_MS })
      await advance(TTL_MS)
      mustBe(await store.get(key('read')), undefined, 'get must return undefined when exactly the ttlMs have passed.')
      const created = await store.put(key('created'), 'two', { ifVersion: null })
      must(!hasConflict(created), 'put with ifVersion: null must write when exactly the ttlMs have passed.')
      must(!(await store.delete(key('taken'))), 'delete must return false when exactly the ttlMs have passed.')
    },
    ['advance'],
  ),

  storeCheck(
    'the last write sets the ttlMs',
    async ({ store, key, advance }) => {
      for (const name of ['kept', 'renewed']) await store.put(key(name), 'one', { ttlMs: TTL_MS })
      await write(store, key('kept'), 'two')
      await store.put(key('renewed'), 'two', { ttlMs: HOUR_MS })
      await write(store, key('ends'), 'one')
      await store.put(key('ends'), 'two', { ttlMs: TTL_MS })
      await advance(LONGER_MS)
      // Some stores remove expired keys on writes.
      await atOnce(20, (index) => write(store, key(`other ${index}`), 'three'))
      mustBe((await store.get(key('kept')))?.value, 'two', 'put without ttlMs must clear the ttlMs.')
      mustBe((await store.get(key('renewed')))?.value, 'two', 'put with ttlMs must start new ttlMs.')
      mustBe(await store.get(key('ends')), undefined, 'put with ttlMs must limit a key that had no ttlMs.')
    },
    ['advance'],
  ),

  storeCheck(
    'a swap sets the ttlMs like any other write',
    async ({ store, key, advance }) => {
      const swap = async (name: string, ttlMs?: number): Promise<void> => {
        const stored = await store.put(key(name), 'one', {
          ifVersion: null,
          ttlMs: name === 'ends' ? undefined : TTL_MS,
        })
        const ifVersion = versionOf(stored, 'put with ifVersion: null must write if the key is absent.')
        versionOf(
          await store.put(key(name), 'two', { ifVersion, ttlMs }),
          'put must write when ifVersion is the stored one.',
        )
      }
      await swap('kept')
      await swap('renewed', HOUR_MS)
      await swap('ends', TTL_MS)
      await advance(LONGER_MS)
      mustBe((await store.get(key('kept')))?.value, 'two', 'A swap without ttlMs must clear the ttlMs.')
      mustBe((await store.get(key('renewed')))?.value, 'two', 'A swap with ttlMs must start new ttlMs.')
      mustBe(await store.get(key('ends')), undefined, 'A swap with ttlMs must limit a key that had no ttlMs.')
    },
    ['advance'],
  ),

  storeCheck(
    'expired keys neither fill a page nor end a list',
    async ({ store, key, advance }) => {
      const names = Array.from({ length: 12 }, (_, index) => `n${String(index).padStart(2, '0')}`)
      const staying = names.filter((_, index) => index % 6 === 5)
      for (const name of names) {
        await store.put(key(name), 'one', staying.includes(name) ? {} : { ttlMs: TTL_MS })
      }
      await advance(LONGER_MS)
      const seen: string[] = []
      for await (const page of pagesOf(store, key(''), 2)) seen.push(...page)
      mustBe(seen, staying, 'Paging must continue to the last key, however many on the way have expired.')
    },
    ['advance'],
  ),

  storeCheck(
    'a conflict does not change the ttlMs',
    async ({ store, key, advance }) => {
      await write(store, key('stays'), 'one')
      await store.put(key('ends'), 'one', { ttlMs: TTL_MS })
      await store.put(key('stays'), 'two', { ifVersion: null, ttlMs: TTL_MS })
      await store.put(key('ends'), 'two', { ifVersion: null })
      await advance(LONGER_MS)
      mustBe((await store.get(key('stays')))?.value, 'one', 'put that returns a conflict must set no ttlMs.')
      mustBe(await store.get(key('ends')), undefined, 'put that returns a conflict must not clear the ttlMs.')
    },
    ['advance'],
  ),
]
