import { ConnectorError } from '@mcpclient/core'
import type { KeyLayout } from './key-layout.ts'
import type { RunScript } from './script-runner.ts'
import { scripts } from './scripts.ts'

/**
 * Rejects a Redis that evicts any key when its memory is full: an evicted credential logs a user out silently.
 * Policies that evict only keys with a time to live pass, because no credential has one.
 *
 * Reads the policy of each node that holds a shard. If a managed Redis forbids INFO, the policy is unknown and accepted.
 * @throws {@link ConnectorError} `CONFIGURATION_ERROR`
 */
export async function refuseEviction(run: RunScript, { shards }: KeyLayout): Promise<void> {
  const replies = await Promise.all(
    shards.map(({ index }) =>
      run(scripts.memory, [index], []).catch((error: unknown) => {
        if (isForbidden(error)) return ''
        throw error
      }),
    ),
  )
  const policies = replies.map((reply) => evictingPolicy(typeof reply === 'string' ? reply : ''))
  const policy = policies.find((name) => name !== undefined)
  if (policy === undefined) return
  throw new ConnectorError(
    'CONFIGURATION_ERROR',
    `Redis may evict stored credentials: its maxmemory-policy is ${policy}.`,
    {
      hint:
        'Set maxmemory-policy to noeviction (or volatile-ttl). If its data may be lost, ' +
        "pass redisStore(client, { eviction: 'allow' }).",
    },
  )
}

/** Returns whether the server refused INFO, or does not know it inside a script. Anything else is a failure. */
const isForbidden = (error: unknown): boolean =>
  ConnectorError.is(error) && ['NOPERM', 'ERR'].includes(error.details.providerCode ?? '')

/** Returns the policy if it evicts any key (https://redis.io/docs/latest/develop/reference/eviction/). `maxmemory:0` never evicts. */
function evictingPolicy(info: string): string | undefined {
  const facts = new Map(info.split('\r\n').map((line) => [line.split(':')[0], line.slice(line.indexOf(':') + 1)]))
  const policy = facts.get('maxmemory_policy')
  return facts.get('maxmemory') !== '0' && policy?.startsWith('allkeys-') === true ? policy : undefined
}
