import type { Store } from '@mcpclient/core'
import { must } from '../broken-promise.ts'

const MAX_PAGES = 200

/** Yields the keys under the prefix page by page, without the part that all keys of the check begin with. */
export async function* pagesOf(
  store: Store,
  prefix: string,
  limit?: number,
  scope = prefix,
): AsyncGenerator<readonly string[]> {
  let after: string | undefined
  let pages = 0
  do {
    must(++pages <= MAX_PAGES, 'list must end: its `next` must advance and be absent on the last page.')
    const { entries, next } = await store.list(prefix, { after, limit })
    yield entries.map((entry) => entry.key.slice(scope.length))
    after = next
  } while (after !== undefined)
}
