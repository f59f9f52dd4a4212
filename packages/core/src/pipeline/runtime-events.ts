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
  /** The provider said "too many requests": everything under `scope` waits. */
  'limit.blocked': AboutRequest & { readonly scope: string; readonly forMs: number }
  'breaker.opened': AboutConnection & { readonly forMs: number }
  'breaker.half_opened': AboutConnection
  'breaker.closed': AboutConnection
}
