import { assertStoreBucket, assertStoreKey, ConnectorError } from '@mcpclient/core'
import type { Store } from '@mcpclient/core'
import { refuseEviction } from './eviction.ts'
import { createKeyLayout } from './key-layout.ts'
import { decodeStored, encodeStored, isVersion, newVersion } from './stored-value.ts'
import { listPage } from './list-page.ts'
import { numberIn, textIn } from './reply.ts'
import { createScriptRunner } from './script-runner.ts'
import type { IoredisClient, NodeRedisClient, RunScript } from './script-runner.ts'
import { scripts } from './scripts.ts'

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
): Store & Required<Pick<Store, 'take'>> {
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
  const keysOf = (key: string): readonly string[] => {
    const shard = layout.shardOf(key)
    return [shard.valueKey(key), shard.index, shard.ends]
  }

  return {
    async get(key) {
      const text = textIn(await run(scripts.get, [layout.shardOf(key).valueKey(key)], []))
      return text === undefined ? undefined : decodeStored(text)
    },

    async put(key, value, { ifVersion, ttlMs } = {}) {
      assertStoreKey(key)
      if (!value.isWellFormed()) {
        throw new ConnectorError('INVALID_INPUT', 'A value of a store contains a lone surrogate.', {
          hint: 'Pass JSON.stringify(value), which escapes lone surrogates.',
        })
      }
      if (typeof ifVersion === 'string' && !isVersion(ifVersion)) return { conflict: true }
      const version = newVersion()
      const condition = ifVersion === undefined ? 'any' : (ifVersion ?? 'absent')
      const values = [key, encodeStored({ value, version }), condition, lifeOf(ttlMs)]
      const written = numberIn(await run(scripts.put, keysOf(key), values))
      return written === 1 ? { version } : { conflict: true }
    },

    async delete(key, { ifVersion } = {}) {
      if (ifVersion !== undefined && !isVersion(ifVersion)) return false
      return numberIn(await run(scripts.delete, keysOf(key), [key, ifVersion ?? 'any'])) === 1
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

/** Returns whole milliseconds, rounded up, or an empty string for no expiry. */
function lifeOf(ttlMs: number | undefined): string {
  if (ttlMs === undefined || ttlMs === Infinity) return ''
  // Redis would fail in the middle of the script, which has no rollback.
  if (Number.isNaN(ttlMs)) throw new ConnectorError('CONFIGURATION_ERROR', 'A time to live must be a number.')
  return String(Math.min(Math.max(Math.ceil(ttlMs), 0), Number.MAX_SAFE_INTEGER))
}
