import type { Effect, RequestSpec } from '../connector/request.ts'
import type { Run } from '../connector/steps.ts'
import type { AnySync, SyncOptions, SyncResult } from '../connector/sync.ts'
import type { Connection } from '../identity/connection.ts'
import type { Principal } from '../identity/principal.ts'

/** Runs `syncData`. A capability brings it: `@mcpclient/sync`. */
export interface SyncEngine {
  run(request: SyncRequest): Promise<SyncResult>
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

export interface SyncOperation {
  readonly name: 'pull' | 'get' | 'create' | 'update' | 'remove'
  readonly effect: Effect
  /** Whether sending it twice does the same as sending it once, so that it may be retried. */
  readonly idempotent: boolean
  readonly request: () => RequestSpec | Run<unknown>
}
