import { keySegments, storeKey } from '../ports/store.ts'
import type { Store } from '../ports/store.ts'
import { parseRecord } from './connection-record.ts'
import type { ConnectionRecord } from './connection-record.ts'

/** A connection as it lies in the store, not yet read. */
export interface StoredConnection {
  readonly tenant: string
  readonly name: string
  readonly place: string
  /** @throws ConnectorError CONFIGURATION_ERROR if it cannot be read */
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
    const page = await store.list(prefix, { after })
    yield page.entries.flatMap(({ key: place, value }) => {
      const [, , owner = '', name = ''] = keySegments(place)
      // Without a tenant it is the app's own, which the composition holds.
      return owner === '' ? [] : [{ tenant: owner, name, place, record: () => parseRecord(value, place) }]
    })
    after = page.next
  } while (after !== undefined)
}
