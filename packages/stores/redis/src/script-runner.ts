import { ConnectorError, sleep, systemClock } from '@mcpclient/core'
import type { Clock } from '@mcpclient/core'
import { redisFailure, wordOf } from './redis-failure.ts'
import { isWrite } from './scripts.ts'

/** The methods of [node-redis](https://www.npmjs.com/package/redis) that the store calls: a client, pool, cluster or sentinel. */
export interface NodeRedisClient {
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
  evalSha(sha1: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
}

/** The methods of [ioredis](https://www.npmjs.com/package/ioredis) that the store calls: a `Redis` or a `Cluster`. */
export interface IoredisClient {
  eval(script: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>
  evalsha(sha1: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>
}

/** Runs a script on the node that holds `keys` and returns its result. */
export type RunScript = (script: string, keys: readonly string[], values: readonly string[]) => Promise<unknown>

/** A migrating slot returns TRYAGAIN until all of it has arrived. node-redis does not retry. */
const TRY_AGAIN = { times: 40, everyMs: 50 }

/**
 * Creates a runner for either driver: EVALSHA names a script by its digest, and EVAL sends it if the server does not
 * know it, as after a restart.
 * @param clock for the wait while a slot of a cluster migrates
 */
export function createScriptRunner(client: NodeRedisClient | IoredisClient, clock: Clock = systemClock): RunScript {
  const { byDigest, byText } = callsOf(client)
  const digests = new Map<string, Promise<string>>()

  const runOnce: RunScript = async (script, keys, values) => {
    let digest = digests.get(script)
    if (digest === undefined) digests.set(script, (digest = sha1(script)))
    try {
      return await byDigest(await digest, keys, values)
    } catch (error) {
      if (wordOf(error) !== 'NOSCRIPT') throw error
      return byText(script, keys, values)
    }
  }
  return async (script, keys, values) => {
    for (let turn = 1; ; turn++) {
      try {
        return await runOnce(script, keys, values)
      } catch (error) {
        if (wordOf(error) !== 'TRYAGAIN' || turn >= TRY_AGAIN.times)
          throw redisFailure(error, isWrite(script) ? 'write' : 'read')
        await sleep(clock, TRY_AGAIN.everyMs)
      }
    }
  }
}

function callsOf(client: NodeRedisClient | IoredisClient): {
  readonly byDigest: RunScript
  readonly byText: RunScript
} {
  if ('evalSha' in client) {
    return {
      byDigest: (digest, keys, values) => client.evalSha(digest, { keys: [...keys], arguments: [...values] }),
      byText: (script, keys, values) => client.eval(script, { keys: [...keys], arguments: [...values] }),
    }
  }
  if ('evalsha' in client) {
    return {
      byDigest: (digest, keys, values) => client.evalsha(digest, keys.length, ...keys, ...values),
      byText: (script, keys, values) => client.eval(script, keys.length, ...keys, ...values),
    }
  }
  throw new ConnectorError('CONFIGURATION_ERROR', 'The client of redisStore() has neither evalSha nor evalsha.', {
    hint: 'Pass a client of redis (node-redis) or of ioredis.',
  })
}

/** Returns the name of a script in Redis. It protects nothing. */
async function sha1(text: string): Promise<string> {
  const digest = await globalThis.crypto.subtle.digest('SHA-1', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
