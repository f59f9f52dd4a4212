import { assertStoreBatch, assertStoreBucket, assertStoreKey, ConnectorError } from '@mcpclient/core'
import type { Store, StoreWrite, WriteResult } from '@mcpclient/core'
import { refuseEviction } from './eviction.ts'
import { createKeyLayout } from './key-layout.ts'
import { decodeStored } from './stored-value.ts'
import { listPage } from './list-page.ts'
import { numberIn, textIn } from './reply.ts'
import { createScriptRunner } from './script-runner.ts'
import type { IoredisClient, NodeRedisClient, RunScript } from './script-runner.ts'
import { scripts } from './scripts.ts'
import { assertText, writeRows } from './write-rows.ts'

const MAX_PAGE = 1000

export interface RedisStoreOptions {
  /**
   * The prefix of all keys in Redis: 1 to 64 characters, no braces.
   * @default 'mcpclient'
   */
  readonly prefix?: string | undefined
  /**
   * The reaction to a Redis that evicts keys without a time to live when it is full (`maxmemory-policy allkeys-*`).
   * `refuse`: the first use fails with `CONFIGURATION_ERROR`. `allow`: for data that may be lost.
   * @default 'refuse'
   */
  readonly eviction?: 'refuse' | 'allow' | undefined
}

/**
 * Creates a `Store` in Redis or Valkey, on one server, behind sentinels, or in a cluster: for several processes on
 * several machines. Compare-and-swap and buckets are Lua scripts, so they are atomic for all processes.
 *
 * Keys are spread over 32 shards by their first three segments, and each shard has a sorted index in the same
 * slot as its values. One script changes both, a cluster spreads the load, and `list` reads one shard if the prefix
 * has three segments (`connection/slack/ada/`), else all of them concurrently.
 *
 * The store is as durable as Redis: enable `appendonly` before you store credentials. The client belongs to the host:
 * open it before the first use, and close it after the last one.
 *
 * @param client of [node-redis](https://www.npmjs.com/package/redis) or [ioredis](https://www.npmjs.com/package/ioredis)
 * @throws {@link ConnectorError} `CONFIGURATION_ERROR` for an invalid prefix or client, and later if the server refuses
 *   a command; `MCP_CONNECTION_ERROR` if it does not respond; `MCP_SERVER_ERROR` if it is full or not ready.
 *   `details.outcome` is the outcome of a write. No error contains a key or a value.
 */
export function redisStore(
  client: NodeRedisClient | IoredisClient,
  options: RedisStoreOptions = {},
): Store & Required<Pick<Store, 'batch' | 'take'>> {
  const { prefix = 'mcpclient', eviction = 'refuse' } = options
  const layout = createKeyLayout(prefix)
  const runScript = createScriptRunner(client)
  let checked: Promise<void> | undefined = eviction === 'allow' ? Promise.resolve() : undefined

  const run: RunScript = async (script, keys, values) => {
    checked ??= refuseEviction(runScript, layout).catch((error: unknown) => {
      // The server may be reachable or reconfigured at the next use.
      checked = undefined
      throw error
    })
    await checked
    return runScript(script, keys, values)
  }
  const write = (writes: readonly StoreWrite[]): Promise<readonly WriteResult[]> => writeRows(run, layout, writes)

  return {
    async get(key) {
      const text = textIn(await run(scripts.get, [layout.shardOf(key).valueKey(key)], []))
      return text === undefined ? undefined : decodeStored(text)
    },

    async put(key, value, options) {
      assertStoreKey(key)
      assertText(value)
      const [result] = await write([{ key, value, ...options }])
      return result !== undefined && 'version' in result ? result : { conflict: true }
    },

    async delete(key, options) {
      const [result] = await write([{ key, delete: true, ...options }])
      return result !== undefined && 'deleted' in result && result.deleted
    },

    async batch(writes) {
      assertStoreBatch(writes)
      for (const each of writes) if ('value' in each) assertText(each.value)
      return write(writes)
    },

    async list(prefixOfKeys, { after, limit = MAX_PAGE } = {}) {
      if (!(limit >= 1)) {
        throw new ConnectorError('CONFIGURATION_ERROR', 'A page of a store needs a limit of at least 1.')
      }
      return listPage(run, layout, { prefix: prefixOfKeys, after, limit: Math.min(Math.floor(limit), MAX_PAGE) })
    },

    async take(key, bucket) {
      assertStoreKey(key)
      assertStoreBucket(bucket)
      const { capacity, perMs, cost } = bucket
      const values = [String(capacity), String(perMs), String(cost)]
      const waitMs = numberIn(await run(scripts.take, [layout.shardOf(key).bucketKey(key)], values))
      return { ok: waitMs === 0, waitMs }
    },
  }
}
