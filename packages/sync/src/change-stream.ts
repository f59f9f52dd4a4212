import { ConnectorError } from '@mcpclient/core'
import type { Store, Version } from '@mcpclient/core'
import { isAnswer } from './remote.ts'
import type { Fields, Remote } from './remote.ts'

/** One entry of a stream of changes. */
export type SyncChange =
  /** A full list follows: this is the first stream, or the provider has forgotten the cursor. */
  | { readonly type: 'reset' }
  | { readonly type: 'changed'; readonly id: string; readonly item: Fields }
  | { readonly type: 'removed'; readonly id: string }
  /** A record that does not match the schema of the sync. */
  | { readonly type: 'skipped'; readonly id: string; readonly reason: string }
  /** The round ended. After a `reset`, what it did not yield does not exist, if the provider lists everything. */
  | { readonly type: 'complete' }

/** The position of a stream. A page is committed once its entries were consumed. */
interface Position {
  readonly since?: string | undefined
  readonly page?: string | undefined
  /** The first checkpoint of the round. */
  readonly checkpoint?: string | undefined
}

/**
 * Yields what changed at the provider since the last stream ended, at least once: the entries of a page are repeated if the
 * consumer stops before it took them all. Two streams of one collection may both yield an entry.
 */
export async function* changeStream(
  remote: Remote,
  { store, prefix }: { readonly store: Store; readonly prefix: string },
  signal?: AbortSignal,
): AsyncGenerator<SyncChange, void, undefined> {
  const key = `${prefix}/stream`
  const stored = await store.get(key)
  let at: Position = stored === undefined ? {} : (JSON.parse(stored.value) as Position)
  let version: Version | null = stored?.version ?? null
  const commit = async (next: Position): Promise<void> => {
    at = next
    const put = await store.put(key, JSON.stringify(next), { ifVersion: version })
    // Another stream is ahead or behind. This one continues, and its position is not stored.
    if (!('conflict' in put)) version = put.version
  }
  if (at.since === undefined && at.page === undefined) yield { type: 'reset' }
  for (;;) {
    const pulled = await remote.pull({ since: at.since, page: at.page, signal })
    if (isAnswer(pulled)) {
      const wasFull = at.since === undefined && at.page === undefined
      if (wasFull) {
        throw new ConnectorError('MCP_SERVER_ERROR', 'The provider reports an expired cursor for a list without one.', {
          hint: "Report it to the connector's author.",
        })
      }
      await commit({})
      yield { type: 'reset' }
      continue
    }
    const { changed, removed = [], skipped = [], page, checkpoint } = pulled
    for (const { id, item } of changed) yield { type: 'changed', id, item }
    for (const id of removed) yield { type: 'removed', id }
    for (const each of skipped) yield { type: 'skipped', ...each }
    const pinned = at.checkpoint ?? checkpoint
    if (page !== undefined) {
      await commit({ since: at.since, page, checkpoint: pinned })
      continue
    }
    yield { type: 'complete' }
    await commit({ since: pinned })
    return
  }
}
