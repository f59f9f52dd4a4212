import { batches } from './store-checks/batches.ts'
import { buckets } from './store-checks/buckets.ts'
import { compareAndSwap } from './store-checks/compare-and-swap.ts'
import { durability } from './store-checks/durability.ts'
import { expiry } from './store-checks/expiry.ts'
import { lists } from './store-checks/lists.ts'
import { sharing } from './store-checks/sharing.ts'
import type { StoreCheck } from './store-checks/store-check.ts'
import { values } from './store-checks/values.ts'

/** Every promise of the store port, for any test runner. With vitest, call `storeContract`. */
export const storeChecks: readonly StoreCheck[] = [
  ...values,
  ...compareAndSwap,
  ...lists,
  ...expiry,
  ...batches,
  ...buckets,
  ...durability,
  ...sharing,
]
