import { PGlite } from '@electric-sql/pglite'
import { createFakeClock } from '@mcpclient/testing'
import { credentialScenarios, storeContract } from '@mcpclient/testing/contract'
import { describe, expect, it } from 'vitest'
import { migrate, postgresStore } from '../src/index.ts'
import { queryThrough } from '../src/postgres-client.ts'
import { statementsOver } from '../src/statements.ts'
import { namesOf } from '../src/tables.ts'

const LIMIT = { timeout: 30_000 }
const contractClock = createFakeClock()
const database = new PGlite()
await database.waitReady
const ask = queryThrough(database)
await migrate(database)

const contractStore = () => postgresStore(database, { clock: contractClock })
storeContract(contractStore, {
  name: 'PGlite',
  advance: contractClock.advance,
  durable: async () => contractStore(),
  shared: async () => contractStore(),
})

let tables = 0
credentialScenarios(
  async () => {
    const place = { table: `scenario_${String(++tables)}` }
    await migrate(database, place)
    return postgresStore(database, place)
  },
  { name: 'PGlite' },
)

const countOf = async (table: string, pattern: string): Promise<unknown> => {
  const [row] = await ask(`select count(*)::text as rows from mcpclient.${table} where key like '${pattern}'`)
  return row?.['rows']
}

describe('what has expired', LIMIT, () => {
  it('is deleted by later writes, although it is never read', async () => {
    const clock = createFakeClock()
    const store = postgresStore(database, { clock })
    for (let index = 0; index < 50; index++) await store.put(`old/${index}`, 'x', { ttlMs: 1000 })
    await store.put('old/kept', 'x', { ttlMs: 10_000_000 })
    await clock.advance(2000)
    for (let index = 0; index < 20; index++) await store.put('new', 'x')
    expect(await countOf('entries', 'old/%')).toBe('11')
    for (let index = 0; index < 10; index++) await store.put('new', 'x')
    expect(await countOf('entries', 'old/%')).toBe('1')
  })

  it('includes buckets that are full again', async () => {
    const clock = createFakeClock()
    const store = postgresStore(database, { clock })
    for (let index = 0; index < 20; index++) await store.take(`full/${index}`, { capacity: 9, perMs: 900, cost: 1 })
    await clock.advance(101)
    for (let index = 0; index < 20; index++) await store.take('busy', { capacity: 9, perMs: 900, cost: 0 })
    expect(await countOf('entries_buckets', 'full/%')).toBe('0')
  })
})

describe('a page', LIMIT, () => {
  it('is read from the index, from its first key to its last', async () => {
    await ask(`insert into mcpclient.entries (key, value, version)
      select 'many/' || number, 'x', gen_random_uuid() from generate_series(1, 20000) as number`)
    await ask('analyze mcpclient.entries')
    const { list } = statementsOver(namesOf({}))
    const plan = await ask(`explain ${list}`, ['many/19', 'many0', '', 100, null, 8_000_000])
    const text = plan.map((row) => row['QUERY PLAN']).join('\n')
    expect(text).toMatch(/Index Scan using entries_pkey/)
    expect(text).toMatch(/Index Cond: \(\(key >= 'many\/19'::text\) AND \(key < 'many0'::text\)\)/)
    expect(text).not.toMatch(/Seq Scan/)
    const store = postgresStore(database)
    const { entries, next } = await store.list('many/')
    expect([entries.length, entries[0]?.key, next]).toEqual([1000, 'many/1', entries[999]?.key])
    await ask(`delete from mcpclient.entries where key like 'many/%'`)
  })

  it('ends early if entries are large', async () => {
    const store = postgresStore(database)
    const large = 'x'.repeat(1_400_000)
    for (let index = 0; index < 8; index++) await store.put(`large/${index}`, large)
    const page = await store.list('large/')
    expect([page.entries.length, page.next]).toEqual([6, 'large/5'])
    expect((await store.list('large/', { after: page.next })).entries.map(({ key }) => key)).toEqual([
      'large/6',
      'large/7',
    ])
  })

  it.each([0, -1, Number.NaN])('rejects a limit of %d', async (limit) => {
    const refused = expect.objectContaining({ code: 'CONFIGURATION_ERROR' })
    await expect(postgresStore(database).list('', { limit })).rejects.toEqual(refused)
  })

  it('returns all entries for a limit above the maximum', async () => {
    const store = postgresStore(database)
    await store.put('infinite/a', 'x')
    expect((await store.list('infinite/', { limit: Infinity })).entries).toHaveLength(1)
    expect((await store.list('infinite/', { limit: 1.5 })).entries).toHaveLength(1)
  })
})

