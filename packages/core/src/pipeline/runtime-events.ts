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

/** Events of the runtime. No event holds an input, a response or a credential. Durations are milliseconds. */
export interface RuntimeEvents extends ConnectionEvents {
  /** A tool call ended, well or not. */
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
  /** The provider returned "too many requests": every call of the same `scope` waits for `forMs`. */
  'limit.blocked': AboutRequest & { readonly scope: string; readonly forMs: number }
  /** A connection kept failing: its calls fail with `CIRCUIT_OPEN` for `forMs`. */
  'breaker.opened': AboutConnection & { readonly forMs: number }
  /** The breaker lets probes through. */
  'breaker.half_opened': AboutConnection
  /** The probes worked: calls are sent again. */
  'breaker.closed': AboutConnection
}
