import type { Account } from '../connector/profile.ts'
import type { Effect } from '../connector/effect.ts'
import type { ErrorCode } from '../errors/codes.ts'

interface AboutConnection {
  readonly serverId: string
  readonly tenant: string | undefined
  readonly connection: string
}

interface AboutRequest {
  readonly serverId: string
  readonly toolName: string
  readonly tenant: string
  readonly connection: string
  readonly requestId: string
  readonly method: string
  readonly attempt: number
}

/** What the runtime tells its host. No event holds an input, an answer or a credential. Durations are milliseconds. */
export interface RuntimeEvents {
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
  'connection.connected': AboutConnection & { readonly account: Account | undefined }
  'connection.disconnected': AboutConnection
}