describe('a bucket', LIMIT, () => {
  it.each([
    [3, 1000],
    [7, 1000],
    [500, 1000],
  ])('admits exactly its capacity at once, %d in %d ms, however far the epoch is', async (capacity, perMs) => {
    const store = postgresStore(database, { clock: createFakeClock({ nowMs: 1_767_225_600_123.456 }) })
    let admitted = 0
    while ((await store.take(`exact/${capacity}`, { capacity, perMs, cost: 1 })).ok) admitted++
    expect(admitted).toBe(capacity)
  })

  it('admits its capacity and the refill over a long run, not more', async () => {
    const clock = createFakeClock()
    const store = postgresStore(database, { clock })
    let admitted = 0
    for (let step = 0; step < 1000; step++) {
      if ((await store.take('long', { capacity: 7, perMs: 1000, cost: 1 })).ok) admitted++
      if (step % 20 === 19) await clock.advance(170)
    }
    expect(admitted).toBe(7 + Math.floor((49 * 170 * 7) / 1000))
  })

  // The start of the statement is its time, and it may have waited for another one since.
  it('counts no time twice when an older take follows a newer one', async () => {
    const clock = createFakeClock({ nowMs: 10_000_000 })
    const store = postgresStore(database, { clock })
    const bucket = { capacity: 10, perMs: 1000, cost: 1 }
    for (let taken = 0; taken < 10; taken++) await store.take('order', bucket)
    // Half a token comes back in this time, however often it is looked at.
    for (let round = 0; round < 10; round++) {
      clock.setWallClock(10_000_050)
      expect(await store.take('order', bucket)).toEqual({ ok: false, waitMs: 50 })
      clock.setWallClock(10_000_000)
      expect(await store.take('order', bucket)).toEqual({ ok: false, waitMs: 100 })
    }
  })

  it('neither fills nor blocks when the clock is set back', async () => {
    const clock = createFakeClock({ nowMs: 10_000_000 })
    const store = postgresStore(database, { clock })
    const bucket = { capacity: 2, perMs: 1000, cost: 1 }
    for (let taken = 0; taken < 2; taken++) await store.take('back', bucket)
    clock.setWallClock(5_000_000)
    const refused = await store.take('back', bucket)
    expect(refused.ok).toBe(false)
    expect(refused.waitMs).toBeLessThanOrEqual(1500)
    await clock.advance(refused.waitMs)
    expect(await store.take('back', bucket)).toEqual({ ok: true, waitMs: 0 })
  })

  it.each([
    { capacity: 0, perMs: 1000, cost: 0 },
    { capacity: 1, perMs: 0, cost: 1 },
    { capacity: 1, perMs: 1000, cost: -1 },
    { capacity: Infinity, perMs: 1000, cost: 1 },
    { capacity: 3, perMs: 1000, cost: 5 },
  ])('is rejected if it is invalid: %o', async (bucket) => {
    const refused = expect.objectContaining({ code: 'CONFIGURATION_ERROR' })
    await expect(postgresStore(database).take('a', bucket)).rejects.toEqual(refused)
  })
})

it('rejects a ttlMs that is not a number, and treats an infinite one as none', async () => {
  const store = postgresStore(database)
  await expect(store.put('ttl/a', 'x', { ttlMs: Number.NaN })).rejects.toThrow('not a number')
  for (const ttlMs of [Infinity, 1e300]) {
    await store.put('ttl/a', 'x', { ttlMs })
    expect(await store.get('ttl/a')).toBeDefined()
  }
  await store.put('ttl/a', 'x', { ttlMs: -1e300 })
  expect(await store.get('ttl/a')).toBeUndefined()
})

it('never closes the client of the host', () => {
  expect(postgresStore(database).close).toBeUndefined()
})
