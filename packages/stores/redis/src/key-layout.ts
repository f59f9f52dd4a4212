import { ConnectorError } from '@mcpclient/core'

/** Part of the data layout: another number would read each key from another shard. */
const SHARDS = 32
/** `kind/server/tenant`: the keys that are usually listed together. */
const SEGMENTS_OF_A_GROUP = 3
const PREFIX = /^[^{}]{1,64}$/

export interface Shard {
  /** A sorted set of all keys in this shard, because Redis itself does not sort keys. */
  readonly index: string
  /** A sorted set of the keys with a time to live, by expiry. */
  readonly ends: string
  readonly valueKey: (key: string) => string
  readonly bucketKey: (key: string) => string
}

export interface KeyLayout {
  /** Returns the shard of a key. */
  readonly shardOf: (key: string) => Shard
  /** Returns the shards that may hold keys with this prefix: one if the prefix contains a whole group, else all. */
  readonly shardsUnder: (prefix: string) => readonly Shard[]
  readonly shards: readonly Shard[]
}

/**
 * Creates the layout of keys in Redis. A value and its index must change in one script, and a cluster runs a script only
 * on keys of one slot. Keys are therefore spread over a fixed number of shards, each with one hash tag: `{prefix:07}`.
 *
 * A key's shard follows from its first three segments. The keys of a tenant at one connector are therefore
 * together, and listing them reads one shard. A shorter prefix reads all 32 shards concurrently and merges. One tag for
 * each group would need an index of groups in another slot, which no script can update atomically. One shard for all
 * keys would leave a cluster with a single busy node.
 */
export function createKeyLayout(prefix: string): KeyLayout {
  if (!PREFIX.test(prefix)) {
    throw new ConnectorError('CONFIGURATION_ERROR', 'The prefix of the Redis store is invalid.', {
      hint: 'Pass 1 to 64 characters without braces, which mark the slot in a cluster.',
    })
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

/** Returns the first three segments if they are complete. */
function groupOf(key: string): string | undefined {
  let end = -1
  for (let segment = 0; segment < SEGMENTS_OF_A_GROUP; segment++) {
    end = key.indexOf('/', end + 1)
    if (end < 0) return undefined
  }
  return key.slice(0, end)
}

/** Hashes code units with FNV-1a, 32 bits, with the upper half folded in: a remainder by a power of two depends on the low bits only. */
function hash(text: string): number {
  let state = 0x811c9dc5
  for (let index = 0; index < text.length; index++) state = Math.imul(state ^ text.charCodeAt(index), 0x01000193)
  return (state ^ (state >>> 16)) >>> 0
}
