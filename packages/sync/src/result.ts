import { causeOf } from '@mcpclient/core'
import type { ConnectorError, ErrorCode } from '@mcpclient/core'
import type { Recovery } from './place.ts'

/** Numbers of records, on each side. */
export interface Writes {
  readonly local: number
  readonly remote: number
}

/** A record or a request that failed. */
export interface SyncFailure {
  readonly code: ErrorCode
  readonly message: string
  readonly remoteId?: string | undefined
  readonly localId?: string | undefined
  /** The cause of the error. It may contain secrets, so it is not enumerable: it is neither printed nor serialized. */
  readonly cause?: unknown
}

/** Returns what a result says of an error. */
export function failureOf(error: ConnectorError, ids: Pick<SyncFailure, 'remoteId' | 'localId'> = {}): SyncFailure {
  const { code, message } = error
  return Object.defineProperty({ code, message, ...ids }, 'cause', { value: causeOf(error) })
}

/** Removals that were not applied because they were too many. */
export interface Brake {
  /** The side that would have lost the records. */
  readonly side: 'remote' | 'local'
  readonly removals: number
  /** The number of records in the sync. */
  readonly of: number
}

/** The result of a run. Every guarantee that did not hold is counted in it. */
export interface SyncResult {
  /** False after a failure of the run, and if the brake held removals back. Failures of single records are in `errors`. */
  readonly success: boolean
  /** Records that were looked at. */
  readonly itemsProcessed: number
  /** At most 100. */
  readonly errors: readonly SyncFailure[]
  /** The end of the run, in milliseconds since the epoch. */
  readonly timestamp: number
  readonly created: Writes
  readonly updated: Writes
  readonly deleted: Writes
  /** Fields that both sides changed to different values, and removals of a record that the other side changed. */
  readonly conflicts: number
  /** Values that lost a conflict. They stay in `parked()`. */
  readonly overwritten: number
  /** Records that are not written because the provider, the schema or the direction does not allow it. */
  readonly skipped: number
  /** Records that were parked in this run: see `parked()`. */
  readonly parked: number
  /** Records that are looked at again once `settleMs` has passed. */
  readonly deferred: number
  /** Removed records that were created again, because the other side had changed them or the plan says so. */
  readonly restored: number
  /** Interrupted writes that this run finished. */
  readonly finished: number
  /** Creates whose outcome cannot be found out. They are parked with the records that may be theirs. */
  readonly unknown: number
  /** Writes without a condition: an edit between the read before it and the write was overwritten. */
  readonly unconditional: number
  readonly pages: number
  readonly requests: number
  readonly durationMs: number
  /** Whether the round ended. If not, the next run continues it. */
  readonly complete: boolean
  /** Nothing was written: the first run of two sides that both have records waits for `first: 'merge'`. */
  readonly preview: boolean
  /** The reason why the round started again from an earlier place. */
  readonly recovered?: Recovery | undefined
  readonly braked?: Brake | undefined
  /** Another run took over. */
  readonly superseded: boolean
  /** The last two full lists ended without a checkpoint, so every round lists everything. */
  readonly missingCheckpoint: boolean
}

type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] extends Writes ? Mutable<Writes> : Value[Key] }

/** A result that is being counted. */
export type Tally = Omit<Mutable<SyncResult>, 'errors'> & { errors: SyncFailure[] }

export const emptyTally = (): Tally => ({
  success: true,
  itemsProcessed: 0,
  errors: [],
  timestamp: 0,
  created: { local: 0, remote: 0 },
  updated: { local: 0, remote: 0 },
  deleted: { local: 0, remote: 0 },
  conflicts: 0,
  overwritten: 0,
  skipped: 0,
  parked: 0,
  deferred: 0,
  restored: 0,
  finished: 0,
  unknown: 0,
  unconditional: 0,
  pages: 0,
  requests: 0,
  durationMs: 0,
  complete: false,
  preview: false,
  superseded: false,
  missingCheckpoint: false,
})
