/** One collection of one connection. */
export interface SyncTarget {
  /** The server id of the connector. */
  readonly connector: string
  /** The name of the sync in its definition. */
  readonly sync: string
  readonly tenant: string
  /**
   * Ignored if the connector has a credential of the app, which is one connection with the name `app`.
   * @default 'default'
   */
  readonly connection?: string | undefined
  /** The params of the sync, as `syncData` takes them. */
  readonly params?: object | undefined
}

/** A target with every default filled in. */
export interface SyncedCollection extends SyncTarget {
  readonly connection: string
  readonly params: object
}
