import { errorOf } from '@mcpclient/testing'
import { describe, expect, it, vi } from 'vitest'
import { encrypted } from '../../src/encryption/encrypted.ts'
import { localKeyring } from '../../src/encryption/local-keyring.ts'
import type { Keyring } from '../../src/encryption/local-keyring.ts'
import type { RotationProgress } from '../../src/encryption/rotation.ts'
import type { KeyProvider } from '../../src/ports/key-provider.ts'
import type { Store } from '../../src/ports/store.ts'
import { FakeKms } from './fake-kms.ts'
import {
  allAreNewest,
  bothKeys,
  dataKeysIn,
  DAY_MS,
  filledStore,
  first,
  keysIn,
  newKeys,
  oldKeys,
  second,
  tenantOf,
  third,
} from './filled-store.ts'

/** Real time for the threads of WebCrypto, with a margin for a busy machine. */
const PATIENCE = { timeout: 30_000 }

describe('a new key-encryption key', () => {
  it('takes over by wrapping the data keys again; no value is changed, and the old key can be removed', async () => {
    const { store, open, fill, readAll, asFilled, keys } = filledStore()
    await fill()
    const safe = open(bothKeys)
    expect(await keysIn(safe)).toEqual(['k1: 4'])
    const before = new Map((await store.list('t')).entries.map(({ key, version }) => [key, version]))
    expect(await safe.rotateKeys()).toEqual({
      finished: true,
      rewrapped: 4,
      created: 0,
      reencrypted: 0,
      skipped: 0,
      foreign: 0,
      failed: 0,
      failures: [],
      dropped: 0,
    })
    expect(await keysIn(safe)).toEqual(['k2: 4'])
    expect(new Map((await store.list('t')).entries.map(({ key, version }) => [key, version]))).toEqual(before)
    expect(await readAll(newKeys)).toEqual(asFilled)
    await open(newKeys).put(keys[0] ?? '', 'written later')
    expect((await store.list('datakey/rotation')).entries).toEqual([])
  })

  it('is not requested a second time', async () => {
    const { open, fill } = filledStore()
    await fill()
    await open().rotateKeys()
    expect(await open().rotateKeys()).toMatchObject({ finished: true, rewrapped: 0 })
  })

  it('leaves a data key to another process that has just changed it, and retries later', async () => {
    const { store, open, fill, readAll, asFilled } = filledStore()
    await fill()
    let meddled = 0
    const shared: Store = {
      ...store,
      async put(key, value, conditions) {
        if (key.startsWith('datakey/tenant/') && meddled < 5) {
          meddled += 1
          await store.put(key, (await store.get(key))?.value ?? '')
        }
        return store.put(key, value, conditions)
      },
    }
    expect(await open(bothKeys, shared).rotateKeys()).toMatchObject({ finished: true, rewrapped: 4 })
    expect(meddled).toBe(5)
    expect(await readAll()).toEqual(asFilled)
  })

  it('changes nothing if it cannot wrap', async () => {
    const { store, clock } = filledStore()
    const kms = new FakeKms()
    const safe = encrypted(store, { keys: kms, tenantOf, clock })
    await safe.put('t1/1', 'one')
    const before = (await store.list('')).entries
    kms.current = 'arn:kms:key/2'
    kms.disabled.add('arn:kms:key/2')
    for (const mode of ['rewrap', 'reencrypt'] as const) {
      expect((await errorOf(safe.rotateKeys({ mode }))).message).toBe('The key provider failed to wrap a data key.')
    }
    expect((await store.list('')).entries).toEqual(before)
  })

  it('is detected if it wraps but cannot unwrap, before a data key is lost', async () => {
    const { store, clock } = filledStore()
    const kms = new FakeKms()
    const safe = encrypted(store, { keys: kms, tenantOf, clock })
    await safe.put('t1/1', 'one')
    const before = (await store.list('')).entries
    kms.current = 'arn:kms:key/2'
    const unwrap = kms.unwrap.bind(kms)
    kms.unwrap = async (wrapped, context) => {
      if (wrapped.keyId === 'arn:kms:key/2') throw new Error('AccessDeniedException')
      return unwrap(wrapped, context)
    }
    expect((await errorOf(safe.rotateKeys())).message).toBe('The key provider failed to unwrap a data key.')
    expect((await store.list('')).entries).toEqual(before)
  })

  it('reports data keys that do not unwrap, leaves them, and wraps them once their key is back', async () => {
    const { open, fill, readAll, asFilled } = filledStore()
    await fill()
    const without: Keyring = { current: 'k3', keys: { k2: second, k3: third } }
    const report = await open(without).rotateKeys()
    expect(report).toMatchObject({ finished: false, rewrapped: 0, failed: 4 })
    expect(report.failures.map(({ key }) => key)).toEqual([
      'datakey/shared',
      'datakey/tenant/t0',
      'datakey/tenant/t1',
      'datakey/tenant/t2',
    ])
    expect(report.failures[0]?.error.message).toContain('wrapped under the unknown key "k1"')
    expect(await keysIn(open(without))).toEqual(['k1: 4'])
    const all: Keyring = { current: 'k3', keys: { k1: first, k3: third } }
    expect(await open(all).rotateKeys()).toMatchObject({ finished: true, rewrapped: 4 })
    expect(await readAll({ current: 'k3', keys: { k3: third } })).toEqual(asFilled)
  })

  it('can be stopped and resumed at every data key', async () => {
    for (let stopAt = 0; stopAt <= 20; stopAt++) {
      const { store, open, fill, readAll, asFilled } = filledStore({ rows: 20, tenants: 20 })
      await fill()
      const stop = new AbortController()
      let wrapped = 0
      if (stopAt === 0) stop.abort()
      const counting: Store = {
        ...store,
        async put(...given) {
          if (++wrapped === stopAt) stop.abort()
          return store.put(...given)
        },
      }
      const report = await open(bothKeys, counting).rotateKeys({ signal: stop.signal })
      expect(report).toMatchObject({ finished: false, failed: 0 })
      expect(await readAll(bothKeys)).toEqual(asFilled)
      const again = await open().rotateKeys()
      expect(again).toMatchObject({ finished: true, rewrapped: 21 - report.rewrapped })
      expect(await readAll(newKeys)).toEqual(asFilled)
    }
  })

  it('replaces a keyring with a key management service, and back', async () => {
    const { store, clock, fill, readAll, asFilled } = filledStore()
    await fill()
    const kms = new FakeKms()
    const ring = localKeyring(oldKeys)
    /** Combines key providers: wraps with one, and unwraps with the one that wrapped. */
    const storeWrappingWith = (current: KeyProvider) =>
      encrypted(store, {
        keys: {
          wrap: (dataKey, context) => current.wrap(dataKey, context),
          unwrap: (wrapped, context) => (wrapped.keyId.startsWith('arn:') ? kms : ring).unwrap(wrapped, context),
        },
        tenantOf,
        clock,
      })
    const moving = storeWrappingWith(kms)
    expect(await moving.rotateKeys()).toMatchObject({ finished: true, rewrapped: 4 })
    expect(await keysIn(moving)).toEqual(['arn:kms:key/1: 4'])
    const moved = encrypted(store, { keys: kms, tenantOf, clock })
    expect((await moved.get('other'))?.value).toBe('value of other')
    const back = storeWrappingWith(ring)
    expect(await back.rotateKeys()).toMatchObject({ finished: true, rewrapped: 4 })
    expect(await readAll(oldKeys)).toEqual(asFilled)
  })
})

