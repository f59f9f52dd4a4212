import { listAll } from '../ports/store.ts'
import { readDataKeyRow, RESERVED, rowKeyOf, keyOwnerOf } from './data-key-row.ts'
import { claimsToBeSealed, readSealed } from './sealed-value.ts'
import type { Binding, SealedStore } from './sealed-value.ts'

export interface ShredReport {
  /** Whether the tenant had data keys. */
  readonly shredded: boolean
  /** Number of values that were deleted. */
  readonly deleted: number
}

/** Deletes the data keys of a tenant, then every value that can no longer be read. */
export async function shredTenant(sealed: SealedStore, tenant: string): Promise<ShredReport> {
  const { store, dataKeys } = sealed
  const owner = keyOwnerOf(tenant)
  const shredded = await store.delete(rowKeyOf(owner))
  dataKeys.forget(owner)
  let deleted = 0
  for await (const { key, value, version } of listAll(store, '')) {
    if (key.startsWith(RESERVED) || !claimsToBeSealed(value)) continue
    const binding = sealed.bindingOf(key)
    if (binding.owner !== owner) continue
    // Read again for each value, because the tenant may have returned, and its new values are readable.
    const living = await readDataKeyRow(store, owner)
    const dataKeyId = dataKeyOf(binding, value)
    if (living?.row.some(({ id }) => id === dataKeyId) === true) continue
    if (await store.delete(key, { ifVersion: version })) deleted += 1
  }
  return { shredded, deleted }
}

function dataKeyOf(binding: Binding, value: string): string | undefined {
  try {
    return readSealed(binding, value).dataKeyId
  } catch {
    return undefined
  }
}
