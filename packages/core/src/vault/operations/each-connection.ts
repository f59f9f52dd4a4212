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

/**
 * Runs `work` for each stored connection, page by page. Never rejects.
 * @param onFailure gets the connection that `work` failed at; undefined if the next page cannot be listed
 * @returns false if it was stopped before the end
 */
export async function forEachConnection(
  pages: AsyncIterable<readonly StoredConnection[]>,
  pace: Pace,
  work: (stored: StoredConnection) => Promise<void>,
  onFailure: (error: unknown, stored?: StoredConnection) => void,
): Promise<boolean> {
  const tryWork = (stored: StoredConnection) => work(stored).catch((error: unknown) => onFailure(error, stored))
  try {
    for await (const page of pages) if (!(await forEachLimited(page, pace, tryWork))) return false
  } catch (error) {
    onFailure(error)
    return false
  }
  return pace.signal?.aborted !== true
}
