import { inspect } from 'node:util'
import { causeOf } from '@mcpclient/core'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { errorOf } from '@mcpclient/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createKeyLayout } from '../src/key-layout.ts'
import { redisFailure } from '../src/redis-failure.ts'
import { redisStore } from '../src/index.ts'
import { drivers, openClient } from './open-client.ts'
import type { OpenClient } from './open-client.ts'
import { hasRedis, startRedis } from './redis-server.ts'
import type { RedisServer } from './redis-server.ts'

const SECRET = 'canary-0b7e55f1'

describe('a Redis error', () => {
  it.each([
    ['NOAUTH Authentication required.', 'CONFIGURATION_ERROR', 'password'],
    ['WRONGPASS invalid username-password pair or user is disabled.', 'CONFIGURATION_ERROR', 'password'],
    ["NOPERM this user has no permissions to run the 'evalsha' command", 'CONFIGURATION_ERROR', 'permission'],
    ['MOVED 3999 127.0.0.1:6381', 'CONFIGURATION_ERROR', 'cluster'],
    ["CROSSSLOT Keys in request don't hash to the same slot", 'CONFIGURATION_ERROR', 'slots'],
    ['WRONGTYPE Operation against a key holding the wrong kind of value', 'CONFIGURATION_ERROR', 'Another program'],
    ["OOM command not allowed when used memory > 'maxmemory'.", 'MCP_SERVER_ERROR', 'full'],
    ['MISCONF Redis is configured to save RDB snapshots', 'MCP_SERVER_ERROR', 'disk'],
    ["READONLY You can't write against a read only replica.", 'MCP_SERVER_ERROR', 'not ready'],
    ['LOADING Redis is loading the dataset in memory', 'MCP_SERVER_ERROR', 'not ready'],
    ['CLUSTERDOWN The cluster is down', 'MCP_SERVER_ERROR', 'not ready'],
    ["ERR unknown command 'EVALSHA'", 'API_INTERNAL_ERROR', 'refused a command'],
    [
      'ERR Error running script (call to f_1): @user_script:9: @user_script: 9: -OOM command not allowed',
      'MCP_SERVER_ERROR',
      'full',
    ],
    ['Socket closed unexpectedly', 'MCP_CONNECTION_ERROR', 'did not respond'],
    ['The client is closed', 'MCP_CONNECTION_ERROR', 'did not respond'],
    ['Connection is closed.', 'MCP_CONNECTION_ERROR', 'did not respond'],
  ])('%s', (said, code, sentence) => {
    const error = redisFailure(new Error(said), 'read')
    expect(error.code).toBe(code)
    expect(error.message).toContain(sentence)
    expect(error.details.hint).toBeDefined()
  })

  it('treats an error of the operating system as no response, despite its format', () => {
    const refused = Object.assign(new Error('ECONNREFUSED'), { code: 'ECONNREFUSED' })
    expect(redisFailure(refused, 'read').code).toBe('MCP_CONNECTION_ERROR')
  })
})

describe('the outcome of a write', () => {
  it.each([
    ["OOM command not allowed when used memory > 'maxmemory'.", 'not_processed'],
    ['The client is closed', 'not_processed'],
    ["Stream isn't writeable and enableOfflineQueue options is false", 'not_processed'],
    ['Socket closed unexpectedly', 'unknown'],
    ['Connection is closed.', 'unknown'],
    ['Command timed out', 'unknown'],
  ])('%s: %s', (said, outcome) => {
    expect(redisFailure(new Error(said), 'write').details.outcome).toBe(outcome)
    expect(redisFailure(new Error(said), 'read').details.outcome).toBeUndefined()
  })

  it('is not processed without a server', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:6379'), { code: 'ECONNREFUSED' })
    expect(redisFailure(refused, 'write').details.outcome).toBe('not_processed')
  })
})

