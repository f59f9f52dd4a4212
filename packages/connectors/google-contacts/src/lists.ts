import { valueAt } from '@mcpclient/core/define'

type Members = Readonly<Record<string, unknown>>

/** Members that say something of an entry, and are no content of their own. */
const ABOUT = new Set(['type', 'metadata', 'current', 'contentType'])

/** Returns an object without its empty members. */
export const filled = (members: object): Members =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null && value !== undefined))

/** Returns the entry that Google shows first: the default one, if one is marked. */
export const mainOf = <Entry extends object>(list: readonly Entry[] = []): Entry | undefined =>
  list.find((entry) => valueAt(entry, 'metadata.sourcePrimary') === true) ?? list[0]

/**
 * Returns a list with changed members of its main entry, or null for an empty list. Null removes a member, and an entry
 * without content is removed.
 */
export function withMain(list: readonly object[] = [], changes: object): readonly object[] | null {
  const main = mainOf(list)
  const changed = filled({ ...main, ...changes })
  const kept = Object.keys(changed).some((name) => !ABOUT.has(name)) ? [changed] : []
  const written = main === undefined ? kept : list.flatMap((entry) => (entry === main ? kept : [entry]))
  return written.length === 0 ? null : written
}

/** Translates the entries of a list to parts of a row and back. */
export interface EntryMapping<Row, Entry extends object> {
  /** Returns the part of a row; undefined for an entry that rows do not show. */
  toRow(entry: Entry): Row | undefined
  /** @param entry the entry that the part of the row was read from: what rows lack stays */
  toEntry(row: Row, entry: Entry | undefined): object
  /** Returns a text that recognizes an entry after its other members have changed. */
  keyOf(row: Row): string
}

/** Returns the parts of a row, or undefined if there are none. */
export function rowsOf<Row, Entry extends object>(
  list: readonly Entry[] = [],
  { toRow }: EntryMapping<Row, Entry>,
): Row[] | undefined {
  const rows = list.flatMap((entry) => toRow(entry) ?? [])
  return rows.length === 0 ? undefined : rows
}

/**
 * Returns the entries for parts of a row, or null for an empty list. A part belongs to the entry with the same key. If
 * none was added or removed, a part whose key changed belongs to the entry at its position.
 */
export function entriesFor<Row, Entry extends object>(
  rows: readonly Row[],
  list: readonly Entry[] = [],
  { toRow, toEntry, keyOf }: EntryMapping<Row, Entry>,
): readonly object[] | null {
  const shown = list.flatMap((entry) => {
    const row = toRow(entry)
    return row === undefined ? [] : [{ entry, key: keyOf(row) }]
  })
  const free = new Set(shown)
  const taken = (found: (typeof shown)[number] | undefined): Entry | undefined =>
    found !== undefined && free.delete(found) ? found.entry : undefined
  const byKey = rows.map((row) => taken([...free].find(({ key }) => key === keyOf(row))))
  const sameLength = rows.length === shown.length
  const entries = rows.map((row, at) => toEntry(row, byKey[at] ?? (sameLength ? taken(shown[at]) : undefined)))
  const hidden = list.filter((entry) => toRow(entry) === undefined)
  return entries.length + hidden.length === 0 ? null : [...entries, ...hidden]
}
