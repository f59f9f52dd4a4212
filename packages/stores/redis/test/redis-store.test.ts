import { listAll, storeKey } from '@mcpclient/core'
import type { Store } from '@mcpclient/core'
import { Redis } from 'ioredis'
import { createClient, RESP_TYPES } from 'redis'
import { errorOf } from '@mcpclient/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createKeyLayout } from '../src/key-layout.ts'
import { redisStore } from '../src/index.ts'
import type { NodeRedisClient } from '../src/index.ts'
import { hasRedis, startRedis } from './redis-server.ts'
import type { RedisServer } from './redis-server.ts'

type Client = Awaited<ReturnType<typeof connect>>

async function connect(url: string) {
  const client = createClient({ url })
  client.on('error', () => {})
  await client.connect()
  return client
}

/** Whole milliseconds. */
async function serverTime(client: Client): Promise<number> {
  const [seconds, micros] = await client.time()
  return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000)
}

const keysOf = async (store: Store, prefix: string): Promise<readonly string[]> => {
  const keys: string[] = []
  for await (const { key } of listAll(store, prefix)) keys.push(key)
  return keys
}

describe.skipIf(!hasRedis)('a store in Redis', () => {
  let server: RedisServer
  let client: Client
  let stores = 0
  const newPrefix = (): string => `store-${++stores}`

  beforeAll(async () => {
    server = await startRedis()
    client = await connect(server.url)
  })
  afterAll(async () => {
    client.destroy()
    await server.close()
  })

  it('lists over all shards in one order, page by page', async () => {
    const store = redisStore(client, { prefix: newPrefix() })
    const keys = Array.from({ length: 300 }, (_, index) => storeKey('kind', 'server', `t${index % 40}`, `n${index}`))
    await Promise.all(keys.map((key) => store.put(key, `value of ${key}`)))
    for (const limit of [1, 7, 100, 299, 300, 1000]) {
      const found: string[] = []
      let after: string | undefined
      do {
        const page = await store.list('kind/', { after, limit })
        expect(page.entries.length).toBeLessThanOrEqual(limit)
        for (const { key, value } of page.entries) {
          expect(value).toBe(`value of ${key}`)
          found.push(key)
        }
        after = page.next
      } while (after !== undefined)
      expect(found).toEqual(keys.toSorted())
    }
    expect(await keysOf(store, 'kind/server/t7/')).toEqual(
      keys.filter((key) => key.startsWith('kind/server/t7/')).toSorted(),
    )
  })

  it('ends a page of large values early instead of filling the memory', async () => {
    const store = redisStore(client, { prefix: newPrefix() })
    const large = 'x'.repeat(1_400_000)
    const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map((name) => `kind/server/tenant/${name}`)
    for (const key of keys) await store.put(key, large)
    const page = await store.list('kind/server/tenant/')
    expect(page.entries.length).toBeLessThan(keys.length)
    expect(page.next).toBe(page.entries.at(-1)?.key)
    expect(await keysOf(store, 'kind/')).toEqual(keys)
  })

  it('removes expired keys from the index when they are listed, and continues the page', async () => {
    const prefix = newPrefix()
    const store = redisStore(client, { prefix })
    const { index, ends } = createKeyLayout(prefix).shardOf('kind/server/tenant/a')
    for (let ended = 0; ended < 30; ended++) await store.put(`kind/server/tenant/a${ended}`, 'over', { ttlMs: 0 })
    await store.put('kind/server/tenant/b', 'stays')
    const { entries, next } = await store.list('kind/server/tenant/', { limit: 1 })
    expect(entries.map(({ key }) => key)).toEqual(['kind/server/tenant/b'])
    expect(next).toBeUndefined()
    expect(await client.zRange(index, 0, -1)).toEqual(['kind/server/tenant/b'])
    expect(await client.zCard(ends)).toBe(0)
  })

  it('removes expired keys from the index with later writes, listed or not', async () => {
    const prefix = newPrefix()
    const store = redisStore(client, { prefix })
    const { index, ends } = createKeyLayout(prefix).shardOf('kind/server/tenant/a')
    for (let ended = 0; ended < 30; ended++) await store.put(`kind/server/tenant/a${ended}`, 'over', { ttlMs: 0 })
    // Nothing has ended before the server's clock has moved on.
    const last = Math.max(...(await client.zRangeWithScores(ends, 0, -1)).map(({ score }) => score))
    while ((await serverTime(client)) <= last);
    for (let write = 0; write < 15; write++) await store.put('kind/server/tenant/b', 'stays')
    expect(await client.zRange(index, 0, -1)).toEqual(['kind/server/tenant/b'])
    expect(await client.zCard(ends)).toBe(0)
  })

  it('stores no buckets that are full again', async () => {
    const prefix = newPrefix()
    const store = redisStore(client, { prefix })
    await store.take('limit', { capacity: 10, perMs: 3_600_000, cost: 1 })
    const life = await client.pTTL(createKeyLayout(prefix).shardOf('limit').bucketKey('limit'))
    expect(life).toBeGreaterThan(0)
    expect(life).toBeLessThanOrEqual(360_000)
  })

  it('counts a command once that the driver sends twice', async () => {
    const twice: NodeRedisClient = {
      eval: (script, options) => client.eval(script, options),
      async evalSha(digest, options) {
        await client.evalSha(digest, options)
        return client.evalSha(digest, options)
      },
    }
    const prefix = newPrefix()
    const once = redisStore(client, { prefix })
    await once.get('loads the scripts')
    const { version } = (await once.put('key', 'one')) as { version: string }
    const store = redisStore(twice, { prefix, eviction: 'allow' })
    const written = await store.put('key', 'two', { ifVersion: version })
    expect(written).toEqual({ version: expect.any(String) })
    expect(await once.get('key')).toEqual({ value: 'two', ...written })
    expect(await store.put('key', 'three', { ifVersion: version })).toEqual({ conflict: true })
    expect(await store.put('new', 'one', { ifVersion: null })).toEqual({ version: expect.any(String) })
  })

  it('sends the scripts again to a server that lost them', async () => {
    const store = redisStore(client, { prefix: newPrefix() })
    await store.put('key', 'one')
    await client.scriptFlush()
    expect((await store.get('key'))?.value).toBe('one')
    await client.scriptFlush()
    expect(await store.put('key', 'two')).toHaveProperty('version')
  })

  it('rejects a ttlMs that is not a number before anything is written', async () => {
    const store = redisStore(client, { prefix: newPrefix() })
    expect((await errorOf(store.put('key', 'one', { ttlMs: NaN }))).code).toBe('CONFIGURATION_ERROR')
    expect(await store.get('key')).toBeUndefined()
    await store.put('key', 'for ever', { ttlMs: Infinity })
    await store.put('long', 'for long', { ttlMs: Number.MAX_SAFE_INTEGER })
    expect(await keysOf(store, '')).toEqual(['key', 'long'])
  })

  it('returns a conflict for a version of another kind of store', async () => {
    const store = redisStore(client, { prefix: newPrefix() })
    for (const ifVersion of ['', 'any', 'absent', '1']) {
      expect(await store.put('key', 'one', { ifVersion })).toEqual({ conflict: true })
    }
    await store.put('key', 'one')
    expect(await store.delete('key', { ifVersion: 'any' })).toBe(false)
    expect((await store.get('key'))?.value).toBe('one')
  })

  it('separates stores with two prefixes', async () => {
    const [one, other] = [redisStore(client, { prefix: newPrefix() }), redisStore(client, { prefix: newPrefix() })]
    await one.put('key', 'one')
    expect(await other.get('key')).toBeUndefined()
    expect((await other.list('')).entries).toEqual([])
  })

  it("works with ioredis's own key prefix", async () => {
    const redis = new Redis(server.url, { keyPrefix: 'app:' })
    const prefix = newPrefix()
    const store = redisStore(redis, { prefix })
    await store.put('kind/server/tenant/a', 'one')
    expect(await keysOf(store, 'kind/')).toEqual(['kind/server/tenant/a'])
    expect(await client.exists(`app:${createKeyLayout(prefix).shardOf('kind/server/tenant/a').index}`)).toBe(1)
    redis.disconnect()
  })

  it('needs no permission but those in the README', async () => {
    const commands = 'eval evalsha get set getrange del time pexpireat zadd zrem zrangebylex zrangebyscore info'
    await client.aclSetUser('store', ['on', '>word', '~{acl:*', ...commands.split(' ').map((name) => `+${name}`)])
    const limited = await connect(server.url.replace('//', '//store:word@'))
    const store = redisStore(limited, { prefix: 'acl' })
    await store.put('key', 'one', { ttlMs: 60_000 })
    await store.put('ends', 'two', { ttlMs: 0 })
    expect(await store.take('limit', { capacity: 1, perMs: 1000, cost: 1 })).toEqual({ ok: true, waitMs: 0 })
    expect(await keysOf(store, '')).toEqual(['key'])
    expect(await store.delete('key')).toBe(true)

    const elsewhere = await errorOf(redisStore(limited, { prefix: 'other', eviction: 'allow' }).put('key', 'one'))
    expect(elsewhere).toMatchObject({ code: 'CONFIGURATION_ERROR', details: { providerCode: 'NOPERM' } })
    limited.destroy()
  })

  it('works for a user that may not read the memory policy', async () => {
    await client.aclSetUser('managed', ['on', '>word', '~*', '+@all', '-info', '-config'])
    const limited = await connect(server.url.replace('//', '//managed:word@'))
    expect(await redisStore(limited, { prefix: newPrefix() }).put('key', 'one')).toHaveProperty('version')
    limited.destroy()
  })

  it('rejects a client that returns bytes', async () => {
    const bytes = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer })
    const store = redisStore(bytes, { prefix: newPrefix() })
    await store.put('key', 'one')
    expect((await errorOf(store.get('key'))).message).toContain('does not return strings')
  })

  it('rejects a value that is no client', () => {
    const nothing = { eval: async () => 1 } as unknown as NodeRedisClient
    expect(() => redisStore(nothing)).toThrow('neither evalSha nor evalsha')
  })
})

