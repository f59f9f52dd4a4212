import { storeKey } from '@mcpclient/core'
import { expect, it } from 'vitest'
import { createKeyLayout } from '../src/key-layout.ts'

const layout = createKeyLayout('app')

it('stores a key in its fixed place, because another place would lose data', () => {
  const places = ['connection/slack/ada/default', 'connection/slack/grace/default', 'lease/slack/ada', 'a', '~'].map(
    (key) => layout.shardOf(key).valueKey(key),
  )
  expect(places).toMatchInlineSnapshot(`
    [
      "{app:11}:value:connection/slack/ada/default",
      "{app:00}:value:connection/slack/grace/default",
      "{app:23}:value:lease/slack/ada",
      "{app:00}:value:a",
      "{app:13}:value:~",
    ]
  `)
})

it('stores the keys of a tenant at a connector together, and lists them from one shard', () => {
  const group = storeKey('connection', 'slack', 'ada')
  const shard = layout.shardOf(`${group}/work`)
  expect(layout.shardOf(`${group}/home/deep/down`)).toBe(shard)
  expect(layout.shardsUnder(`${group}/`)).toEqual([shard])
  expect(layout.shardsUnder(`${group}/w`)).toEqual([shard])
})

it('reads every shard for a prefix of several groups', () => {
  for (const prefix of ['', 'connection', 'connection/slack/', 'connection/slack/ada']) {
    expect(layout.shardsUnder(prefix)).toBe(layout.shards)
  }
})

it('spreads tenants over all shards, about evenly', () => {
  const counts = new Map<unknown, number>()
  for (let tenant = 0; tenant < 32_000; tenant++) {
    const shard = layout.shardOf(storeKey('connection', 'slack', `user_${tenant}`, 'default'))
    counts.set(shard, (counts.get(shard) ?? 0) + 1)
  }
  expect(counts.size).toBe(layout.shards.length)
  expect(Math.max(...counts.values())).toBeLessThan(1300)
  expect(Math.min(...counts.values())).toBeGreaterThan(700)
})

it.each(['', 'a{b', 'a}b', 'x'.repeat(65)])('rejects the prefix "%s"', (prefix) => {
  expect(() => createKeyLayout(prefix)).toThrow('prefix of the Redis store')
})
