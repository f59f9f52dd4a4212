import type { Store } from '@mcpclient/core'
import type { KeyLayout, Shard } from './key-layout.ts'
import { readKept } from './kept-value.ts'
import { textsIn } from './reply.ts'
import type { RunScript } from './script-runner.ts'
import { scripts } from './scripts.ts'

export type Page = Awaited<ReturnType<Store['list']>>

/** A page ends about here, whatever the limit: Redis builds an answer whole, in memory. */
const MOST_BYTES = 8_388_608
/** Sorts behind every character that a key can have. */
const BEHIND_ALL = '\u007f'
/** Beyond its even share, since keys do not fall evenly. */
const SPARE_KEYS = 8

interface Place {
  readonly key: string
  readonly shard: Shard
}

/**
 * A page of keys in order, from one shard or merged from several: first the keys alone, from all shards at once, then
 * the values of those that the page takes. What has ended meanwhile is left out.
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
    // A page of nothing but the ended would look like the last one to a careless reader.
    if (entries.length > 0 || next === undefined) return { entries, next }
    from = next
  }
}

/**
 * The first keys behind `after` over all shards. Each is asked for a little more than its share; where one has more than
 * that, nothing behind its last answer is certain to come next, and the page ends there.
 */
async function nextPlaces(
  run: RunScript,
  shards: readonly Shard[],
  { prefix, after, limit }: { readonly prefix: string; readonly after: string | undefined; readonly limit: number },
): Promise<{ readonly places: readonly Place[]; readonly isMore: boolean }> {
  const count = Math.min(limit, Math.ceil((2 * limit) / shards.length) + SPARE_KEYS) + 1
  const from = after !== undefined && after > prefix ? `(${after}` : `[${prefix}`
  const to = `(${prefix}${BEHIND_ALL}`
  const parts = await Promise.all(
    shards.map(async (shard) => {
      const keys = textsIn(await run(scripts.keys, [shard.index], [from, to, String(count)]))
      return keys.map((key = ''): Place => ({ key, shard }))
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
  places: readonly Place[],
): Promise<{ readonly entries: Page['entries']; readonly read: readonly Place[] }> {
  const kept = new Map<string, string | undefined>()
  const groups = Map.groupBy(places, ({ shard }) => shard)
  const share = String(Math.ceil(MOST_BYTES / groups.size))
  await Promise.all(
    [...groups].map(async ([shard, group]) => {
      const keys = [shard.index, shard.ends, ...group.map(({ key }) => shard.valueKey(key))]
      const names = group.map(({ key }) => key)
      const texts = textsIn(await run(scripts.values, keys, [share, ...names]))
      for (const [index, text] of texts.entries()) kept.set(group[index]?.key ?? '', text)
    }),
  )
  const unread = places.findIndex(({ key }) => !kept.has(key))
  const read = unread === -1 ? places : places.slice(0, unread)
  const entries = read.flatMap(({ key }) => {
    const text = kept.get(key)
    return text === undefined ? [] : { key, ...readKept(text) }
  })
  return { entries, read }
}
