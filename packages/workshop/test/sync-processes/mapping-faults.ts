import { listAll } from '@mcpclient/core'
import type { Store } from '@mcpclient/core'
import type { Writes } from '@mcpclient/sync'

export type Records = readonly { readonly id: string; readonly item: Readonly<Record<string, unknown>> }[]

interface Mapping {
  readonly dead?: boolean
  readonly intent?: { readonly kind: string }
  readonly remote?: { readonly id: string }
  readonly local?: { readonly id: string }
}

/** Returns the faults of the mappings: a record without one or with two, one to another record, an open intent. */
export async function mappingFaults(store: Store, records: Records, rows: Records): Promise<readonly string[]> {
  const found: string[] = []
  const titles = new Map(records.map(({ id, item }) => [id, item['title']]))
  const mapped = new Map<string, string>()
  for await (const { key, value } of listAll(store, 'sync/')) {
    if (!/\/m\/[^/]+$/.test(key)) continue
    const { dead, intent, remote, local } = JSON.parse(value) as Mapping
    if (dead === true) continue
    if (intent !== undefined) found.push(`an intent is open: ${intent.kind}`)
    if (mapped.has(local?.id ?? '')) found.push(`the row ${local?.id} has two mappings`)
    mapped.set(local?.id ?? '', remote?.id ?? '')
  }
  for (const { id, item } of rows) {
    const remoteId = mapped.get(id)
    if (remoteId === undefined) found.push(`no mapping has the row of ${String(item['title'])}`)
    else if (titles.get(remoteId) !== item['title']) found.push(`${String(item['title'])} is mapped to another record`)
  }
  if (mapped.size !== rows.length) found.push(`${mapped.size} mappings for ${rows.length} rows`)
  return found
}

/** Returns the number of records that a run wrote. */
export const writesOf = (result: {
  readonly created: Writes
  readonly updated: Writes
  readonly deleted: Writes
}): number =>
  [result.created, result.updated, result.deleted].reduce((sum, { local, remote }) => sum + local + remote, 0)
