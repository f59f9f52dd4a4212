import type { Stored } from '../ports/store.ts'
import { contended } from './renew-data-keys.ts'
import type { SealedStore } from './sealed-store.ts'
import { claimsToBeSealed, openValue, readSealed, sealValue } from './sealed-value.ts'
import { dataKeyGone } from './unreadable.ts'

/**
 * - `resealed`: it is under the newest data key now
 * - `newest`: it was already
 * - `ending`: its time to live is over, and the store will drop it
 * - `gone`: somebody deleted it
 * - `foreign`: `encrypted` did not write it
 */
export type Resealed = 'resealed' | 'newest' | 'ending' | 'gone' | 'foreign'

const MOST_ATTEMPTS = 10

/**
 * Seals a value anew under its scope's newest data key, by compare-and-swap: whoever writes it meanwhile wins, and what
 * they wrote is looked at in its place.
 * @throws ConnectorError if it does not open; it is left as it is
 */
export async function resealValue(sealed: SealedStore, row: Stored & { readonly key: string }): Promise<Resealed> {
  const { store, dataKeys, clock } = sealed
  let stored: Stored | undefined = row
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    if (stored === undefined) return 'gone'
    if (!claimsToBeSealed(stored.value)) return 'foreign'
    const place = sealed.placeOf(row.key)
    const envelope = readSealed(place, stored.value)
    const newest = await dataKeys.newest(place.scope)
    if (newest?.id === envelope.dataKeyId) return 'newest'
    const ttlMs = envelope.expiresAt === undefined ? undefined : envelope.expiresAt - clock.now()
    if (ttlMs !== undefined && ttlMs <= 0) return 'ending'
    const key = await dataKeys.find(place.scope, envelope.dataKeyId)
    if (newest === undefined || key === undefined) throw dataKeyGone(row.key, envelope.dataKeyId)
    const value = await openValue(place, key, envelope)
    const ifVersion = stored.version
    const text = await sealValue(place, newest, value, envelope.expiresAt)
    const written = await store.put(row.key, text, { ifVersion, ttlMs })
    if ('version' in written) return 'resealed'
    stored = await store.get(row.key)
  }
  throw contended('A value')
}
