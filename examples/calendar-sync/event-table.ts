import { randomUUID } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import type { Replica } from '@mcpclient/sync'

interface Row {
  readonly id: string
  readonly create_key: string | null
  readonly item: string | null
  readonly change: number
}

/** The events of an app in a table of its own. Each write gets the next number, which is version and cursor alike. */
export class EventTable implements Replica {
  readonly #db = new DatabaseSync(':memory:')

  constructor() {
    this.#db.exec(`
      CREATE TABLE events (id TEXT PRIMARY KEY, create_key TEXT UNIQUE, item TEXT, change INTEGER NOT NULL);
      CREATE INDEX events_by_change ON events (change);
    `)
  }

  async *changes(since: string | undefined) {
    const rows = this.#db.prepare('SELECT * FROM events WHERE change > ? ORDER BY change').all(Number(since ?? 0))
    for (const row of rows as unknown as readonly Row[]) {
      const version = String(row.change)
      const item = row.item === null ? null : (JSON.parse(row.item) as object as Record<string, unknown>)
      yield { id: row.id, version, item, key: row.create_key ?? undefined, cursor: version }
    }
  }

  get(id: string) {
    const row = this.#row('id', id)
    return Promise.resolve(
      row === undefined || row.item === null
        ? undefined
        : { item: JSON.parse(row.item) as Record<string, unknown>, version: String(row.change) },
    )
  }

  put({ id, key, item, ifVersion }: Parameters<Replica['put']>[0]): ReturnType<Replica['put']> {
    if (ifVersion === null) {
      const row = this.#row('create_key', key)
      if (row !== undefined) return Promise.resolve({ id: row.id, version: String(row.change), existed: true })
      return Promise.resolve({ id: this.insert(item, key), version: String(this.#last()) })
    }
    return Promise.resolve(
      this.#write(id ?? '', JSON.stringify(item), ifVersion)
        ? { id: id ?? '', version: String(this.#last()) }
        : { conflict: true },
    )
  }

  remove(id: string, ifVersion: string): ReturnType<Replica['remove']> {
    if (typeof this.#row('id', id)?.item !== 'string') return Promise.resolve({ removed: false })
    return Promise.resolve(this.#write(id, null, ifVersion) ? { removed: true } : { conflict: true })
  }

  // What the app itself does.

  insert(item: object, key: string | null = null): string {
    const id = randomUUID()
    this.#db
      .prepare('INSERT INTO events (id, create_key, item, change) VALUES (?, ?, ?, ?)')
      .run(id, key, JSON.stringify(item), this.#last() + 1)
    return id
  }

  /** Changes fields of the event with a title. */
  edit(summary: string, changes: object): void {
    const { id, item } = this.#titled(summary)
    this.#write(id, JSON.stringify({ ...item, ...changes }), undefined)
  }

  delete(summary: string): void {
    this.#write(this.#titled(summary).id, null, undefined)
  }

  /** Returns the events in the order of their titles. */
  items(): readonly Record<string, unknown>[] {
    const rows = this.#db.prepare('SELECT item FROM events WHERE item IS NOT NULL').all() as unknown as readonly Row[]
    return rows
      .map(({ item }) => JSON.parse(item ?? '{}') as Record<string, unknown>)
      .toSorted((one, other) => String(one['summary']).localeCompare(String(other['summary'])))
  }

  close(): void {
    this.#db.close()
  }

  #titled(summary: string): { readonly id: string; readonly item: object } {
    for (const row of this.#db
      .prepare('SELECT * FROM events WHERE item IS NOT NULL')
      .all() as unknown as readonly Row[]) {
      const item = JSON.parse(row.item ?? '{}') as { readonly summary?: string }
      if (item.summary === summary) return { id: row.id, item }
    }
    throw new Error(`No event has the title ${summary}.`)
  }

  #row(column: 'id' | 'create_key', value: string): Row | undefined {
    return this.#db.prepare(`SELECT * FROM events WHERE ${column} = ?`).get(value) as unknown as Row | undefined
  }

  #write(id: string, item: string | null, ifVersion: string | undefined): boolean {
    const { changes } = this.#db
      .prepare('UPDATE events SET item = ?, change = ? WHERE id = ? AND (? IS NULL OR change = ?)')
      .run(item, this.#last() + 1, id, ifVersion ?? null, Number(ifVersion ?? 0))
    return changes === 1
  }

  #last(): number {
    const { last } = this.#db.prepare('SELECT coalesce(max(change), 0) AS last FROM events').get() as { last: number }
    return last
  }
}
