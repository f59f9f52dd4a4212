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
}
