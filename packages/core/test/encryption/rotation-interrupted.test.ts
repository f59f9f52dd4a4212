import { errorOf } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import type { RotationProgress } from '../../src/encryption/rotation.ts'
import { ConnectorError } from '../../src/errors/connector-error.ts'
import type { Store } from '../../src/ports/store.ts'
import { allAreNewest, bothKeys, dataKeysIn, filledStore, newKeys } from './filled-store.ts'

describe('a rotation that is stopped and resumed', () => {
  const rows = 30

  it('ends at every write as if it had never been stopped', async () => {
    let finishedWhole = false
    for (let stopAt = 1; !finishedWhole; stopAt++) {
      const { store, open, fill, readAll, asFilled, keys } = filledStore({ rows, tenants: 11 })
      await fill()
      const stop = new AbortController()
      let writes = 0
      const counting: Store = {
        ...store,
        async put(...given) {
          if (++writes === stopAt) stop.abort()
          return store.put(...given)
        },
      }
      const one = await open(bothKeys, counting).rotateKeys({ mode: 'reencrypt', settleMs: 0, signal: stop.signal })
      expect(await readAll(bothKeys)).toEqual(asFilled)
      finishedWhole = one.finished
      if (one.finished) {
        expect(stopAt).toBeGreaterThan(rows)
        break
      }
      const two = await open().rotateKeys({ mode: 'reencrypt', settleMs: 0, resume: true })
      expect(two).toMatchObject({ finished: true, created: 12, rewrapped: 12, reencrypted: rows + 1, failed: 0 })
      expect(await allAreNewest(store, keys)).toBe(true)
      for (const place of ['shared', 'tenant/t0', 'tenant/t10']) {
        expect(await dataKeysIn(store, place)).toHaveLength(2)
      }
      expect(await readAll(newKeys)).toEqual(asFilled)
    }
  })

  it('loses nothing after a crash at any request to the store, and completes', async () => {
    let finishedWhole = false
    for (let crashAt = 1; !finishedWhole; crashAt++) {
      const { store, open, fill, readAll, asFilled, keys } = filledStore({ rows: 10 })
      await fill()
      const crashing = crashingAt(store, crashAt)
      const outcome = await open(bothKeys, crashing)
        .rotateKeys({ mode: 'reencrypt', settleMs: 0 })
        .catch((error: unknown) => String(error))
      finishedWhole = typeof outcome !== 'string'
      if (typeof outcome === 'string') expect(outcome).toContain('the process died')
      expect(await readAll(bothKeys)).toEqual(asFilled)
      const report = await open().rotateKeys({ mode: 'reencrypt', settleMs: 0, resume: true })
      expect(report).toMatchObject({ finished: true, failed: 0 })
      expect(await allAreNewest(store, keys)).toBe(true)
      expect(await readAll(newKeys)).toEqual(asFilled)
    }
  })

  it('stops at once if the store fails, and continues when it is called again', async () => {
    const { store, open, fill, readAll, asFilled, keys } = filledStore()
    await fill()
    let values = 0
    const failing: Store = {
      ...store,
      async put(key, ...rest) {
        if (!key.startsWith('datakey/') && ++values === 3) throw new Error('the connection to the database was reset')
        return store.put(key, ...rest)
      },
    }
    const rotate = () => open(bothKeys, failing).rotateKeys({ mode: 'reencrypt', settleMs: 0, resume: true })
    await expect(rotate()).rejects.toThrow('the connection to the database was reset')
    expect(await rotate()).toMatchObject({ finished: true, created: 4, failed: 0 })
    expect(await allAreNewest(store, keys)).toBe(true)
    expect(await readAll(newKeys)).toEqual(asFilled)
  })

  it('does not treat data keys as created if the store fails while they are created', async () => {
    for (const error of [new Error('reset'), new ConnectorError('MCP_CONNECTION_ERROR', 'reset')]) {
      const { store, open, fill, keys } = filledStore()
      await fill()
      let failed = false
      const failing: Store = {
        ...store,
        async get(key) {
          if (!failed && key === 'datakey/tenant/t1') {
            failed = true
            throw error
          }
          return store.get(key)
        },
      }
      const rotate = () => open(bothKeys, failing).rotateKeys({ mode: 'reencrypt', settleMs: 0, resume: true })
      const report = await rotate().catch(rotate)
      expect(report).toMatchObject({ finished: true, failed: 0 })
      for (const place of ['shared', 'tenant/t0', 'tenant/t1', 'tenant/t2']) {
        expect((await dataKeysIn(store, place)).length).toBeGreaterThanOrEqual(2)
      }
      expect(await allAreNewest(store, keys)).toBe(true)
    }
  })

  it('creates the new data key once an altered one is restored', async () => {
    const { store, open, fill, keys, readAll, asFilled } = filledStore()
    await fill()
    const good = (await store.get('datakey/tenant/t1'))?.value ?? ''
    await store.put('datakey/tenant/t1', good.replace('"keys"', '"kays"'))
    const rotate = () => open().rotateKeys({ mode: 'reencrypt', settleMs: 0, resume: true })
    for (let time = 0; time < 2; time++) {
      expect(await rotate()).toMatchObject({ finished: false, created: 3, failed: 5 })
    }
    await store.put('datakey/tenant/t1', good)
    expect(await rotate()).toMatchObject({ finished: true, created: 4, reencrypted: 13, failed: 0 })
    expect(await dataKeysIn(store, 'tenant/t1')).toHaveLength(2)
    expect(await allAreNewest(store, keys)).toBe(true)
    expect(await readAll(newKeys)).toEqual(asFilled)
  })

  it('starts nothing new: only running requests complete', async () => {
    for (const mode of ['rewrap', 'reencrypt'] as const) {
      const { store, open, fill } = filledStore({ rows: 60, tenants: 50 })
      await fill()
      const stop = new AbortController()
      let later = 0
      const counting: Store = {
        ...store,
        async put(key, ...rest) {
          if (stop.signal.aborted && key !== 'datakey/rotation') later += 1
          if (key !== 'datakey/rotation') stop.abort()
          return store.put(key, ...rest)
        },
      }
      await open(bothKeys, counting).rotateKeys({ mode, settleMs: 0, signal: stop.signal })
      expect(later).toBeGreaterThan(0)
      expect(later).toBeLessThan(8)
    }
  })

  it('starts again without resume, because a leak may have happened in between', async () => {
    const { store, open, fill } = filledStore()
    await fill()
    const stop = new AbortController()
    const onProgress = ({ phase }: RotationProgress): void => {
      if (phase === 'values') stop.abort()
    }
    const first = await open().rotateKeys({ mode: 'reencrypt', settleMs: 0, signal: stop.signal, onProgress })
    expect(first).toMatchObject({ finished: false, created: 4 })
    expect(await open().rotateKeys({ mode: 'reencrypt', settleMs: 0 })).toMatchObject({ finished: true, created: 4 })
    expect(await dataKeysIn(store, 'shared')).toHaveLength(3)
  })

  it('starts if there is nothing to resume', async () => {
    const { open, fill } = filledStore()
    await fill()
    const report = await open().rotateKeys({ mode: 'reencrypt', settleMs: 0, resume: true })
    expect(report).toMatchObject({ finished: true, created: 4, reencrypted: 13 })
  })

  it.each(['nonsense', 'null', '{"format":"v9"}'])('does not guess from the checkpoint %j', async (checkpoint) => {
    const { store, open, fill } = filledStore()
    await fill()
    await store.put('datakey/rotation', checkpoint)
    const error = await errorOf(open().rotateKeys({ mode: 'reencrypt', resume: true }))
    expect(error.advice).toContain('rotateKeys() without resume')
    expect(await open().rotateKeys({ mode: 'reencrypt', settleMs: 0 })).toMatchObject({ finished: true })
  })

  it('continues across pages', async () => {
    const { store, open, fill, readAll, asFilled, keys } = filledStore({ rows: 450, tenants: 130 })
    await fill()
    const stop = new AbortController()
    let pages = 0
    const onProgress = (): void => {
      if (++pages === 6) stop.abort()
    }
    const one = await open().rotateKeys({ mode: 'reencrypt', settleMs: 0, signal: stop.signal, onProgress })
    expect(one.finished).toBe(false)
    expect(one.reencrypted).toBeGreaterThan(0)
    const two = await open().rotateKeys({ mode: 'reencrypt', settleMs: 0, resume: true })
    expect(two).toMatchObject({ finished: true, created: 131, reencrypted: 451, skipped: 0 })
    expect(await allAreNewest(store, keys)).toBe(true)
    expect(await readAll(newKeys)).toEqual(asFilled)
  })
})

