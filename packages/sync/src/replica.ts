import type { ChangeTime, Fields } from './remote.ts'

/** One entry in the host's feed of changes. */
export interface ReplicaChange<Item extends object = Fields> {
  readonly id: string
  readonly version: string
  /** Null if the row was removed. */
  readonly item: Item | null
  /** The `key` that the row was created with by `put`. Absent for a row that the host created. */
  readonly key?: string | undefined
  /** The position after this entry: `since` of a later call. */
  readonly cursor: string
}

/** A row of the host. */
export interface ReplicaRecord<Item extends object = Fields> {
  readonly item: Item
  readonly version: string
  readonly changed?: ChangeTime | undefined
}

/**
 * The host's side of a sync: its own table behind four methods, two of them a compare-and-swap. Versions are opaque and
 * change with every write of a row.
 */
export interface Replica<Item extends object = Fields> {
  /** Yields the rows that changed after a cursor, each at least once, removed ones too. Without it: every row. */
  changes(since: string | undefined): AsyncIterable<ReplicaChange<Item>>
  get(id: string): Promise<ReplicaRecord<Item> | undefined>
  /**
   * Writes a row if its version is `ifVersion`. With null it creates a row: `key` identifies the create and belongs in a
   * unique column. A key that already created a row, even one removed since, writes nothing and returns that row's id
   * with `existed`.
   */
  put(record: {
    readonly id?: string | undefined
    readonly key: string
    readonly item: Item
    readonly ifVersion: string | null
  }): Promise<
    | { readonly id: string; readonly version: string; readonly existed?: boolean | undefined }
    | { readonly conflict: true }
  >
  /** Removes a row if its version is `ifVersion`. Returns `removed: false` if there is none. */
  remove(id: string, ifVersion: string): Promise<{ readonly conflict: true } | { readonly removed: boolean }>
}
