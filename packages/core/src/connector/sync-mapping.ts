/** Changed fields of a row. Null empties a field. */
export type RowChanges<Row> = { readonly [Name in keyof Row]?: Row[Name] | null }

/**
 * Translates the items of a sync to rows of another shape and back, so that several providers fill one table. Both
 * functions are pure.
 */
export interface SyncMapping<Row extends object, Item extends object = object> {
  /** The fields of a row that the provider has. Others are neither read nor written. */
  readonly fields: readonly Extract<keyof Row, string>[]
  /**
   * Fields that are pulled and never sent. A table of several providers cannot have such fields: each sync would restore
   * its own value.
   * @default []
   */
  readonly readOnly?: readonly Extract<keyof Row, string>[] | undefined
  /** Array fields that are merged by element. @default [] */
  readonly sets?: readonly Extract<keyof Row, string>[] | undefined
  /**
   * Fields whose change needs the item as it is at the provider: it has parts that a row lacks, and that a write of the
   * whole value would lose. Before such a change is sent the item is read, which costs a request. @default []
   */
  readonly readFirst?: readonly Extract<keyof Row, string>[] | undefined
  /**
   * Returns the row of an item; undefined for an item that has no row, which is treated as if it did not exist. A field
   * that is undefined is empty, or unknown if the sync is `sparse`.
   * @throws for an item that cannot be translated: it is parked
   */
  toRow(item: Item): Row | undefined
  /**
   * Returns the fields of the item for changed fields of a row. Null empties a field.
   * @param row all fields of the row, for a field that depends on another
   * @param current the item that is changed, if one of its changed fields is in `readFirst`
   * @throws ConnectorError INVALID_INPUT for a value that the provider cannot hold: the row is parked
   */
  toItem(changes: RowChanges<Row>, row: Partial<Row>, current?: Item): object
}

/** A mapping with its types erased. */
export interface AnySyncMapping {
  readonly fields: readonly string[]
  readonly readOnly?: readonly string[] | undefined
  readonly sets?: readonly string[] | undefined
  readonly readFirst?: readonly string[] | undefined
  toRow(item: never): object | undefined
  toItem(changes: never, row: never, current?: never): object
}
