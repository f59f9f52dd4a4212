import type { Registrations } from '../auth/grant-flow.ts'
import { storeKey } from '../ports/store.ts'
import type { Store } from '../ports/store.ts'
import { isUnreadable } from '../ports/store-failure.ts'

type Registration = Readonly<Record<string, unknown>>

/**
 * Clients that authorization servers registered for us while running (RFC 7591), each under the issuer that knows it,
 * so that no server is shown what another one gave.
 */
export function storedRegistrations(store: Store, group: string): Registrations {
  const placeOf = (issuer: string) => storeKey('client', group, issuer)
  /** Undefined if there is none, or if the row cannot be read: then the app is registered again. */
  const read = async (place: string): Promise<Registration | undefined> => {
    try {
      const stored = await store.get(place)
      const registration: unknown = stored && JSON.parse(stored.value)
      return typeof registration === 'object' && registration !== null ? (registration as Registration) : undefined
    } catch (error) {
      if (error instanceof SyntaxError || isUnreadable(error)) return undefined
      throw error
    }
  }
  return {
    find: (issuer) => read(placeOf(issuer)),
    async keep(issuer, registration) {
      const place = placeOf(issuer)
      const value = JSON.stringify(registration)
      const kept = await store.put(place, value, { ifVersion: null })
      if (!('conflict' in kept)) return registration
      const first = await read(place)
      if (first !== undefined) return first
      await store.put(place, value)
      return registration
    },
    async forget(issuer) {
      await store.delete(placeOf(issuer))
    },
  }
}
