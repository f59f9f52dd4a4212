import type { Store } from '@mcpclient/core'
import { must } from '../broken-promise.ts'
import { hasConflict } from './store-check.ts'

/** While one of the workers succeeds in each round, nobody needs more attempts than there are increments in all. */
const MOST_ATTEMPTS = 64

/** Adds one to a number by compare-and-swap, as one of several workers. */
export async function increment(store: Store, key: string): Promise<void> {
  for (let attempt = 0; attempt <= MOST_ATTEMPTS; attempt++) {
    const stored = await store.get(key)
    must(stored !== undefined, 'A value must not disappear while it is swapped.')
    const result = await store.put(key, String(Number(stored.value) + 1), { ifVersion: stored.version })
    if (!hasConflict(result)) return
  }
  must(false, 'Of several who swap at once one must always succeed: here all of them only meet conflicts.')
}