describe.skipIf(!hasRedis).each(drivers)('through %s', (driver) => {
  let server: RedisServer
  let open: OpenClient
  const admin = (): Redis => new Redis(server.url)
  beforeAll(async () => {
    server = await startRedis(['--maxmemory', '20mb', '--maxmemory-policy', 'noeviction'])
    open = await openClient(driver, server.url)
  })
  afterAll(async () => {
    await open.close()
    await server.close()
  })

  it('reports a full server, whose data stays readable', async () => {
    const store = redisStore(open.client)
    const stored = await store.put('key', 'one')
    const redis = admin()
    await redis.config('SET', 'maxmemory', '1')
    const error = await errorOf(store.put('key', SECRET))
    expect(error).toMatchObject({ code: 'MCP_SERVER_ERROR', details: { providerCode: 'OOM' } })
    expect(await store.get('key')).toEqual({ value: 'one', ...stored })
    await redis.config('SET', 'maxmemory', '0')
    redis.disconnect()
  })

  it('detects keys of another program under the prefix', async () => {
    const redis = admin()
    await redis.set(createKeyLayout('taken').shardOf('key').index, 'something else')
    const store = redisStore(open.client, { prefix: 'taken' })
    expect(await errorOf(store.put('key', SECRET))).toMatchObject({
      code: 'CONFIGURATION_ERROR',
      details: { providerCode: 'WRONGTYPE', outcome: 'not_processed' },
    })
    expect(await store.get('key')).toBeUndefined()
    redis.disconnect()
  })

  it('reports an unknown outcome of a batch that only some shards wrote', async () => {
    const redis = admin()
    const layout = createKeyLayout('half')
    await redis.set(layout.shardOf('broken').index, 'something else')
    const store = redisStore(open.client, { prefix: 'half' })
    const writes = ['broken', 'key'].map((key) => ({ key, value: SECRET }))
    expect(layout.shardOf('key')).not.toBe(layout.shardOf('broken'))
    expect(await errorOf(store.batch(writes))).toMatchObject({
      code: 'CONFIGURATION_ERROR',
      details: { providerCode: 'WRONGTYPE', outcome: 'unknown' },
    })
    expect((await store.get('key'))?.value).toBe(SECRET)
    expect((await errorOf(store.batch(writes.slice(0, 1)))).details.outcome).toBe('not_processed')
    redis.disconnect()
  })

  it('puts no value and no key into an error, not even in its cause', async () => {
    const redis = admin()
    await redis.acl('SETUSER', 'reader', 'on', '>word', '~*', '+@read', '+evalsha', '+eval', '+info')
    const reader = await openClient(driver, server.url.replace('//', '//reader:word@'))
    const error = await errorOf(redisStore(reader.client).put('tenant-canary', SECRET))
    await reader.close()
    redis.disconnect()

    expect(error.details.providerCode).toBe('NOPERM')
    const shown = inspect([error, causeOf(error), error.toJSON()], { depth: 20, showHidden: true })
    expect(shown).toContain('executing the script')
    expect(shown).not.toContain(SECRET)
    expect(shown).not.toContain('tenant-canary')
  })
})

describe.skipIf(!hasRedis)('a server', () => {
  it('is reported as not ready if it is a replica', async () => {
    const main = await startRedis()
    const replica = await startRedis(['--replicaof', '127.0.0.1', String(main.port)])
    const { client, close } = await openClient('node-redis', replica.url)
    const store = redisStore(client, { eviction: 'allow' })
    const error = await errorOf(store.put('key', 'one'))
    expect(error.code).toBe('MCP_SERVER_ERROR')
    expect(error.retryable).toBe(true)
    await close()
    await Promise.all([main.close(), replica.close()])
  })

  it('is reported as not responding if the client is not connected', async () => {
    const closed = createClient()
    const store = redisStore(closed, { eviction: 'allow' })
    expect((await errorOf(store.get('key'))).code).toBe('MCP_CONNECTION_ERROR')
    expect((await errorOf(store.put('key', 'one'))).details.outcome).toBe('not_processed')
  })

  it('is reported as not responding while it is down, and is used again after that', async () => {
    const server = await startRedis()
    const redis = new Redis(server.url, { maxRetriesPerRequest: 0, enableOfflineQueue: false })
    redis.on('error', () => {})
    await new Promise((resolve) => redis.once('ready', resolve))
    const store = redisStore(redis)
    await store.put('key', 'one')
    const back = new Promise((resolve) => redis.once('close', () => redis.once('ready', resolve)))
    const gone = new Promise((resolve) => redis.once('close', resolve))
    const restarted = server.crashAndRestart()
    await gone
    expect((await errorOf(store.get('key'))).code).toBe('MCP_CONNECTION_ERROR')
    await restarted
    await back
    expect(await store.put('key', 'two')).toHaveProperty('version')
    redis.disconnect()
    await server.close()
  })
})
