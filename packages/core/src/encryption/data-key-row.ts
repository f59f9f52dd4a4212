import { listAll } from '../ports/store.ts'
import type { Store, Version } from '../ports/store.ts'
import { toBase64Url } from './base64url.ts'
import { fromCanonicalBase64Url } from './canonical-base64url.ts'
import type { Scope } from './key-scope.ts'
import { unreadable } from './unreadable.ts'
import { randomBytes } from './web-crypto.ts'

/** Every key of the store that begins so is this library's own: data keys, and how far a rotation has come. */
export const RESERVED = 'datakey/'
/** Behind everything reserved. */
export const RESERVED_END = `${RESERVED}~`
export const CHECKPOINT = `${RESERVED}rotation`

/** A data key as it is stored: wrapped. */
export interface DataKeyEntry {
  readonly id: string
  /** The key-encryption key that it is wrapped under. */
  readonly keyId: string
  readonly wrapped: Uint8Array<ArrayBuffer>
}

/**
 * The data keys of one scope, oldest first: values are written under the last. One row for all of them, so that a single
 * compare-and-swap decides which one that is.
 */
export type DataKeyRow = readonly [DataKeyEntry, ...DataKeyEntry[]]

export interface StoredDataKeyRow {
  readonly scope: Scope
  readonly row: DataKeyRow
  readonly version: Version
}

export const newestOf = (row: DataKeyRow): DataKeyEntry => row.at(-1) ?? row[0]

export const placeOf = (scope: Scope): string => `${RESERVED}${scope}`

const FORMAT = 'v1'
const ID = /^([0-9a-z]{1,11})-[\w-]{8}$/

/** A name that no other data key has, of a tenant whose keys were shredded neither. Begins with the time. */
export const newDataKeyId = (nowMs: number): string =>
  `${Math.max(0, Math.floor(nowMs)).toString(36)}-${toBase64Url(randomBytes(6))}`

export const isDataKeyId = (text: string): boolean => ID.test(text)

/** When the data key was made, by the clock of the process that made it: milliseconds since the epoch. */
export const madeAt = (id: string): number => Number.parseInt(ID.exec(id)?.[1] ?? '', 36)

/** Undefined if the scope has no data key. */
export async function readDataKeyRow(store: Store, scope: Scope): Promise<StoredDataKeyRow | undefined> {
  const stored = await store.get(placeOf(scope))
  return stored && { scope, row: parse(placeOf(scope), stored.value), version: stored.version }
}

/** Writes only over the row that was read (`null`: over none); false if another process was first. */
export async function writeDataKeyRow(
  store: Store,
  scope: Scope,
  row: DataKeyRow,
  ifVersion: Version | null,
): Promise<boolean> {
  return 'version' in (await store.put(placeOf(scope), format(row), { ifVersion }))
}

/** Every row of data keys. Rows that were altered throw. */
export async function* listDataKeyRows(store: Store): AsyncGenerator<StoredDataKeyRow> {
  for await (const { key, value, version } of listAll(store, RESERVED)) {
    if (key !== CHECKPOINT) yield { scope: scopeAt(key), row: parse(key, value), version }
  }
}

/** The scope whose data keys lie at a key that begins with {@link RESERVED}. */
export const scopeAt = (place: string): Scope => place.slice(RESERVED.length) as Scope

const format = (row: DataKeyRow): string =>
  JSON.stringify({
    format: FORMAT,
    keys: row.map(({ id, keyId, wrapped }) => ({ id, keyId, wrapped: toBase64Url(wrapped) })),
  })

function parse(place: string, text: string): DataKeyRow {
  let found: unknown
  try {
    found = JSON.parse(text)
  } catch {
    found = undefined
  }
  const written = found as { readonly format?: unknown; readonly keys?: unknown } | null | undefined
  if (typeof written?.format === 'string' && /^v\d{1,4}$/.test(written.format) && written.format !== FORMAT) {
    throw unreadable(
      place,
      `A data key is in the format ${written.format}, which this version cannot read. Update @mcpclient/core.`,
    )
  }
  const entries = Array.isArray(written?.keys) ? written.keys.map(parseEntry) : []
  const [first, ...others] = entries.filter((entry) => entry !== undefined)
  const row: DataKeyRow | undefined = first && [first, ...others]
  // There is one way to write a row. Any other was not written here, or was changed.
  if (row === undefined || format(row) !== text) {
    throw unreadable(place, `The row of a data key was altered, or is not one. Restore it from a backup.`)
  }
  return row
}

function parseEntry(found: unknown): DataKeyEntry | undefined {
  const { id, keyId, wrapped } = (found ?? {}) as Partial<Record<keyof DataKeyEntry, unknown>>
  if (typeof id !== 'string' || typeof keyId !== 'string' || typeof wrapped !== 'string' || !isDataKeyId(id)) {
    return undefined
  }
  const bytes = fromCanonicalBase64Url(wrapped)
  return bytes && { id, keyId, wrapped: bytes }
}
