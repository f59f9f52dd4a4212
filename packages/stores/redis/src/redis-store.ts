import { assertStoreBucket, assertStoreKey, ConnectorError } from '@mcpclient/core'
import type { Store } from '@mcpclient/core'
import { refuseEviction } from './eviction.ts'
import { createKeyLayout } from './key-layout.ts'
import { isVersion, keep, newVersion, readKept } from './kept-value.ts'
import { listPage } from './list-page.ts'
import { numberIn, textIn } from './reply.ts'
import { createScriptRunner } from './script-runner.ts'
import type { IoredisClient, NodeRedisClient, RunScript } from './script-runner.ts'
import { scripts } from './scripts.ts'

const LARGEST_PAGE = 1000

export interface RedisStoreOptions {
  /** What all keys of this store begin with, in Redis: 1 to 64 characters, no braces. Default: `mcpclient` */
  readonly prefix?: string | undefined
  /**
   * What to do about a Redis that throws away keys without a time to live when it is full (`maxmemory-policy allkeys-*`).
   * `refuse`, the default: the first use fails with `CONFIGURATION_ERROR`. `allow`: for what may be lost.
   */
  readonly eviction?: 'refuse' | 'allow' | undefined
}

/**
 * A `Store` in Redis or Valkey, on one server, behind sentinels, or in a cluster: for several processes on several
 * machines. Compare-and-swap and buckets are Lua scripts, so each is one step for all of them.
 *
 * Keys are spread over 32 shards by their first three segments, and each shard keeps a sorted index of its own, in the
 * same slot as its values. So one script changes both, a cluster spreads the load, and `list` asks one shard where the
 * prefix names three segments (`connection/slack/ada/`), else all of them at once.
 *
 * It keeps what Redis keeps: switch on `appendonly` before you store credentials. The client stays the host's: open it
 * before, and close it after the last use.
 *
 * @param client of [node-redis](https://www.npmjs.com/package/redis) or [ioredis](https://www.npmjs.com/package/ioredis)
 * @throws {@link ConnectorError} `CONFIGURATION_ERROR` at once for a prefix or a client that cannot work, later for what
 *   the server refuses; `MCP_CONNECTION_ERROR` if it does not answer; `MCP_SERVER_ERROR` if it is full or not ready.
 *   `details.outcome` says of a write whether it may have happened. None holds a key or a value.
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
      // The server may be reachable, or configured otherwise, when it is asked again.
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
      const kept = textIn(await run(scripts.get, [layout.shardOf(key).valueKey(key)], []))
      return kept === undefined ? undefined : readKept(kept)
    },

    async put(key, value, { ifVersion, ttlMs } = {}) {
      assertStoreKey(key)
      if (!value.isWellFormed()) {
        throw new ConnectorError(
          'INVALID_INPUT',
          'A value of a store is well-formed text: this has half a character.',
          {
            hint: 'Put JSON.stringify(value), which escapes such halves.',
          },
        )
      }
      if (typeof ifVersion === 'string' && !isVersion(ifVersion)) return { conflict: true }
      const version = newVersion()
      const condition = ifVersion === undefined ? 'any' : (ifVersion ?? 'absent')
      const values = [key, keep({ value, version }), condition, lifeOf(ttlMs)]
      const written = numberIn(await run(scripts.put, keysOf(key), values))
      return written === 1 ? { version } : { conflict: true }
    },

    async delete(key, { ifVersion } = {}) {
      if (ifVersion !== undefined && !isVersion(ifVersion)) return false
      return numberIn(await run(scripts.delete, keysOf(key), [key, ifVersion ?? 'any'])) === 1
    },

    async list(prefixOfKeys, { after, limit = LARGEST_PAGE } = {}) {
      if (!(limit >= 1)) {
        throw new ConnectorError('CONFIGURATION_ERROR', 'A page of a store needs a limit of at least 1.')
      }
      return listPage(run, layout, { prefix: prefixOfKeys, after, limit: Math.min(Math.floor(limit), LARGEST_PAGE) })
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

/** Whole milliseconds, as Redis counts them, rounded up; empty for ever. */
function lifeOf(ttlMs: number | undefined): string {
  if (ttlMs === undefined || ttlMs === Infinity) return ''
  // Redis would find out in the middle of the script, and take nothing back.
  if (Number.isNaN(ttlMs)) throw new ConnectorError('CONFIGURATION_ERROR', 'A time to live must be a number.')
  return String(Math.min(Math.max(Math.ceil(ttlMs), 0), Number.MAX_SAFE_INTEGER))
}
