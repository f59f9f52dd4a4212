import type { BrokenStore } from './broken-stores/broken-store.ts'
import { batches } from './broken-stores/batches.ts'
import { buckets } from './broken-stores/buckets.ts'
import { compareAndSwap } from './broken-stores/compare-and-swap.ts'
import { expiry } from './broken-stores/expiry.ts'
import { lists } from './broken-stores/lists.ts'
import { sharing } from './broken-stores/sharing.ts'
import { values } from './broken-stores/values.ts'

/** One fault each; together they break every promise of the contract. */
export const brokenStores: readonly BrokenStore[] = [
  ...values,
  ...compareAndSwap,
  ...lists,
  ...expiry,
  ...batches,
  ...buckets,
  ...sharing,
]
