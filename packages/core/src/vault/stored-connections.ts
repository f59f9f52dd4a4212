import { keySegments, storeKey } from '../ports/store.ts'
import type { Store } from '../ports/store.ts'
import type { ConnectionRecord } from './connection-record.ts'
import { isUnreadable } from '../ports/store-failure.ts'
import { recordIn, unreadableRecord } from './read-record.ts'

/** A connection as it lies in the store, not yet read. */
export interface StoredConnection {
  /** Decoded from the key, as far as it can be. */
  readonly tenant: string
  readonly name: string
  readonly place: string
  /** Whether `tenant` and `name` lead to this row. A key that was not made by us names no connection. */
  readonly isReachable: boolean
  /**
   * In the state `unreadable` if it cannot be read.
   * @throws why it cannot be read just now
   */
  record(): ConnectionRecord
}

/** The connections of a group that are stored, page by page; of one tenant, or of all. */
export async function* storedConnections(
  store: Store,
  group: string,
  tenant?: string,
): AsyncGenerator<readonly StoredConnection[]> {
  const prefix = `${tenant === undefined ? storeKey('connection', group) : storeKey('connection', group, tenant)}/`
  let after: string | undefined
  do {
    const page = await store.list(prefix, { after, reportUnreadable: true })
    yield page.entries.flatMap(({ key: place, value, error }) => {
      const segments = keySegments(place)
      const [, , owner = '', name = ''] = segments
      // Without a tenant it is the app's own, which the composition holds.
      if (owner === '') return []
      const isReachable = segments.length === 4 && canonical(segments) === place
      const record = () => {
        // An outage of the key provider says nothing about the row.
        if (error !== undefined && !isUnreadable(error)) throw error
        if (error === undefined && isReachable) return recordIn(value, place, 0)
        return unreadableRecord(error ?? new Error('The key of the row is malformed.'), 0)
      }
      return [{ tenant: owner, name, place, isReachable, record }]
    })
    after = page.next
  } while (after !== undefined)
}

function canonical(segments: readonly string[]): string | undefined {
  try {
    return storeKey(...segments)
  } catch {
    return undefined
  }
}
