import type { Version } from '@mcpclient/core'
import { increment } from './increment.ts'
import { must, mustBe } from '../broken-promise.ts'
import { atOnce, hasConflict, storeCheck, versionOf, write } from './store-check.ts'

const CONTENDERS = 50
const ROUNDS = 10
const WORKERS = 8
const INCREMENTS = 8
const SAME_VERSION = 'A version must never repeat, or a writer with an old one overwrites a value that it has not read.'

export const compareAndSwap = [
  storeCheck('every write makes a new version, even of the same value', async ({ store, key }) => {
    const versions: Version[] = []
    for (const value of ['one', 'one', 'two', 'one']) versions.push(await write(store, key('a'), value))
    mustBe(new Set(versions).size, versions.length, `Each write must make another version. ${SAME_VERSION}`)
  }),

  storeCheck('ifVersion: null writes only if the key is absent', async ({ store, key }) => {
    const first = await store.put(key('a'), 'one', { ifVersion: null })
    const version = versionOf(first, 'put with ifVersion: null must write if the key is absent.')
    const second = await store.put(key('a'), 'two', { ifVersion: null })
    must(hasConflict(second), 'put with ifVersion: null must return a conflict where something is.')
    mustBe(await store.get(key('a')), { value: 'one', version }, 'put that returns a conflict must not write.')
    await store.delete(key('a'))
    versionOf(
      await store.put(key('a'), 'three', { ifVersion: null }),
      'ifVersion: null must write again after a delete.',
    )
  }),

  storeCheck('ifVersion: undefined is no condition', async ({ store, key }) => {
    await write(store, key('a'), 'one')
    versionOf(await store.put(key('a'), 'two', { ifVersion: undefined }), 'ifVersion: undefined must mean: always.')
    must(await store.delete(key('a'), { ifVersion: undefined }), 'delete with ifVersion: undefined must mean: always.')
  }),

  storeCheck('put with a version writes only while that version is stored', async ({ store, key }) => {
    const old = await write(store, key('a'), 'one')
    const swapped = await store.put(key('a'), 'two', { ifVersion: old })
    const version = versionOf(swapped, 'put must write when ifVersion is the stored version.')
    const late = await store.put(key('a'), 'three', { ifVersion: old })
    mustBe(late, { conflict: true }, 'put must return { conflict: true } when ifVersion is not the stored version.')
    mustBe(await store.get(key('a')), { value: 'two', version }, 'put that returns a conflict must not write.')
  }),

  storeCheck('a version creates nothing', async ({ store, key }) => {
    const version = await write(store, key('a'), 'one')
    await store.delete(key('a'))
    for (const name of ['a', 'nobody']) {
      const result = await store.put(key(name), 'two', { ifVersion: version })
      must(hasConflict(result), 'put with a version must return a conflict where nothing is.')
      mustBe(await store.get(key(name)), undefined, 'put that returns a conflict must not write.')
    }
  }),

  storeCheck('a version that the store never issued is a conflict, not an error', async ({ store, key }) => {
    const stored = { value: 'one', version: await write(store, key('a'), 'one') }
    const promise = 'which is not the stored version, must be a conflict.'
    // The forms of a version that is read as a number, compared without case, or rounded.
    const { version } = stored
    const near = [`0${version}`, `${version} `, `${version}.0`, `-${version}`, `${version}\n`, `"${version}"`]
    for (const ifVersion of ['', '0', 'null', 'made elsewhere', '9'.repeat(40), ...near]) {
      const shown = JSON.stringify(ifVersion)
      const swapped = await store.put(key('a'), 'two', { ifVersion }).catch(failed)
      must(swapped !== undefined && hasConflict(swapped), `put with ifVersion ${shown}, ${promise}`)
      const removed = await store.delete(key('a'), { ifVersion }).catch(failed)
      mustBe(removed, false, `delete with ifVersion ${shown}, which is not the stored version, must return false.`)
    }
    mustBe(await store.get(key('a')), stored, 'What returns a conflict must leave everything as it was.')
  }),

  storeCheck('delete with a version removes that version only', async ({ store, key }) => {
    const old = await write(store, key('a'), 'one')
    const version = await write(store, key('a'), 'two')
    must(!(await store.delete(key('a'), { ifVersion: old })), 'delete must return false for an old version.')
    mustBe((await store.get(key('a')))?.value, 'two', 'delete with an old version must not remove.')
    must(await store.delete(key('a'), { ifVersion: version }), 'delete must remove the stored version.')
    mustBe(await store.get(key('a')), undefined, 'delete with the stored version must remove.')
  }),

  storeCheck('a version from before a delete matches nothing that is written after it', async ({ store, key }) => {
    const versions = new Set<Version>()
    let latest: Version | undefined
    for (let life = 0; life < 5; life++) {
      const stale = latest
      latest = await write(store, key('a'), 'one')
      must(!versions.has(latest), `After delete and put the version must be another one than before. ${SAME_VERSION}`)
      versions.add(latest)
      if (stale !== undefined) {
        must(hasConflict(await store.put(key('a'), 'two', { ifVersion: stale })), `${SAME_VERSION} put wrote over it.`)
        must(!(await store.delete(key('a'), { ifVersion: stale })), `${SAME_VERSION} delete removed it.`)
      }
      await store.delete(key('a'))
    }
  }),

  storeCheck('one of many concurrent creations of a key succeeds', async ({ store, key }) => {
    const results = await atOnce(CONTENDERS, (index) => store.put(key('a'), `by ${index}`, { ifVersion: null }))
    const winners = results.flatMap((result, index) => (hasConflict(result) ? [] : [index]))
    mustBe(winners.length, 1, `Of ${CONTENDERS} puts with ifVersion: null at once, exactly one must write.`)
    mustBe((await store.get(key('a')))?.value, `by ${winners[0]}`, 'The value must be the one of the put that wrote.')
  }),

  storeCheck('one of many concurrent swaps of a version succeeds in every round', async ({ store, key }) => {
    let version = await write(store, key('a'), 'start')
    for (let round = 0; round < ROUNDS; round++) {
      const ifVersion = version
      const results = await atOnce(CONTENDERS, (index) => store.put(key('a'), `${round} by ${index}`, { ifVersion }))
      const winners = results.flatMap((result, index) =>
        'version' in result ? [{ index, version: result.version }] : [],
      )
      mustBe(winners.length, 1, `Of ${CONTENDERS} puts with the same version at once, exactly one must write.`)
      const [winner = { index: -1, version }] = winners
      const stored = { value: `${round} by ${winner.index}`, version: winner.version }
      mustBe(await store.get(key('a')), stored, 'The value and the version must be those of the put that wrote.')
      version = winner.version
    }
  }),

  storeCheck('one of many concurrent deletes of a version succeeds', async ({ store, key }) => {
    const ifVersion = await write(store, key('a'), 'one')
    const results = await atOnce(CONTENDERS, () => store.delete(key('a'), { ifVersion }))
    mustBe(results.filter(Boolean).length, 1, `Of ${CONTENDERS} deletes at once, exactly one must return true.`)
  }),

  storeCheck('a swap and a delete of one version do not both succeed', async ({ store, key }) => {
    for (let round = 0; round < ROUNDS; round++) {
      const ifVersion = await write(store, key('a'), 'one')
      const [removed, swapped] = await Promise.all([
        store.delete(key('a'), { ifVersion }),
        store.put(key('a'), 'two', { ifVersion }),
      ])
      must(removed === hasConflict(swapped), 'Of a put and a delete with the same version, exactly one must succeed.')
      mustBe(
        (await store.get(key('a')))?.value,
        removed ? undefined : 'two',
        'The result that succeeded must be the stored one.',
      )
    }
  }),

  storeCheck('counting by compare-and-swap loses no count', async ({ store, key }) => {
    await write(store, key('count'), '0')
    await atOnce(WORKERS, async () => {
      for (let done = 0; done < INCREMENTS; done++) await increment(store, key('count'))
    })
    const total = String(WORKERS * INCREMENTS)
    mustBe((await store.get(key('count')))?.value, total, 'Every put that returns a version must have counted.')
  }),
]

const failed = (): undefined => undefined
