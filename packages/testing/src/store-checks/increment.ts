import type { Store } from '@mcpclient/core'
import { must } from '../broken-promise.ts'
import { hasConflict } from './store-check.ts'

/** One worker succeeds in each round, so no worker needs more attempts than there are increments in total. */
const MAX_ATTEMPTS = 64

/** Adds one to a number by compare-and-swap, as one of several workers. */
export async function increment(store: Store, key: string): Promise<void> {
  for (let attempt = 0; attempt <= MAX_ATTEMPTS; attempt++) {
    const stored = await store.get(key)
    must(stored !== undefined, 'A value must not disappear while it is swapped.')
    const result = await store.put(key, String(Number(stored.value) + 1), { ifVersion: stored.version })
    if (!hasConflict(result)) return
  }
  must(false, 'One of several concurrent swaps must succeed, but all of them were conflicts.')
}
