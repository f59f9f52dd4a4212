import { keySegments, listAll, storeKey } from '../../ports/store.ts'
import type { Store } from '../../ports/store.ts'
import { isUnreadable } from '../../ports/store-failure.ts'

/**
 * Copies the clients that servers registered for one group to another: a grant counts only for the client that got it.
 * @returns the issuers at which the other group is another client already, or whose client cannot be read
 */
export async function copyRegistrations(store: Store, from: string, to: string): Promise<ReadonlySet<string>> {
  const strangers = new Set<string>()
  for await (const { key, value, error } of listAll(store, `${storeKey('client', from)}/`, {
    reportUnreadable: true,
  })) {
    const issuer = keySegments(key)[2] ?? ''
    if (error !== undefined) {
      strangers.add(issuer)
      continue
    }
    const place = storeKey('client', to, issuer)
    const copied = await store.put(place, value, { ifVersion: null })
    if ('conflict' in copied && (await valueAt(store, place)) !== value) strangers.add(issuer)
  }
  return strangers
}

/** Undefined if there is none, or if it cannot be read. */
async function valueAt(store: Store, place: string): Promise<string | undefined> {
  try {
    return (await store.get(place))?.value
  } catch (error) {
    if (isUnreadable(error)) return undefined
    throw error
  }
}
