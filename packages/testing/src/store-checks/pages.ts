import type { Store } from '@mcpclient/core'
import { must } from '../broken-promise.ts'

const MOST_PAGES = 200

/** The keys under the prefix, page by page, without the part that all keys of the check begin with. */
export async function* pagesOf(
  store: Store,
  prefix: string,
  limit?: number,
  scope = prefix,
): AsyncGenerator<readonly string[]> {
  let after: string | undefined
  let pages = 0
  do {
    must(++pages <= MOST_PAGES, 'list must come to an end: its `next` must move on, and be absent on the last page.')
    const { entries, next } = await store.list(prefix, { after, limit })
    yield entries.map((entry) => entry.key.slice(scope.length))
    after = next
  } while (after !== undefined)
}
