import type { Stored } from '../ports/store.ts'
import { contended } from './renew-data-keys.ts'
import { claimsToBeSealed, dataKeyGone, openValue, readSealed, sealValue } from './sealed-value.ts'
import type { SealedStore } from './sealed-value.ts'

/**
 * - `resealed`: it is under the newest data key now
 * - `newest`: it was under the newest data key already
 * - `expired`: its time to live is over, and the store will drop it
 * - `gone`: it was deleted meanwhile
 * - `foreign`: `encrypted` did not write it
 */
export type Resealed = 'resealed' | 'newest' | 'expired' | 'gone' | 'foreign'

const MAX_ATTEMPTS = 10

/**
 * Seals a value again under the newest data key of its owner, by compare-and-swap: if it is written meanwhile, the new
 * value is processed instead.
 * @throws ConnectorError if it does not open; it stays unchanged
 */
export async function resealValue(sealed: SealedStore, row: Stored & { readonly key: string }): Promise<Resealed> {
  const { store, dataKeys, clock } = sealed
  let stored: Stored | undefined = row
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    if (stored === undefined) return 'gone'
    if (!claimsToBeSealed(stored.value)) return 'foreign'
    const binding = sealed.bindingOf(row.key)
    const envelope = readSealed(binding, stored.value)
    const newest = await dataKeys.newest(binding.owner)
    if (newest?.id === envelope.dataKeyId) return 'newest'
    const ttlMs = envelope.expiresAt === undefined ? undefined : envelope.expiresAt - clock.now()
    if (ttlMs !== undefined && ttlMs <= 0) return 'expired'
    const key = await dataKeys.find(binding.owner, envelope.dataKeyId)
    if (newest === undefined || key === undefined) throw dataKeyGone(row.key, envelope.dataKeyId)
    const value = await openValue(binding, key, envelope)
    const ifVersion = stored.version
    const text = await sealValue(binding, newest, value, envelope.expiresAt)
    const written = await store.put(row.key, text, { ifVersion, ttlMs })
    if ('version' in written) return 'resealed'
    stored = await store.get(row.key)
  }
  throw contended('A value')
}
