import type { Replica } from '@mcpclient/sync'

type Fields = Readonly<Record<string, unknown>>

/** A host's table in memory, and a user who edits it. */
export interface Table extends Replica {
  rows(): readonly Fields[]
  /** Returns the id of the row with this summary. */
  idOf(summary: string): string
  /** Returns the id of the first row that matches. */
  idWhere(matches: (row: Fields) => boolean): string
  /** Creates or changes a row. Null empties a field. */
  edit(id: string, changes: Fields): void
  drop(id: string): void
  /** The number of writes of the sync. */
  readonly writes: number
}

export function memoryTable(): Table {
  const rows = new Map<string, { readonly item: Fields | null; readonly version: number; readonly key?: string }>()
  let last = 0
  let writes = 0
  const write = (id: string, item: Fields | null, key = rows.get(id)?.key): string => {
    last++
    rows.set(id, { item, version: last, ...(key !== undefined && { key }) })
    return String(last)
  }
  const idWhere = (matches: (row: Fields) => boolean): string =>
    [...rows].find(([, { item }]) => item !== null && matches(item))?.[0] ?? ''
  return {
    get writes() {
      return writes
    },
    async *changes(since = '0') {
      const changed = [...rows].filter(([, { version }]) => version > Number(since))
      for (const [id, { item, version, key }] of changed.toSorted(
        ([, one], [, other]) => one.version - other.version,
      )) {
        yield { id, item, version: String(version), cursor: String(version), key }
      }
    },
    async get(id) {
      const row = rows.get(id)
      return row?.item ? { item: row.item, version: String(row.version) } : undefined
    },
    async put({ id, key, item, ifVersion }) {
      if (ifVersion === null) {
        const [existing, row] = [...rows].find(([, each]) => each.key === key) ?? []
        if (existing !== undefined) return { id: existing, version: String(row?.version), existed: true }
        writes++
        const made = `row-${last + 1}`
        return { id: made, version: write(made, item, key) }
      }
      if (id === undefined || String(rows.get(id)?.version) !== ifVersion) return { conflict: true }
      writes++
      return { id, version: write(id, item) }
    },
    async remove(id, ifVersion) {
      if (!rows.get(id)?.item) return { removed: false }
      if (String(rows.get(id)?.version) !== ifVersion) return { conflict: true }
      writes++
      write(id, null)
      return { removed: true }
    },
    rows: () => [...rows.values()].flatMap(({ item }) => (item === null ? [] : [item])),
    idOf: (summary) => idWhere((row) => row['summary'] === summary),
    idWhere,
    edit: (id, changes) => void write(id, { ...rows.get(id)?.item, ...changes }),
    drop: (id) => void write(id, null),
  }
}
