import type { Store, Stored } from '../ports/store.ts'

const PAGE = 100
const MAX_CONCURRENT = 8

/**
 * Visits the rows under a prefix in order of key, a few concurrently, while the store is in use.
 * @param walk.after visits only keys after this one
 * @param walk.reached called once every row up to and including `key` was visited; `pageEnds` every hundred rows
 * @returns false if the signal stopped it; no visit is in flight then
 */
export async function walkRows(
  store: Store,
  prefix: string,
  walk: {
    readonly after: string | undefined
    readonly signal: AbortSignal | undefined
    readonly visit: (row: Stored & { readonly key: string }) => Promise<void>
    readonly reached: (key: string, pageEnds: boolean) => Promise<void>
  },
): Promise<boolean> {
  let { after } = walk
  do {
    const { entries, next } = await store.list(prefix, { after, limit: PAGE })
    for (let at = 0; at < entries.length; at += MAX_CONCURRENT) {
      if (walk.signal?.aborted === true) return false
      const batch = entries.slice(at, at + MAX_CONCURRENT)
      const visits = await Promise.allSettled(batch.map(walk.visit))
      const failed = visits.find((visit) => visit.status === 'rejected')
      if (failed !== undefined) throw failed.reason
      await walk.reached(batch.at(-1)?.key ?? '', at + MAX_CONCURRENT >= entries.length)
    }
    after = next
  } while (after !== undefined)
  return walk.signal?.aborted !== true
}
