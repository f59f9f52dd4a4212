import { must, mustBe } from '../broken-promise.ts'
import { hasConflict, storeCheck, write } from './store-check.ts'

export const durability = [
  storeCheck(
    'values and versions survive a reopened store',
    async ({ store, key, reopen }) => {
      const version = await write(store, key('a'), 'one')
      const again = await reopen(store)
      mustBe(
        await again.get(key('a')),
        { value: 'one', version },
        'A value must be there after the store was reopened.',
      )
      const swapped = await again.put(key('a'), 'two', { ifVersion: version })
      must(!hasConflict(swapped), 'A version must stay valid while the store is closed.')
    },
    ['reopen'],
  ),

  storeCheck(
    'versions do not repeat when the store is opened again',
    async ({ store, key, reopen }) => {
      const versions = [await write(store, key('a'), 'one'), await write(store, key('a'), 'two')]
      await store.delete(key('a'))
      const again = await reopen(store)
      for (const value of ['three', 'four', 'five']) versions.push(await write(again, key('a'), value))
      const promise = 'A store that was opened again must not repeat a version, not even of a deleted key.'
      mustBe(new Set(versions).size, versions.length, promise)
    },
    ['reopen'],
  ),
]
