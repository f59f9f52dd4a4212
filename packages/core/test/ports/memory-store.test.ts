import { createFakeClock } from '@mcpclient/testing'
import { storeContract } from '@mcpclient/testing/contract'
import { describe, expect, it } from 'vitest'
import { ConnectorError } from '../../src/errors/connector-error.ts'
import { memoryStore } from '../../src/ports/memory-store.ts'
import { keySegments, listAll, storeKey } from '../../src/ports/store.ts'

const clock = createFakeClock()
storeContract(() => memoryStore({ clock }), {
  name: 'the memory store',
  advance: clock.advance,
  // The store stays open as long as the process.
  durable: async (store) => store,
})

it('sets no timers', async () => {
  const time = createFakeClock()
  const store = memoryStore({ clock: time })
  await store.put('a', 'one', { ttlMs: 1000 })
  await store.take?.('a', { capacity: 1, perMs: 1000, cost: 1 })
  expect(time.pending).toBe(0)
})

it('a jump of the wall clock expires nothing', async () => {
  const time = createFakeClock()
  const store = memoryStore({ clock: time })
  await store.put('a', 'one', { ttlMs: 1000 })
  time.setWallClock(time.now() + 86_400_000)
  expect((await store.get('a'))?.value).toBe('one')
})

it('a version from before a restart of the process matches no later row', async () => {
  const time = createFakeClock()
  const before = await memoryStore({ clock: time }).put('a', 'one')
  await time.advance(1)
  const store = memoryStore({ clock: time })
  const after = await store.put('a', 'one')
  expect(after).not.toEqual(before)
})

it('expired rows are deleted by later writes, even if they are never read', async () => {
  const time = createFakeClock()
  const store = memoryStore({ clock: time })
  for (let index = 0; index < 1000; index++) await store.put(`old/${index}`, 'x', { ttlMs: 1000 })
  await time.advance(2000)
  for (let index = 0; index < 1000; index++) await store.put('new', 'x')
  // A backward step of the clock would make rows visible again that are only hidden.
  time.monotonic = () => 0
  expect((await store.list('old/')).entries).toEqual([])
})

it('a page has 1000 entries by default', async () => {
  const store = memoryStore()
  for (let index = 0; index < 1001; index++) await store.put(`k/${String(index).padStart(4, '0')}`, '')
  const { entries, next } = await store.list('k/')
  expect([entries.length, next]).toEqual([1000, 'k/0999'])
  const all: string[] = []
  for await (const { key } of listAll(store, 'k/')) all.push(key)
  expect([all.length, all.at(-1)]).toEqual([1001, 'k/1000'])
})

describe('the memory store', () => {
  const configurationError = expect.objectContaining({ code: 'CONFIGURATION_ERROR' })

  it.each([0, -1, Number.NaN])('rejects a page of %d', async (limit) => {
    await expect(memoryStore().list('', { limit })).rejects.toEqual(configurationError)
  })

  it('rejects a cost that is above the capacity', async () => {
    const error: unknown = await memoryStore()
      .take?.('a', { capacity: 3, perMs: 1000, cost: 5 })
      .catch((reason: unknown) => reason)
    expect(ConnectorError.is(error)).toBe(true)
    expect(String(error)).toContain('A cost of 5 exceeds the capacity of 3.')
  })

  it.each([
    { capacity: 0, perMs: 1000, cost: 0 },
    { capacity: 1, perMs: 0, cost: 1 },
    { capacity: 1, perMs: 1000, cost: -1 },
    { capacity: Number.NaN, perMs: 1000, cost: 1 },
  ])('rejects the bucket %o', async (bucket) => {
    await expect(memoryStore().take?.('a', bucket)).rejects.toEqual(configurationError)
  })
})

describe('buckets', () => {
  it.each([
    [3, 1000],
    [7, 1000],
    [50, 60_000],
    [1000, 1000],
    [65_000, 3_600_000],
  ])('admit exactly their capacity at once, with any rounding: %d in %d ms', async (capacity, perMs) => {
    const time = createFakeClock()
    const store = memoryStore({ clock: time })
    await time.advance(123_456_789.123)
    let admitted = 0
    while ((await store.take?.('a', { capacity, perMs, cost: 1 }))?.ok === true) admitted++
    expect(admitted).toBe(capacity)
  })

  it('admit the capacity and the refill over a long run, and no more', async () => {
    const time = createFakeClock()
    const store = memoryStore({ clock: time })
    const bucket = { capacity: 7, perMs: 1000, cost: 1 }
    let admitted = 0
    for (let step = 0; step < 10_000; step++) {
      if ((await store.take?.('a', bucket))?.ok === true) admitted++
      if (step % 100 === 99) await time.advance(170)
    }
    expect(admitted).toBe(7 + Math.floor((99 * 170 * 7) / 1000))
  })

  it('follow a new capacity at once, without debts from a slower rate', async () => {
    const store = memoryStore({ clock: createFakeClock() })
    await store.take?.('a', { capacity: 10, perMs: 3_600_000, cost: 10 })
    const { ok, waitMs } = (await store.take?.('a', { capacity: 10, perMs: 1000, cost: 1 })) ?? { ok: true, waitMs: 0 }
    expect([ok, waitMs]).toEqual([false, 100])
  })
})

it('storeKey round-trips its segments, and cannot name another tenant', () => {
  const segments = ['tenant/../other', '%2F', 'ü', '', 'a b']
  expect(keySegments(storeKey(...segments))).toEqual(segments)
  expect(storeKey('a/b', 'c')).not.toBe(storeKey('a', 'b/c'))
})
