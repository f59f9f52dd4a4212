import type { Effect } from '../connector/request.ts'
import type { ErrorCode } from '../errors/codes.ts'
import type { AboutConnection, ConnectionEvents } from '../ports/connection-events.ts'

interface AboutRequest {
  readonly serverId: string
  readonly toolName: string
  readonly tenant: string
  readonly connection: string
  readonly requestId: string
  readonly method: string
  readonly attempt: number
}

interface AboutSync {
  readonly serverId: string
  readonly tenant: string
  readonly connection: string
  readonly sync: string
  readonly params: object
}

interface AboutSubscription {
  readonly serverId: string
  readonly tenant: string
  readonly connection: string
  /** The sync that it wakes. Absent: it delivers events. */
  readonly sync: string | undefined
}

/** The events of the runtime. No event contains an input, a response or a credential. Durations are in milliseconds. */
export interface RuntimeEvents extends ConnectionEvents {
  /** A tool call succeeded or failed. */
  'call.finished': {
    readonly serverId: string
    readonly toolName: string
    readonly tenant: string
    readonly user: string | undefined
    readonly agent: string | undefined
    readonly connection: string
    readonly requestId: string
    readonly effect: Effect
    readonly status: 'success' | 'error'
    readonly code: ErrorCode | undefined
    readonly durationMs: number
  }
  /** A request failed and will be sent again. */
  'request.retrying': AboutRequest & { readonly code: ErrorCode; readonly delayMs: number }
  /** The provider returned a rate limit error: every call of the same `scope` waits for `forMs`. */
  'limit.blocked': AboutRequest & { readonly scope: string; readonly forMs: number }
  /** A connection kept failing: its calls fail with `CIRCUIT_OPEN` for `forMs`. */
  'breaker.opened': AboutConnection & { readonly forMs: number }
  /** The breaker sends probes. */
  'breaker.half_opened': AboutConnection
  /** The probes succeeded: calls are sent again. */
  'breaker.closed': AboutConnection
  /** A run of a sync ended. */
  'sync.finished': AboutSync & {
    readonly success: boolean
    /** Whether the round ended. If not, the next run continues it. */
    readonly complete: boolean
    /** The records that were created, updated and deleted on the two sides. */
    readonly writes: number
    readonly parked: number
    readonly code: ErrorCode | undefined
    readonly durationMs: number
  }
  /** A run applied no removals because they were too many: see `confirmRemovals`. */
  'sync.braked': AboutSync & { readonly side: 'remote' | 'local'; readonly removals: number; readonly of: number }
  /** A round began again from an earlier place, such as after an expired cursor. */
  'sync.recovered': AboutSync & { readonly reason: string }
  /** A scheduled sync failed several times in a row. It is tried again, later each time. */
  'sync.stuck': AboutSync & { readonly failures: number; readonly code: ErrorCode | undefined }
  /** A subscription was renewed. */
  'subscription.renewed': AboutSubscription & { readonly expiresAt: number | undefined }
  /** A subscription ended before it was renewed, so deliveries may be missing. Its syncs run now. */
  'subscription.lapsed': AboutSubscription & { readonly code: ErrorCode | undefined }
  /** A delivery could not be handled and waits for `replay()`. */
  'delivery.parked': { readonly serverId: string; readonly id: string; readonly code: ErrorCode }
}
