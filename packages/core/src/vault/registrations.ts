import type { Registrations } from '../auth/grant-flow.ts'
import { keySegments, listAll, storeKey } from '../ports/store.ts'
import type { Store } from '../ports/store.ts'
import { isUnreadable } from '../ports/store-failure.ts'

type Registration = Readonly<Record<string, unknown>>

/**
 * Returns the clients that authorization servers registered at run time (RFC 7591). Each is stored under its issuer, so that
 * no server receives what another one issued.
 */
export function storedRegistrations(store: Store, group: string): Registrations {
  const keyOf = (issuer: string) => storeKey('client', group, issuer)
  return {
    find: (issuer) => readRegistration(store, keyOf(issuer)),
    async keep(issuer, registration) {
      const key = keyOf(issuer)
      const value = JSON.stringify(registration)
      const kept = await store.put(key, value, { ifVersion: null })
      if (!('conflict' in kept)) return registration
      const first = await readRegistration(store, key)
      if (first !== undefined) return first
      await store.put(key, value)
      return registration
    },
    async forget(issuer) {
      await store.delete(keyOf(issuer))
    },
  }
}

/**
 * Copies the registered clients of one group to another, because a grant is valid only for the client that obtained it.
 * @returns the issuers at which the other group has a different client, or whose client cannot be read
 */
export async function copyRegistrations(store: Store, from: string, to: string): Promise<ReadonlySet<string>> {
  const different = new Set<string>()
  for await (const { key, value, error } of listAll(store, `${storeKey('client', from)}/`, {
    reportUnreadable: true,
  })) {
    const issuer = keySegments(key)[2] ?? ''
    if (error !== undefined) {
      different.add(issuer)
      continue
    }
    const copy = storeKey('client', to, issuer)
    const copied = await store.put(copy, value, { ifVersion: null })
    if ('conflict' in copied && (await readValue(store, copy)) !== value) different.add(issuer)
  }
  return different
}

/** Returns undefined if there is none or the row cannot be read: then the app is registered again. */
async function readRegistration(store: Store, key: string): Promise<Registration | undefined> {
  const value = await readValue(store, key)
  try {
    const registration: unknown = value && JSON.parse(value)
    return typeof registration === 'object' && registration !== null ? (registration as Registration) : undefined
  } catch {
    return undefined
  }
}

/** Returns undefined if there is none, or if it cannot be read. */
async function readValue(store: Store, key: string): Promise<string | undefined> {
  try {
    return (await store.get(key))?.value
  } catch (error) {
    if (isUnreadable(error)) return undefined
    throw error
  }
}
