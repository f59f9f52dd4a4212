import { expect, it } from 'vitest'
import { syncKeys } from '../src/index.ts'

const secret = (byte: number): Uint8Array<ArrayBuffer> => new Uint8Array(32).fill(byte)

it('digests the same text alike, and differently for another purpose, connection or secret', async () => {
  const keys = await syncKeys(secret(1), 'ada')
  const digest = await keys.digest('field title', 'lunch')
  expect(digest).toMatch(/^[0-9a-f]{32}$/)
  expect(await (await syncKeys(secret(1), 'ada')).digest('field title', 'lunch')).toBe(digest)
  const others = await Promise.all([
    keys.digest('field place', 'lunch'),
    keys.digest('field title', 'dinner'),
    (await syncKeys(secret(1), 'bob')).digest('field title', 'lunch'),
    (await syncKeys(secret(2), 'ada')).digest('field title', 'lunch'),
  ])
  expect(new Set([digest, ...others]).size).toBe(5)
})

it('digests an empty field like any other text, however often', async () => {
  const [keys, same] = await Promise.all([syncKeys(secret(1), 'ada'), syncKeys(secret(1), 'ada')])
  const [first, again, other] = await Promise.all([
    keys.digest('field title', 'null'),
    keys.digest('field title', 'null'),
    keys.digest('field place', 'null'),
  ])
  expect(again).toBe(first)
  expect(await same.digest('field title', 'null')).toBe(first)
  expect(await keys.digest('field title', 'lunch')).not.toBe(first)
  expect(other).not.toBe(first)
})

it('opens what it sealed, and nothing else', async () => {
  const keys = await syncKeys(secret(1), 'ada')
  const sealed = await keys.seal('lunch with Bob 😊')
  expect(sealed).not.toContain('Bob')
  expect(await keys.seal('lunch with Bob 😊')).not.toBe(sealed)
  expect(await keys.open(sealed)).toBe('lunch with Bob 😊')
  const other = await syncKeys(secret(1), 'bob')
  await expect(other.open(sealed)).rejects.toThrow()
})

it('keeps names and values of records out of the state', async () => {
  const { createScene } = await import('./scene.ts')
  const { provider, replica, store, run } = createScene({ engine: { keys: await syncKeys(secret(1), 'ada') } })
  provider.put('r1', { title: 'Grace Hopper', place: 'Arlington' })
  await run()
  replica.edit('p1', { title: 'Grace Murray Hopper' })
  replica.edit('l1', { title: 'Ada Lovelace', place: 'London' })
  provider.put('r1', { title: 'Rear Admiral Hopper' })
  await run()
  const { entries } = await store.list('')
  expect(entries.length).toBeGreaterThan(5)
  expect(entries.filter(({ key, value }) => /Hopper|Arlington|Lovelace|London/.test(key + value))).toEqual([])
})
