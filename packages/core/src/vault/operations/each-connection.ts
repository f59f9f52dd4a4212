import pLimit from 'p-limit'
import type { StoredConnection } from '../connection-store.ts'

export interface Pace {
  /** The number of connections at the same time. */
  readonly concurrency: number
  readonly signal?: AbortSignal | undefined
}

/** The number of connections that are processed at the same time. */
export const DEFAULT_CONCURRENCY = 8

/** Runs `work` for each item, a few at a time. Returns false if it was stopped before the end. */
export async function forEachLimited<Item>(
  items: readonly Item[],
  { concurrency, signal }: Pace,
  work: (item: Item) => Promise<void>,
): Promise<boolean> {
  const limit = pLimit(Math.max(1, Math.floor(concurrency)))
  await Promise.all(
    items.map((item) =>
      limit(async () => {
        if (signal?.aborted !== true) await work(item)
      }),
    ),
  )
  return signal?.aborted !== true
}

/** Runs `work` for each stored connection, page by page. Returns false if it was stopped before the end. */
export async function forEachConnection(
  pages: AsyncIterable<readonly StoredConnection[]>,
  pace: Pace,
  work: (stored: StoredConnection) => Promise<void>,
): Promise<boolean> {
  for await (const page of pages) if (!(await forEachLimited(page, pace, work))) return false
  return pace.signal?.aborted !== true
}
