/** Whose data key a value is under: a tenant's own, or the one of everything that belongs to no tenant. */
export type Scope = 'shared' | `tenant/${string}`

/** Escaped as in a key of the store, so that it can be a part of one. */
export const scopeOf = (tenant: string | undefined): Scope =>
  tenant === undefined ? 'shared' : `tenant/${encodeURIComponent(tenant.toWellFormed())}`

/** By the kind of a key, its first segment: which segment is the tenant. */
const TENANT_SEGMENT = new Map([['connection', 2]])

/** The tenant that a key of the store speaks of, where this library made the key; undefined if it speaks of none. */
export function tenantOfKey(key: string): string | undefined {
  const at = TENANT_SEGMENT.get(key.slice(0, Math.max(0, key.indexOf('/'))))
  if (at === undefined) return undefined
  try {
    // The app's own connection has no tenant, and an empty segment in its place.
    return decodeURIComponent(key.split('/')[at] ?? '') || undefined
  } catch {
    // Not a key of ours: what looks like an escape in it is none.
    return undefined
  }
}
