import type { AnySync, SyncOptions, SyncResult } from '../connector/sync.ts'
import type { Connection } from '../identity/connection.ts'
import type { Principal } from '../identity/principal.ts'
import type { ClientOperation } from './operation.ts'

/** Runs `syncData`. A capability brings it: `@mcpclient/sync`. */
export interface SyncEngine {
  run(request: SyncRequest): Promise<SyncResult>
  /** Runs scheduled syncs now, because a webhook says that there is something to pull. */
  wake?(target: WakeTarget): Promise<void>
  /** Sets whether a webhook reports the changes of a collection, so that polling it is only a safety net. */
  setPushed?(target: WakeTarget, isPushed: boolean): Promise<void>
}

/** The scheduled syncs of a connection that have one name. */
export interface WakeTarget {
  readonly serverId: string
  readonly sync: string
  readonly tenant: string
  readonly connection: string
  /** Only the collection with these params. Absent: every one that is scheduled. */
  readonly params?: object | undefined
}

/** One run of one sync of one connection. */
export interface SyncRequest {
  readonly serverId: string
  readonly principal: Principal
  readonly connection: Connection
  /** The name of the sync in the definition. */
  readonly name: string
  readonly sync: AnySync
  /** The names of the fields of its item. */
  readonly fields: readonly string[]
  /** As the schema of the sync parsed them. */
  readonly params: object
  readonly options: SyncOptions
  /**
   * Sends one operation as a call of the pipeline: validated, permitted, limited and audited under the name
   * `sync_events_pull`. It waits behind other calls for rate limits. Returns the response, unparsed, or what the generator
   * returned.
   */
  readonly send: (operation: SyncOperation) => Promise<unknown>
}

export interface SyncOperation extends Omit<ClientOperation, 'scopes' | 'signal'> {
  readonly name: 'pull' | 'get' | 'create' | 'update' | 'remove'
}
