import { DatabaseSync } from 'node:sqlite'
import type { Replica } from '@mcpclient/sync'

/** Rows between two reads of the feed. */
const FEED_PAGE = 500

/** Creates the host's table in a SQLite database in memory: its rows are outside the heap of JavaScript. */
export function hostRows(): Replica & { readonly writes: () => number } {
  const database = new DatabaseSync(':memory:')
  database.exec('create table rows (id text primary key, made_by text unique, item text, seq integer unique)')
  const put = database.prepare(
    'insert into rows values (?, ?, ?, ?) on conflict (id) do update set item = ?3, seq = ?4',
  )
  const byId = database.prepare('select * from rows where id = ?')
  const byKey = database.prepare('select * from rows where made_by = ?')
  const after = database.prepare('select * from rows where seq > ? order by seq limit ?')
  let seq = 0
  const parsed = (item: unknown) => JSON.parse(item as string) as Readonly<Record<string, unknown>>
  return {
    writes: () => seq,
    async *changes(since) {
      for (let cursor = Number(since ?? 0); ;) {
        const rows = after.all(cursor, FEED_PAGE)
        for (const row of rows) {
          cursor = row['seq'] as number
          yield {
            id: row['id'] as string,
            version: String(cursor),
            item: row['item'] === null ? null : parsed(row['item']),
            key: (row['made_by'] as string | null) ?? undefined,
            cursor: String(cursor),
          }
        }
        if (rows.length < FEED_PAGE) return
      }
    },
    async get(id) {
      const row = byId.get(id)
      return row === undefined || row['item'] === null
        ? undefined
        : { item: parsed(row['item']), version: String(row['seq']) }
    },
    async put({ id, key, item, ifVersion }) {
      const had = ifVersion === null ? byKey.get(key) : byId.get(id ?? '')
      if (ifVersion === null && had !== undefined) {
        return { id: had['id'] as string, version: String(had['seq']), existed: true }
      }
      if (ifVersion !== null && String(had?.['seq']) !== ifVersion) return { conflict: true }
      const chosen = id ?? `row${seq + 1}`
      put.run(chosen, key, JSON.stringify(item), ++seq)
      return { id: chosen, version: String(seq) }
    },
    async remove(id, ifVersion) {
      const row = byId.get(id)
      if (row === undefined || row['item'] === null) return { removed: false }
      if (String(row['seq']) !== ifVersion) return { conflict: true }
      put.run(id, row['made_by'] ?? null, null, ++seq)
      return { removed: true }
    },
  }
}
