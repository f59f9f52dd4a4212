import { keySegments, listAll, storeKey } from '../../ports/store.ts'
import type { Store } from '../../ports/store.ts'

/**
 * Copies the clients that servers registered for one group to another: a grant counts only for the client that got it.
 * @returns the issuers at which the other group is another client already
 */
export async function copyRegistrations(store: Store, from: string, to: string): Promise<ReadonlySet<string>> {
  const strangers = new Set<string>()
  for await (const { key, value } of listAll(store, `${storeKey('client', from)}/`)) {
    const issuer = keySegments(key)[2] ?? ''
    const place = storeKey('client', to, issuer)
    const copied = await store.put(place, value, { ifVersion: null })
    if ('conflict' in copied && (await store.get(place))?.value !== value) strangers.add(issuer)
  }
  return strangers
}
