import type { Store, Stored } from '../ports/store.ts'

const PAGE = 100
/** Rows under way at once. */
const AT_ONCE = 8

/**
 * Visits the rows under a prefix, in their order and a few at once, while the store is in use.
 * @param walk.after visits only what is behind this key
 * @param walk.reached called when everything up to and with a key was visited; `pageEnds` every hundred rows
 * @returns false if the signal stopped it; after that nothing is under way
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
    for (let at = 0; at < entries.length; at += AT_ONCE) {
      if (walk.signal?.aborted === true) return false
      const batch = entries.slice(at, at + AT_ONCE)
      const visits = await Promise.allSettled(batch.map(walk.visit))
      const failed = visits.find((visit) => visit.status === 'rejected')
      if (failed !== undefined) throw failed.reason
      await walk.reached(batch.at(-1)?.key ?? '', at + AT_ONCE >= entries.length)
    }
    after = next
  } while (after !== undefined)
  return walk.signal?.aborted !== true
}
