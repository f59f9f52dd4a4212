import { DatabaseSync } from 'node:sqlite'
import { createFakeClock } from '@mcpclient/testing'
import { credentialScenarios, storeContract } from '@mcpclient/testing/contract'
import { causeOf, storeKey } from '@mcpclient/core'
import { describe, expect, it } from 'vitest'
import { sqliteStore } from '../src/index.ts'
import { temporaryFolder } from './temporary-folder.ts'

const folder = temporaryFolder()
const contractClock = createFakeClock()
const places = new WeakMap<object, string>()
const open = (file: string) => {
  const store = sqliteStore({ file, clock: contractClock })
  places.set(store, file)
  return store
}
const placeOf = (store: object): string => places.get(store) ?? ''

storeContract(() => open(folder.newFile()), {
  name: 'a SQLite file',
  advance: contractClock.advance,
  durable: async (store) => {
    await store.close?.()
    return open(placeOf(store))
  },
  shared: async (store) => open(placeOf(store)),
})

storeContract(() => sqliteStore({ file: ':memory:', clock: contractClock }), {
  name: 'SQLite in memory',
  advance: contractClock.advance,
})

credentialScenarios(() => open(folder.newFile()), {
  name: 'a SQLite file',
  shared: (store) => open(placeOf(store)),
})

it('separates stores in two tables of one file', async () => {
  const file = folder.newFile()
  const [one, two] = [sqliteStore({ file, table: 'credentials' }), sqliteStore({ file, table: 'state' })]
  await one.put('a', 'mine')
  await one.take('a', { capacity: 1, perMs: 3_600_000, cost: 1 })
  expect(await two.get('a')).toBeUndefined()
  expect(await two.take('a', { capacity: 1, perMs: 3_600_000, cost: 1 })).toEqual({ ok: true, waitMs: 0 })
  expect((await two.list('')).entries).toEqual([])
  await Promise.all([one.close(), two.close()])
})

describe('what has expired', () => {
  const rowsIn = (file: string, table: string): unknown => {
    const database = new DatabaseSync(file)
    const row = database.prepare(`SELECT count(*) AS rows FROM "${table}"`).get()
    database.close()
    return row?.['rows']
  }

  it('is deleted by later writes, although it is never read', async () => {
    const clock = createFakeClock()
    const file = folder.newFile()
    const store = sqliteStore({ file, clock })
    for (let index = 0; index < 50; index++) await store.put(`old/${index}`, 'x', { ttlMs: 1000 })
    await store.put('kept', 'x', { ttlMs: 10_000 })
    await clock.advance(2000)
    for (let index = 0; index < 20; index++) await store.put('new', 'x')
    expect(rowsIn(file, 'entries')).toBe(12)
    for (let index = 0; index < 20; index++) await store.put('new', 'x')
    expect(rowsIn(file, 'entries')).toBe(2)
    await store.close()
  })

  it('includes buckets that are full again', async () => {
    const clock = createFakeClock()
    const file = folder.newFile()
    const store = sqliteStore({ file, clock })
    for (let index = 0; index < 20; index++) await store.take(`${index}`, { capacity: 9, perMs: 900, cost: 1 })
    await clock.advance(101)
    for (let index = 0; index < 20; index++) await store.take('busy', { capacity: 9, perMs: 900, cost: 0 })
    expect(rowsIn(file, 'entries:buckets')).toBe(1)
    await store.close()
  })

  it('follows the wall clock, which all processes and restarts share', async () => {
    const file = folder.newFile()
    const [early, late] = [createFakeClock({ nowMs: 1_000_000 }), createFakeClock({ nowMs: 1_000_500 })]
    const one = sqliteStore({ file, clock: early })
    await one.put('a', 'x', { ttlMs: 500 })
    const two = sqliteStore({ file, clock: late })
    expect([(await one.get('a'))?.value, await two.get('a')]).toEqual(['x', undefined])
    await Promise.all([one.close(), two.close()])
  })
})

describe('a page', () => {
  it('holds 1000 entries by default', async () => {
    const store = sqliteStore({ file: ':memory:' })
    for (let index = 0; index < 1001; index++) await store.put(`k/${String(index).padStart(4, '0')}`, '')
    const { entries, next } = await store.list('k/')
    expect([entries.length, next]).toEqual([1000, 'k/0999'])
  })

  it('ends early if entries are large, and blocks no other process', async () => {
    const file = folder.newFile()
    const store = sqliteStore({ file })
    const large = 'x'.repeat(1_400_000)
    for (let index = 0; index < 8; index++) await store.put(`k/${index}`, large)
    const page = await store.list('k/')
    expect([page.entries.length, page.next]).toEqual([6, 'k/5'])
    expect((await store.list('k/', { after: page.next })).entries.map(({ key }) => key)).toEqual(['k/6', 'k/7'])
    // A page that is not read to its end must not hold a snapshot, or the log could never be written back.
    const other = new DatabaseSync(file)
    expect(other.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()).toMatchObject({ busy: 0, log: 0 })
    other.close()
    await store.close()
  })

  it('ends with the entry that reaches eight million characters', async () => {
    const store = sqliteStore({ file: ':memory:' })
    const large = 'x'.repeat(2_000_000)
    for (let index = 0; index < 5; index++) await store.put(`k/${index}`, large)
    const { entries, next } = await store.list('k/')
    expect([entries.length, next]).toEqual([4, 'k/3'])
    await store.put('k/0', large.slice(1))
    expect((await store.list('k/')).entries).toHaveLength(5)
    await store.close()
  })

  it.each([0, -1, Number.NaN])('rejects a limit of %d', async (limit) => {
    const refused = expect.objectContaining({ code: 'CONFIGURATION_ERROR' })
    await expect(sqliteStore({ file: ':memory:' }).list('', { limit })).rejects.toEqual(refused)
  })
})

