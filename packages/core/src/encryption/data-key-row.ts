import { fromCanonicalBase64Url, toBase64Url } from '../encoding/base64.ts'
import { unreadable } from '../ports/store-failure.ts'
import { listAll } from '../ports/store.ts'
import type { Store, Version } from '../ports/store.ts'
import { randomBytes } from './aes-gcm.ts'

/** The owner of a data key: one tenant, or everything that belongs to no tenant. */
export type KeyOwner = 'shared' | `tenant/${string}`

/** Returns the key owner for a tenant, escaped so that it can be part of a store key. */
export const keyOwnerOf = (tenant: string | undefined): KeyOwner =>
  tenant === undefined ? 'shared' : `tenant/${encodeURIComponent(tenant.toWellFormed())}`

/** The prefix of store keys that are reserved for this library: data keys, and the checkpoint of a rotation. */
export const RESERVED = 'datakey/'
/** Sorts after every reserved key. */
export const RESERVED_END = `${RESERVED}~`
export const CHECKPOINT = `${RESERVED}rotation`

/** A stored data key, which is wrapped. */
export interface DataKeyEntry {
  readonly id: string
  /** The key-encryption key that wraps it. */
  readonly keyId: string
  readonly wrapped: Uint8Array<ArrayBuffer>
}

/**
 * The data keys of one owner, oldest first. Values are written under the last one. They share one row, so that a single
 * compare-and-swap decides which one is last.
 */
export type DataKeyRow = readonly [DataKeyEntry, ...DataKeyEntry[]]

export interface StoredDataKeyRow {
  readonly owner: KeyOwner
  readonly row: DataKeyRow
  readonly version: Version
}

/** A key-encryption key in use. */
export interface KeyUse {
  readonly keyId: string
  /** Number of data keys that it wraps. */
  readonly dataKeys: number
}

export const newestOf = (row: DataKeyRow): DataKeyEntry => row.at(-1) ?? row[0]

/** Returns the store key of the row of an owner. */
export const rowKeyOf = (owner: KeyOwner): string => `${RESERVED}${owner}`

/** Returns the owner of a row by its store key, which starts with {@link RESERVED}. */
export const keyOwnerAt = (rowKey: string): KeyOwner => rowKey.slice(RESERVED.length) as KeyOwner

const FORMAT = 'v1'
const ID = /^([0-9a-z]{1,11})-[\w-]{8}$/

/** Makes an id that no other data key has, not even of a shredded tenant. It starts with the time. */
export const newDataKeyId = (nowMs: number): string =>
  `${Math.max(0, Math.floor(nowMs)).toString(36)}-${toBase64Url(randomBytes(6))}`

export const isDataKeyId = (text: string): boolean => ID.test(text)

/** Returns when a data key was made, in milliseconds since the epoch by the clock of the process that made it. */
export const madeAt = (id: string): number => Number.parseInt(ID.exec(id)?.[1] ?? '', 36)

/** Reads the data keys of an owner, or undefined if it has none. */
export async function readDataKeyRow(store: Store, owner: KeyOwner): Promise<StoredDataKeyRow | undefined> {
  const stored = await store.get(rowKeyOf(owner))
  return stored && { owner, row: parse(rowKeyOf(owner), stored.value), version: stored.version }
}

/** Replaces the row that was read (`null`: none). Returns false if another process was first. */
export async function writeDataKeyRow(
  store: Store,
  owner: KeyOwner,
  row: DataKeyRow,
  ifVersion: Version | null,
): Promise<boolean> {
  return 'version' in (await store.put(rowKeyOf(owner), format(row), { ifVersion }))
}

/** Yields every row of data keys. Throws at a row that was altered. */
export async function* listDataKeyRows(store: Store): AsyncGenerator<StoredDataKeyRow> {
  for await (const { key, value, version } of listAll(store, RESERVED)) {
    if (key !== CHECKPOINT) yield { owner: keyOwnerAt(key), row: parse(key, value), version }
  }
}

/** Counts the data keys of each key-encryption key, in order of their ids. */
export async function keysInUse(store: Store): Promise<readonly KeyUse[]> {
  const counts = new Map<string, number>()
  for await (const { row } of listDataKeyRows(store)) {
    for (const { keyId } of row) counts.set(keyId, (counts.get(keyId) ?? 0) + 1)
  }
  return [...counts].map(([keyId, dataKeys]) => ({ keyId, dataKeys })).toSorted((a, b) => (a.keyId < b.keyId ? -1 : 1))
}

const format = (row: DataKeyRow): string =>
  JSON.stringify({
    format: FORMAT,
    keys: row.map(({ id, keyId, wrapped }) => ({ id, keyId, wrapped: toBase64Url(wrapped) })),
  })

function parse(rowKey: string, text: string): DataKeyRow {
  let found: unknown
  try {
    found = JSON.parse(text)
  } catch {
    found = undefined
  }
  const written = found as { readonly format?: unknown; readonly keys?: unknown } | null | undefined
  if (typeof written?.format === 'string' && /^v\d{1,4}$/.test(written.format) && written.format !== FORMAT) {
    throw unreadable(
      rowKey,
      `A data key has the format ${written.format}, which this version cannot read. Update @mcpclient/core.`,
    )
  }
  const entries = Array.isArray(written?.keys) ? written.keys.map(parseEntry) : []
  const [first, ...others] = entries.filter((entry) => entry !== undefined)
  const row: DataKeyRow | undefined = first && [first, ...others]
  // A row has one spelling. Any other was not written by this library, or was altered.
  if (row === undefined || format(row) !== text) {
    throw unreadable(rowKey, `The row of a data key was altered. Restore it from a backup.`)
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