/** Returns a store that crashes the process from this request on: half of the time after executing it. */
function crashingAt(store: Store, request: number): Store {
  let requests = 0
  const count = async <Answer>(work: () => Promise<Answer>): Promise<Answer> => {
    requests += 1
    if (requests > request || (requests === request && request % 2 === 0)) throw new Error('the process died')
    const answer = await work()
    if (requests >= request && request % 2 === 1) throw new Error('the process died')
    return answer
  }
  return {
    get: (...given) => count(() => store.get(...given)),
    put: (...given) => count(() => store.put(...given)),
    delete: (...given) => count(() => store.delete(...given)),
    list: (...given) => count(() => store.list(...given)),
  }
}

describe('a rotation under load', () => {
  it('loses to a write between the read and the write of a row, whose value uses the new key', async () => {
    const { store, open, fill, readAll, asFilled, keys } = filledStore()
    await fill()
    const expected = new Map(asFilled)
    const app = open(bothKeys)
    const meddled = new Set<string>()
    const busy: Store = {
      ...store,
      async put(key, value, conditions) {
        if (!key.startsWith('datakey/') && !meddled.has(key)) {
          meddled.add(key)
          expected.set(key, `newer value of ${key}`)
          await app.put(key, `newer value of ${key}`)
        }
        return store.put(key, value, conditions)
      },
    }
    const report = await open(bothKeys, busy).rotateKeys({ mode: 'reencrypt', settleMs: 0 })
    expect(meddled.size).toBe(13)
    expect(report).toMatchObject({ finished: true, failed: 0 })
    expect(await readAll(newKeys)).toEqual(expected)
    expect(await allAreNewest(store, keys)).toBe(true)
  })

  it('keeps a row deleted that is deleted in between', async () => {
    const { store, open, fill, readAll } = filledStore()
    await fill()
    const app = open(bothKeys)
    const busy: Store = {
      ...store,
      async put(key, value, conditions) {
        if (!key.startsWith('datakey/')) await app.delete(key)
        return store.put(key, value, conditions)
      },
    }
    const report = await open(bothKeys, busy).rotateKeys({ mode: 'reencrypt', settleMs: 0 })
    expect(report).toMatchObject({ finished: true, reencrypted: 0, skipped: 13 })
    expect(await readAll(newKeys)).toEqual(new Map())
  })

  it('reports a row that changes each time, and does not overwrite it', async () => {
    const { store, open, fill, readAll, keys } = filledStore()
    await fill()
    // A process that still uses the old data key.
    const stale = open(bothKeys)
    const [hot = ''] = keys
    await stale.get(hot)
    let writes = 0
    const busy: Store = {
      ...store,
      async put(key, value, conditions) {
        if (key === hot) await stale.put(hot, `write ${++writes}`)
        return store.put(key, value, conditions)
      },
    }
    const report = await open(bothKeys, busy).rotateKeys({ mode: 'reencrypt', settleMs: 0 })
    expect(report).toMatchObject({ finished: false, failed: 1 })
    expect(report.failures[0]).toMatchObject({ key: hot, error: { code: 'API_INTERNAL_ERROR' } })
    expect((await readAll(bothKeys)).get(hot)).toBe(`write ${writes}`)
  })

  it('includes tenants that appear meanwhile', async () => {
    const { store, open, fill, readAll, asFilled } = filledStore()
    await fill()
    const app = open(bothKeys)
    const expected = new Map(asFilled)
    const onProgress = async ({ phase }: RotationProgress): Promise<void> => {
      const key = `tnew-${phase}/1`
      expected.set(key, phase)
      await app.put(key, phase)
    }
    const waits: Promise<void>[] = []
    const report = await open().rotateKeys({
      mode: 'reencrypt',
      settleMs: 0,
      onProgress: (progress) => waits.push(onProgress(progress)),
    })
    await Promise.all(waits)
    expect(report.finished).toBe(true)
    expect(await readAll(newKeys)).toEqual(expected)
    expect(await allAreNewest(store, [...expected.keys()])).toBe(true)
  })

  it('keeps compare-and-swap working for the application: a rotated version is a conflict', async () => {
    const { open, fill, keys } = filledStore()
    await fill()
    const [key = ''] = keys
    const app = open(bothKeys)
    const before = await app.get(key)
    await open().rotateKeys({ mode: 'reencrypt', settleMs: 0 })
    expect(await app.put(key, 'stale', { ifVersion: before?.version })).toEqual({ conflict: true })
    const now = await app.get(key)
    expect(await app.put(key, 'fresh', { ifVersion: now?.version })).toHaveProperty('version')
  })

  it('ends with every value under its tenant’s newest data key if two run at once, after one more scan', async () => {
    const { store, open, fill, readAll, asFilled, keys } = filledStore()
    await fill()
    const reports = await Promise.all([
      open().rotateKeys({ mode: 'reencrypt', settleMs: 0 }),
      open().rotateKeys({ mode: 'reencrypt', settleMs: 0 }),
    ])
    expect(reports.map(({ failed }) => failed)).toEqual([0, 0])
    expect(await readAll(newKeys)).toEqual(asFilled)
    await open().rotateKeys({ mode: 'reencrypt', settleMs: 0 })
    expect(await allAreNewest(store, keys)).toBe(true)
  })
})