describe('a bucket', () => {
  it.each([
    [3, 1000],
    [7, 1000],
    [1000, 1000],
    [10_000, 1000],
  ])('admits exactly its capacity at once, %d in %d ms, however far the epoch is', async (capacity, perMs) => {
    const store = sqliteStore({ file: ':memory:', clock: createFakeClock({ nowMs: 1_767_225_600_123.456 }) })
    let admitted = 0
    while ((await store.take('a', { capacity, perMs, cost: 1 })).ok) admitted++
    expect(admitted).toBe(capacity)
  })

  it('admits its capacity and the refill over a long run, not more', async () => {
    const clock = createFakeClock()
    const store = sqliteStore({ file: ':memory:', clock })
    let admitted = 0
    for (let step = 0; step < 2000; step++) {
      if ((await store.take('a', { capacity: 7, perMs: 1000, cost: 1 })).ok) admitted++
      if (step % 20 === 19) await clock.advance(170)
    }
    expect(admitted).toBe(7 + Math.floor((99 * 170 * 7) / 1000))
  })

  it('neither fills nor blocks when the wall clock is set back', async () => {
    const clock = createFakeClock({ nowMs: 10_000_000 })
    const store = sqliteStore({ file: ':memory:', clock })
    const bucket = { capacity: 2, perMs: 1000, cost: 1 }
    for (let taken = 0; taken < 2; taken++) await store.take('a', bucket)
    clock.setWallClock(5_000_000)
    expect(await store.take('a', bucket)).toEqual({ ok: false, waitMs: 500 })
    await clock.advance(500)
    expect(await store.take('a', bucket)).toEqual({ ok: true, waitMs: 0 })
  })

  it.each([
    { capacity: 0, perMs: 1000, cost: 0 },
    { capacity: 1, perMs: 0, cost: 1 },
    { capacity: 1, perMs: 1000, cost: -1 },
    { capacity: 3, perMs: 1000, cost: 5 },
  ])('is rejected if it is invalid: %o', async (bucket) => {
    const refused = expect.objectContaining({ code: 'CONFIGURATION_ERROR' })
    await expect(sqliteStore({ file: ':memory:' }).take('a', bucket)).rejects.toEqual(refused)
  })
})

describe('a locked file', () => {
  it('is waited for', async () => {
    const clock = createFakeClock()
    const file = folder.newFile()
    const store = sqliteStore({ file, clock })
    const other = new DatabaseSync(file)
    other.exec('BEGIN IMMEDIATE')
    clock.schedule(3000, () => {
      other.exec('COMMIT')
      other.close()
    })
    expect(await clock.until(store.put('a', 'x'))).toHaveProperty('version')
    expect(clock.monotonic()).toBeGreaterThanOrEqual(3000)
    await store.close()
  })

  it('is reported after ten seconds, without the entry', async () => {
    const clock = createFakeClock()
    const file = folder.newFile()
    const store = sqliteStore({ file, clock })
    const other = new DatabaseSync(file)
    other.exec('BEGIN IMMEDIATE')
    const key = storeKey('connection', 'acme')
    const error: unknown = await clock.until(store.put(key, 'secret').catch((reason: unknown) => reason))
    expect(error).toMatchObject({ code: 'TIMEOUT', retryable: true, details: { outcome: 'not_processed' } })
    expect(causeOf(error)).toMatchObject({ errcode: 5 })
    expect(JSON.stringify(error) + String(error)).not.toMatch(/secret|acme/)
    // Reads continue: they need no lock.
    expect(await store.get(key)).toBeUndefined()
    other.close()
    await store.close()
  })
})

it('reports that it was closed, and closes once', async () => {
  const store = sqliteStore({ file: ':memory:' })
  await store.close()
  await store.close()
  await expect(store.get('a')).rejects.toThrow('This store was closed.')
})

it('rejects a ttlMs that is not a number, and treats an infinite one as none', async () => {
  const store = sqliteStore({ file: ':memory:' })
  await expect(store.put('a', 'x', { ttlMs: Number.NaN })).rejects.toThrow('not a number')
  await store.put('a', 'x', { ttlMs: Infinity })
  await store.put('b', 'x', { ttlMs: 0.5 })
  expect(await store.get('a')).toBeDefined()
})