describe.skipIf(!hasRedis)('a Redis that evicts keys', () => {
  let server: RedisServer
  let client: Client
  beforeAll(async () => {
    server = await startRedis(['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru'])
    client = await connect(server.url)
  })
  afterAll(async () => {
    client.destroy()
    await server.close()
  })

  it('is rejected at the first use, until it is reconfigured', async () => {
    const store = redisStore(client)
    const error = await errorOf(store.get('key'))
    expect(error.code).toBe('CONFIGURATION_ERROR')
    expect(error.message).toContain('allkeys-lru')
    expect(error.advice).toContain('noeviction')
    expect((await errorOf(store.put('key', 'one'))).code).toBe('CONFIGURATION_ERROR')

    await client.configSet('maxmemory-policy', 'volatile-ttl')
    expect(await store.put('key', 'one')).toHaveProperty('version')
    await client.configSet('maxmemory-policy', 'allkeys-lru')
  })

  it('is accepted for data that may be lost', async () => {
    expect(await redisStore(client, { eviction: 'allow' }).put('key', 'one')).toHaveProperty('version')
  })

  it('is accepted without a limit of memory', async () => {
    await client.configSet('maxmemory', '0')
    expect(await redisStore(client).put('key', 'one')).toHaveProperty('version')
  })
})

describe.skipIf(!hasRedis)('a crash', () => {
  it('loses no confirmed write with appendonly and appendfsync always', async () => {
    const server = await startRedis(['--appendonly', 'yes', '--appendfsync', 'always'])
    const client = await connect(server.url)
    const store = redisStore(client)
    const written = await store.put('connection/slack/ada/default', 'the refresh token')
    await store.put('lease/slack/ada', 'mine', { ttlMs: 3_600_000 })
    client.destroy()
    await server.crashAndRestart()

    const again = await connect(server.url)
    const reopened = redisStore(again)
    expect(await reopened.get('connection/slack/ada/default')).toEqual({ value: 'the refresh token', ...written })
    expect(await keysOf(reopened, '')).toEqual(['connection/slack/ada/default', 'lease/slack/ada'])
    again.destroy()
    await server.close()
  })
})