describe('new data keys', () => {
  it('re-encrypt every value of every tenant, while the old ones still decrypt', async () => {
    const { store, open, fill, readAll, asFilled, keys } = filledStore()
    await fill()
    const progress: RotationProgress[] = []
    const report = await open().rotateKeys({
      mode: 'reencrypt',
      settleMs: 0,
      onProgress: (now) => progress.push(now),
    })
    expect(report).toEqual({
      finished: true,
      rewrapped: 4,
      created: 4,
      reencrypted: 13,
      skipped: 0,
      foreign: 0,
      failed: 0,
      failures: [],
      dropped: 0,
    })
    expect(await allAreNewest(store, [...keys, 'other'])).toBe(true)
    expect(await dataKeysIn(store, 'tenant/t1')).toMatchObject([{ keyId: 'k2' }, { keyId: 'k2' }])
    expect(await readAll(newKeys)).toEqual(asFilled)
    expect((await store.get('datakey/rotation'))?.value).toBeUndefined()
    expect([...new Set(progress.map(({ phase }) => phase))]).toEqual(['keys', 'values', 'check'])
    expect(progress.at(-1)).toMatchObject({ reencrypted: 13, created: 4 })
  })

  it('are used at once by the process that created them, although the old ones are cached', async () => {
    const { store, open, fill, keys } = filledStore()
    await fill()
    const safe = open()
    for (const key of keys) await safe.put(key, `newer value of ${key}`)
    expect(await safe.rotateKeys({ mode: 'reencrypt', settleMs: 0 })).toMatchObject({ finished: true, reencrypted: 13 })
    expect(await allAreNewest(store, keys)).toBe(true)
    for (const key of keys) await safe.put(key, `newest value of ${key}`)
    expect(await allAreNewest(store, keys)).toBe(true)
  })

  it('skip rows that encrypted() did not write, and count them', async () => {
    const { store, open, fill } = filledStore()
    await fill()
    await store.put('a/state', '{"plain":true}')
    await store.put('z', 'v1')
    expect(await open().rotateKeys({ mode: 'reencrypt', settleMs: 0 })).toMatchObject({ finished: true, foreign: 2 })
    expect((await store.get('a/state'))?.value).toBe('{"plain":true}')
  })

  it('keep the TTL of a row', async () => {
    const { clock, store, open, keys, fill } = filledStore()
    await fill()
    const safe = open(oldKeys)
    await safe.put('short', 'soon gone', { ttlMs: 10_000 })
    await safe.put('long', 'gone later', { ttlMs: DAY_MS })
    await clock.advance(4_000)
    await open().rotateKeys({ mode: 'reencrypt', settleMs: 0 })
    // It can be repeated any number of times.
    await open().rotateKeys({ mode: 'reencrypt', settleMs: 0 })
    expect(await allAreNewest(store, ['short', 'long', ...keys])).toBe(true)
    await clock.advance(5_999)
    expect((await open().get('short'))?.value).toBe('soon gone')
    await clock.advance(1)
    expect(await open().get('short')).toBeUndefined()
    await clock.advance(DAY_MS - 10_001)
    expect((await open().get('long'))?.value).toBe('gone later')
    await clock.advance(1)
    expect(await open().get('long')).toBeUndefined()
    expect((await open().get(keys[0] ?? ''))?.value).toBe(`value of ${keys[0]}`)
  })

  it('skip a row that has expired by the wall clock, which the store will delete', async () => {
    const { clock, store, open, fill } = filledStore({ rows: 1 })
    await fill()
    await open(oldKeys).put('late', 'one', { ttlMs: 60_000 })
    const before = await store.get('late')
    clock.setWallClock(clock.now() + 60_000)
    const report = await open().rotateKeys({ mode: 'reencrypt', settleMs: 0 })
    expect(report).toMatchObject({ finished: true, skipped: 1, reencrypted: 2 })
    expect(await store.get('late')).toEqual(before)
  })

  it('report a row that does not decrypt, leave it unchanged, and continue with the rest', async () => {
    const { store, open, fill, keys, readAll, asFilled } = filledStore()
    await fill()
    const [broken = '', gone = ''] = keys
    const good = (await store.get(broken))?.value ?? ''
    await store.put(broken, `${good.slice(0, -6)}AAAAAA`)
    const lost = (await store.get(gone))?.value ?? ''
    await store.put(gone, lost.replace(/^v1\.[^.]+/, 'v1.0-AAAAAAAA'))
    const report = await open().rotateKeys({ mode: 'reencrypt', settleMs: 0 })
    expect(report).toMatchObject({ finished: false, failed: 2, reencrypted: 11, created: 4 })
    expect(report.failures.map(({ key }) => key)).toEqual([broken, gone])
    expect(report.failures[0]?.error.message).toContain('the row was altered or moved')
    expect(report.failures[1]?.error.message).toContain('of a stored value does not exist')
    // Once the rows are restored, a resumed rotation completes without new data keys.
    await store.put(broken, good)
    await store.put(gone, lost)
    expect(await open().rotateKeys({ mode: 'reencrypt', resume: true, settleMs: 0 })).toMatchObject({
      finished: true,
      failed: 0,
      created: 4,
      reencrypted: 13,
    })
    expect(await readAll(newKeys)).toEqual(asFilled)
  })

  it('are created for a tenant whose old data key is lost: it can be written to again', async () => {
    const { open, fill } = filledStore()
    await fill()
    const without: Keyring = { current: 'k2', keys: { k2: second } }
    expect(await open(without).rotateKeys({ mode: 'reencrypt', settleMs: 0 })).toMatchObject({
      finished: false,
      created: 4,
      failed: 4 + 13,
    })
    await open(without).put('t1/1', 'anew')
    expect((await open(without).get('t1/1'))?.value).toBe('anew')
  })

  it('wait until other processes drop the old ones, and then scan once more', async () => {
    const { clock, store, open, fill, readAll, asFilled, keys } = filledStore()
    await fill()
    const elsewhere = open(bothKeys)
    for (const key of keys) await elsewhere.get(key)
    const run = open().rotateKeys({ mode: 'reencrypt' })
    await vi.waitFor(() => expect(clock.pending).toBe(1), PATIENCE)
    expect(await allAreNewest(store, keys)).toBe(true)
    await clock.advance(299_999)
    // Still encrypted with the old data key, because its process has not read the new one.
    await elsewhere.put(keys[0] ?? '', `value of ${keys[0]}`)
    expect(await allAreNewest(store, keys)).toBe(false)
    await clock.advance(1)
    const report = await run
    expect(report).toMatchObject({ finished: true, reencrypted: 14, failed: 0 })
    expect(clock.pending).toBe(0)
    expect(await allAreNewest(store, keys)).toBe(true)
    expect(await readAll(newKeys)).toEqual(asFilled)
  })

  it('can be stopped while they wait, and keep the remaining wait', async () => {
    const { clock, open, fill, store, keys } = filledStore()
    await fill()
    const stop = new AbortController()
    const run = open().rotateKeys({ mode: 'reencrypt', signal: stop.signal })
    await vi.waitFor(() => expect(clock.pending).toBe(1), PATIENCE)
    await clock.advance(100_000)
    stop.abort()
    const stopped = await run
    expect(stopped).toMatchObject({ finished: false, reencrypted: 13 })
    expect(clock.pending).toBe(0)
    const began = clock.monotonic()
    const again = await clock.until(open().rotateKeys({ mode: 'reencrypt', resume: true }))
    expect(again).toMatchObject({ finished: true, created: 4, reencrypted: 13 })
    expect(clock.monotonic() - began).toBe(200_000)
    expect(clock.pending).toBe(0)
    expect(await allAreNewest(store, keys)).toBe(true)
  })

  it('delete the old ones a day after they were replaced, and not before', async () => {
    const { clock, store, open, fill, readAll, asFilled } = filledStore()
    await fill()
    const rotate = () => open().rotateKeys({ mode: 'reencrypt', settleMs: 0 })
    await rotate()
    await clock.advance(DAY_MS)
    // The first ones were replaced exactly a day ago.
    expect(await rotate()).toMatchObject({ dropped: 0 })
    expect(await dataKeysIn(store, 'shared')).toHaveLength(3)
    await clock.advance(1)
    expect(await rotate()).toMatchObject({ dropped: 4 })
    expect(await dataKeysIn(store, 'shared')).toHaveLength(3)
    await clock.advance(DAY_MS + 1)
    expect(await rotate()).toMatchObject({ dropped: 8 })
    expect(await dataKeysIn(store, 'shared')).toHaveLength(2)
    expect(await readAll(newKeys)).toEqual(asFilled)
  })

  it('are kept for a row that a fast clock treats as expired', async () => {
    const { clock, store, open, fill } = filledStore()
    await fill()
    await open(oldKeys).put('t1/ending', 'still here', { ttlMs: 3 * DAY_MS })
    const rightTime = clock.now()
    for (const days of [4, 8]) {
      clock.setWallClock(rightTime + days * DAY_MS)
      await open().rotateKeys({ mode: 'reencrypt', settleMs: 0 })
    }
    clock.setWallClock(rightTime)
    expect(await dataKeysIn(store, 'tenant/t1')).toHaveLength(3)
    expect(await dataKeysIn(store, 'tenant/t2')).toHaveLength(2)
    expect((await open().get('t1/ending'))?.value).toBe('still here')
  })

  it('are kept while a value uses them, however old', async () => {
    const { clock, store, open, fill, keys } = filledStore()
    await fill()
    const [broken = ''] = keys
    const good = (await store.get(broken))?.value ?? ''
    await store.put(broken, `${good.slice(0, -6)}AAAAAA`)
    for (let time = 0; time < 3; time++) {
      expect(await open().rotateKeys({ mode: 'reencrypt', settleMs: 0 })).toMatchObject({ finished: false, dropped: 0 })
      await clock.advance(2 * DAY_MS)
    }
    await store.put(broken, good)
    expect((await open().get(broken))?.value).toBe(`value of ${broken}`)
  })
})

it('reject a negative wait', async () => {
  const { open } = filledStore()
  expect((await errorOf(open().rotateKeys({ mode: 'reencrypt', settleMs: -1 }))).message).toBe(
    'settleMs must be 0 or more.',
  )
})

it('keep what another process added to the data keys just before they were written', async () => {
  const { store, open, fill, readAll, asFilled } = filledStore()
  await fill()
  const place = 'datakey/tenant/t0'
  let raced = 0
  const racing: Store = {
    ...store,
    async put(key, value, conditions) {
      if (key === place && raced++ === 0) {
        // Another process re-encrypts at the same time, and is faster.
        await open(bothKeys).rotateKeys({ mode: 'reencrypt', settleMs: 0 })
      }
      return store.put(key, value, conditions)
    },
  }
  const report = await open(bothKeys, racing).rotateKeys()
  expect(report).toMatchObject({ finished: true, failed: 0 })
  expect((await dataKeysIn(store, 'tenant/t0')).map(({ keyId }) => keyId)).toEqual(['k2', 'k2'])
  expect(await readAll()).toEqual(asFilled)
})
