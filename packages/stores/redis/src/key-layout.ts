import { ConnectorError } from '@mcpclient/core'

/** Part of the layout of the data: another number would look for each key in another place. */
const SHARDS = 32
/** `kind/server/tenant`: what is mostly listed together. */
const SEGMENTS_OF_A_GROUP = 3
const PREFIX = /^[^{}]{1,64}$/

export interface Shard {
  /** A sorted set of all keys in this shard: Redis itself keeps none in order. */
  readonly index: string
  /** A sorted set of those with a time to live, by the time at which they end. */
  readonly ends: string
  readonly valueKey: (key: string) => string
  readonly bucketKey: (key: string) => string
}

export interface KeyLayout {
  /** The shard of a key. */
  readonly shardOf: (key: string) => Shard
  /** The shards in which keys with this prefix can be: one where the prefix holds a whole group, else all. */
  readonly shardsUnder: (prefix: string) => readonly Shard[]
  readonly shards: readonly Shard[]
}

/**
 * Where things lie in Redis. A value and the index that lists it must change in one script, and a cluster runs a script
 * only on keys of one slot; so keys are spread over a fixed number of shards, each with one hash tag: `{prefix:07}`.
 *
 * A key's shard follows from its first three segments. All of a tenant at one connector is therefore together, and
 * listing it asks one shard; a shorter prefix asks all 32 at once and merges. One tag a group instead would need an index
 * of groups in a slot of its own, which no script could keep true, and one shard for everything would leave a cluster
 * with a single busy node.
 */
export function createKeyLayout(prefix: string): KeyLayout {
  if (!PREFIX.test(prefix)) {
    throw new ConnectorError(
      'CONFIGURATION_ERROR',
      'The prefix of a Redis store must have 1 to 64 characters and no braces: they mark the slot in a cluster.',
    )
  }
  const shards = Array.from({ length: SHARDS }, (_, number): Shard => {
    const tag = `{${prefix}:${String(number).padStart(2, '0')}}`
    return {
      index: `${tag}:index`,
      ends: `${tag}:ends`,
      valueKey: (key) => `${tag}:value:${key}`,
      bucketKey: (key) => `${tag}:bucket:${key}`,
    }
  })
  const shardOfGroup = (group: string): Shard => {
    const shard = shards[hash(group) % SHARDS]
    if (shard === undefined) throw new RangeError('A remainder is smaller than its divisor.')
    return shard
  }
  return {
    shards,
    shardOf: (key) => shardOfGroup(groupOf(key) ?? key),
    shardsUnder(prefixOfKeys) {
      const group = groupOf(prefixOfKeys)
      return group === undefined ? shards : [shardOfGroup(group)]
    },
  }
}

/** The first three segments, if they are complete. */
function groupOf(key: string): string | undefined {
  let end = -1
  for (let segment = 0; segment < SEGMENTS_OF_A_GROUP; segment++) {
    end = key.indexOf('/', end + 1)
    if (end < 0) return undefined
  }
  return key.slice(0, end)
}

/** FNV-1a over code units, 32 bits, with the upper half folded in: a remainder by a power of two sees low bits only. */
function hash(text: string): number {
  let state = 0x811c9dc5
  for (let index = 0; index < text.length; index++) state = Math.imul(state ^ text.charCodeAt(index), 0x01000193)
  return (state ^ (state >>> 16)) >>> 0
}
