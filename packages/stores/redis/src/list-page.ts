import type { Store } from '@mcpclient/core'
import type { KeyLayout, Shard } from './key-layout.ts'
import { decodeStored } from './stored-value.ts'
import { textsIn } from './reply.ts'
import type { RunScript } from './script-runner.ts'
import { scripts } from './scripts.ts'

export type Page = Awaited<ReturnType<Store['list']>>

/** The approximate maximum of a page, whatever its limit: Redis builds a whole reply in memory. */
const MAX_BYTES = 8_388_608
/** Sorts behind every character of a key. */
const BEHIND_ALL = '\u007f'
/** Extra keys for each shard, because keys are not spread evenly. */
const SPARE_KEYS = 8

interface KeyInShard {
  readonly key: string
  readonly shard: Shard
}

/**
 * Returns a page of entries in key order, merged from the shards: first reads keys from all shards concurrently, then
 * the values of the page. Omits entries that have expired meanwhile.
 */
export async function listPage(
  run: RunScript,
  layout: KeyLayout,
  { prefix, after, limit }: { readonly prefix: string; readonly after: string | undefined; readonly limit: number },
): Promise<Page> {
  const shards = layout.shardsUnder(prefix)
  let from = after
  for (;;) {
    const { places, isMore } = await nextPlaces(run, shards, { prefix, after: from, limit })
    const { entries, read } = await readValues(run, places)
    const next = isMore || read.length < places.length ? read.at(-1)?.key : undefined
    // A careless reader would treat a page of expired entries only as the last one.
    if (entries.length > 0 || next === undefined) return { entries, next }
    from = next
  }
}

/**
 * Returns the first keys behind `after` over all shards. Each shard returns a little more than its share. If it has
 * more, the order behind its last key is unknown, and the page ends there.
 */
async function nextPlaces(
  run: RunScript,
  shards: readonly Shard[],
  { prefix, after, limit }: { readonly prefix: string; readonly after: string | undefined; readonly limit: number },
): Promise<{ readonly places: readonly KeyInShard[]; readonly isMore: boolean }> {
  const count = Math.min(limit, Math.ceil((2 * limit) / shards.length) + SPARE_KEYS) + 1
  const from = after !== undefined && after > prefix ? `(${after}` : `[${prefix}`
  const to = `(${prefix}${BEHIND_ALL}`
  const parts = await Promise.all(
    shards.map(async (shard) => {
      const keys = textsIn(await run(scripts.keys, [shard.index], [from, to, String(count)]))
      return keys.map((key = ''): KeyInShard => ({ key, shard }))
    }),
  )
  const ends = parts.flatMap((part) => (part.length < count ? [] : (part.at(-1)?.key ?? [])))
  const certain = ends.toSorted()[0]
  const found = parts.flat().filter(({ key }) => certain === undefined || key <= certain)
  const places = found.toSorted((one, other) => (one.key < other.key ? -1 : 1)).slice(0, limit)
  return { places, isMore: certain !== undefined || places.length < found.length }
}

/** @returns the entries in order, and the places before the first one whose value had no room in the response */
async function readValues(
  run: RunScript,
  places: readonly KeyInShard[],
): Promise<{ readonly entries: Page['entries']; readonly read: readonly KeyInShard[] }> {
  const texts = new Map<string, string | undefined>()
  const groups = Map.groupBy(places, ({ shard }) => shard)
  const share = String(Math.ceil(MAX_BYTES / groups.size))
  await Promise.all(
    [...groups].map(async ([shard, group]) => {
      const keys = [shard.index, shard.ends, ...group.map(({ key }) => shard.valueKey(key))]
      const names = group.map(({ key }) => key)
      const replies = textsIn(await run(scripts.values, keys, [share, ...names]))
      for (const [index, text] of replies.entries()) texts.set(group[index]?.key ?? '', text)
    }),
  )
  const unread = places.findIndex(({ key }) => !texts.has(key))
  const read = unread === -1 ? places : places.slice(0, unread)
  const entries = read.flatMap(({ key }) => {
    const text = texts.get(key)
    return text === undefined ? [] : { key, ...decodeStored(text) }
  })
  return { entries, read }
}
