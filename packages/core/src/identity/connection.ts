/** One account of one tenant at one connector; the app's own account has no tenant. */
export interface Connection {
  /** Unique in the client, and in its stores. */
  readonly key: string
  readonly serverId: string
  readonly tenant: string | undefined
  readonly name: string
  /** Where its credential lies in the store; connectors of one family share it. */
  readonly place: string
}

/** Whose account a connection is, as the provider knows it. */
export interface Account {
  readonly id: string
  readonly name?: string | undefined
}
