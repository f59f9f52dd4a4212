import { loadPair } from './local-writes.ts'
import { pendingWrites } from './pending-writes.ts'
import type { Fields } from './remote.ts'
import type { Run } from './run.ts'

const SCAN_MS = 24 * 60 * 60 * 1000

const matchKey = async ({ options }: Run, natural: string): Promise<string> =>
  `${options.prefix}/k/${await options.keys.digest('match', natural)}`

/** Notes the natural keys of local rows that belong to no pair, so the pages of the round can be matched with them. */
export async function scanLocal(run: Run, since: string | undefined): Promise<void> {
  const { match, store } = run.options
  if (match === undefined) return
  const scanned = pendingWrites(store)
  for await (const { id, item, key } of run.replica.changes(since)) {
    const natural = item === null || key !== undefined ? undefined : match(item)
    if (natural === undefined) continue
    const entry = await run.pairs.entry('local', id)
    // An entry without a pair is a match that was interrupted.
    if (entry !== undefined && (await loadPair(run, entry.key)) !== undefined) continue
    await scanned.add({ key: await matchKey(run, natural), value: id, ttlMs: SCAN_MS })
  }
  await scanned.flush()
}

/** Returns the local row that has the natural key of a remote item, and gives it to the pair. */
export async function matchLocal(run: Run, item: Fields, pairKey: string): Promise<string | undefined> {
  const { match, store } = run.options
  const natural = match?.(item)
  if (natural === undefined) return undefined
  const row = await store.get(await matchKey(run, natural))
  // A second remote record with the same key finds the row taken.
  return row !== undefined && (await run.pairs.claim('local', row.value, pairKey, 0)) ? row.value : undefined
}
