import pLimit from 'p-limit'
import type { StoredConnection } from '../connection-store.ts'

export interface Pace {
  /** How many at once. */
  readonly concurrency: number
  readonly signal?: AbortSignal | undefined
}

/** Connections that are worked on at once, unless the host says otherwise. */
export const DEFAULT_CONCURRENCY = 8

/** Does `work` for each item, a few at a time; false if it was stopped before the end. */
export async function eachOf<Item>(
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

/** The same for what lies in a store, a page at a time. */
export async function eachConnection(
  pages: AsyncIterable<readonly StoredConnection[]>,
  pace: Pace,
  work: (stored: StoredConnection) => Promise<void>,
): Promise<boolean> {
  for await (const page of pages) if (!(await eachOf(page, pace, work))) return false
  return pace.signal?.aborted !== true
}
