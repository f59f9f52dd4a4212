import type { Store } from '../ports/store.ts'
import { listDataKeyRows } from './data-key-row.ts'

export interface KeyUse {
  /** A key-encryption key. */
  readonly keyId: string
  /** How many data keys are wrapped under it. */
  readonly dataKeys: number
}

/** Counts what each key-encryption key still wraps, in the order of their ids. */
export async function keysInUse(store: Store): Promise<readonly KeyUse[]> {
  const counts = new Map<string, number>()
  for await (const { row } of listDataKeyRows(store)) {
    for (const { keyId } of row) counts.set(keyId, (counts.get(keyId) ?? 0) + 1)
  }
  return [...counts].map(([keyId, dataKeys]) => ({ keyId, dataKeys })).toSorted((a, b) => (a.keyId < b.keyId ? -1 : 1))
}
