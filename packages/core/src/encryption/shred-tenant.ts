import { listAll } from '../ports/store.ts'
import { placeOf, readDataKeyRow, RESERVED } from './data-key-row.ts'
import { scopeOf } from './key-scope.ts'
import type { SealedStore } from './sealed-store.ts'
import { claimsToBeSealed, readSealed } from './sealed-value.ts'
import type { Place } from './sealed-value.ts'

export interface ShredReport {
  /** Whether the tenant had data keys. */
  readonly shredded: boolean
  /** Values that were deleted. */
  readonly deleted: number
}

/** Deletes the data keys of a tenant, and then every value of it that nobody can read any more. */
export async function shredTenant(sealed: SealedStore, tenant: string): Promise<ShredReport> {
  const { store, dataKeys } = sealed
  const scope = scopeOf(tenant)
  const shredded = await store.delete(placeOf(scope))
  dataKeys.forget(scope)
  let deleted = 0
  for await (const { key, value, version } of listAll(store, '')) {
    if (key.startsWith(RESERVED) || !claimsToBeSealed(value)) continue
    const place = sealed.placeOf(key)
    if (place.scope !== scope) continue
    // Read anew for each: the tenant may have come back, and what it writes from now on can be read.
    const living = await readDataKeyRow(store, scope)
    const dataKeyId = dataKeyOf(place, value)
    if (living?.row.some(({ id }) => id === dataKeyId) === true) continue
    if (await store.delete(key, { ifVersion: version })) deleted += 1
  }
  return { shredded, deleted }
}

function dataKeyOf(place: Place, value: string): string | undefined {
  try {
    return readSealed(place, value).dataKeyId
  } catch {
    return undefined
  }
}
