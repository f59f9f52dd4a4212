import type { Registrations } from '../auth/grant-flow.ts'
import { storeKey } from '../ports/store.ts'
import type { Store } from '../ports/store.ts'

/**
 * Clients that authorization servers registered for us while running (RFC 7591), each under the issuer that knows it,
 * so that no server is shown what another one gave.
 */
export function storedRegistrations(store: Store, group: string): Registrations {
  const placeOf = (issuer: string) => storeKey('client', group, issuer)
  const parse = (value: string) => JSON.parse(value) as Readonly<Record<string, unknown>>
  return {
    async find(issuer) {
      const stored = await store.get(placeOf(issuer))
      return stored && parse(stored.value)
    },
    async keep(issuer, registration) {
      const place = placeOf(issuer)
      const kept = await store.put(place, JSON.stringify(registration), { ifVersion: null })
      if (!('conflict' in kept)) return registration
      const first = await store.get(place)
      return first === undefined ? registration : parse(first.value)
    },
    async forget(issuer) {
      await store.delete(placeOf(issuer))
    },
  }
}
