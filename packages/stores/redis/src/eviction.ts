import { ConnectorError } from '@mcpclient/core'
import type { KeyLayout } from './key-layout.ts'
import type { RunScript } from './script-runner.ts'
import { scripts } from './scripts.ts'

/**
 * Refuses a Redis that throws away any key when its memory is full: a credential thrown away is a user logged out, and
 * nothing tells. Policies that only throw away keys with a time to live pass; no credential has one.
 *
 * Asks each node that holds a shard. A managed Redis may forbid the question; then nobody knows, and the store goes on.
 * @throws {@link ConnectorError} `CONFIGURATION_ERROR`
 */
export async function refuseEviction(run: RunScript, { shards }: KeyLayout): Promise<void> {
  const answers = await Promise.all(
    shards.map(({ index }) =>
      run(scripts.memory, [index], []).catch((error: unknown) => {
        if (isForbidden(error)) return ''
        throw error
      }),
    ),
  )
  const policies = answers.map((answer) => evictingPolicy(typeof answer === 'string' ? answer : ''))
  const policy = policies.find((name) => name !== undefined)
  if (policy === undefined) return
  throw new ConnectorError(
    'CONFIGURATION_ERROR',
    `Redis may throw away stored credentials: its maxmemory-policy is ${policy}.`,
    {
      hint:
        'Set maxmemory-policy to noeviction (or volatile-ttl). If everything in this store may be lost, ' +
        "say so: redisStore(client, { eviction: 'allow' }).",
    },
  )
}

/** The server refused INFO, or does not know it inside a script; anything else is a failure. */
const isForbidden = (error: unknown): boolean =>
  ConnectorError.is(error) && ['NOPERM', 'ERR'].includes(error.details.providerCode ?? '')

/** https://redis.io/docs/latest/develop/reference/eviction/: with `maxmemory:0` nothing is ever thrown away. */
function evictingPolicy(info: string): string | undefined {
  const facts = new Map(info.split('\r\n').map((line) => [line.split(':')[0], line.slice(line.indexOf(':') + 1)]))
  const policy = facts.get('maxmemory_policy')
  return facts.get('maxmemory') !== '0' && policy?.startsWith('allkeys-') === true ? policy : undefined
}
