import type { Clock } from '../ports/clock.ts'
import type { KeyProvider } from '../ports/key-provider.ts'
import type { Store } from '../ports/store.ts'
import type { DataKeys } from './data-keys.ts'
import type { Place } from './sealed-value.ts'

/** What an encrypted store is made of, for those who look after its keys. */
export interface SealedStore {
  /** The store underneath. */
  readonly store: Store
  readonly provider: KeyProvider
  readonly dataKeys: DataKeys
  readonly clock: Clock
  /** How long a data key stays at hand, in milliseconds. */
  readonly ttlMs: number
  placeOf(key: string): Place
}
