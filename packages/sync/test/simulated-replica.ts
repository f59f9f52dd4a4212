import type { Fields } from '../src/remote.ts'
import type { Replica } from '../src/replica.ts'

interface Row {
  readonly item: Fields | undefined
  readonly version: string
  readonly key: string | undefined
}

/** A host's table in memory, with a feed of changes, and a user who edits it. */
export interface SimulatedReplica extends Replica {
  rows(): readonly { readonly id: string; readonly item: Fields }[]
  /** Edits of a user. `edit` creates, changes or restores. */
  edit(id: string, changes: Fields): void
  drop(id: string): void
  /** Writes of the sync so far that changed something. */
  readonly writes: number
}

export function simulatedReplica(): SimulatedReplica {
  const table = new Map<string, Row>()
  const keys = new Map<string, string>()
  const log: string[] = []
  let writes = 0
  const write = (id: string, item: Fields | undefined, key?: string): string => {
    const version = `v${log.push(id)}`
    table.set(id, { item, version, key: key ?? table.get(id)?.key })
    return version
  }
  return {
    get writes() {
      return writes
    },
    async *changes(since) {
      for (let at = Number(since ?? 0); at < log.length; at++) {
        const id = log[at] ?? ''
        const row = table.get(id)
        // A later entry of the same row says the same.
        if (row === undefined || log.lastIndexOf(id) !== at) continue
        const { version, item, key } = row
        if (since === undefined && item === undefined) continue
        yield { id, version, item: item ?? null, key, cursor: String(at + 1) }
      }
    },
    async get(id) {
      const row = table.get(id)
      return row?.item && { item: row.item, version: row.version }
    },
    async put({ id, key, item, ifVersion }) {
      if (ifVersion === null) {
        const had = keys.get(key)
        if (had !== undefined) return { id: had, version: table.get(had)?.version ?? '', existed: true }
        const made = `p${log.length + 1}`
        keys.set(key, made)
        writes++
        return { id: made, version: write(made, item, key) }
      }
      const row = table.get(id ?? '')
      if (id === undefined || row?.item === undefined || row.version !== ifVersion) return { conflict: true }
      writes++
      return { id, version: write(id, item) }
    },
    async remove(id, ifVersion) {
      const row = table.get(id)
      if (row?.item === undefined) return { removed: false }
      if (row.version !== ifVersion) return { conflict: true }
      writes++
      write(id, undefined)
      return { removed: true }
    },
    rows: () => [...table].flatMap(([id, { item }]) => (item === undefined ? [] : [{ id, item }])),
    edit(id, changes) {
      write(id, { ...table.get(id)?.item, ...changes })
    },
    drop(id) {
      if (table.get(id)?.item !== undefined) write(id, undefined)
    },
  }
}
