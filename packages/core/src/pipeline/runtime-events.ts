import type { Account } from '../identity/connection.ts'
import type { Effect } from '../connector/request.ts'
import type { ErrorCode } from '../errors/codes.ts'

interface AboutConnection {
  readonly serverId: string
  readonly tenant: string | undefined
  readonly connection: string
}

interface AboutTrouble {
  /** For programs: `invalid_grant`, `renewal_failed`, `credential_refused`, `password_changed`. */
  readonly reason: string
  /** For people: what to do. */
  readonly hint: string | undefined
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
  /** Renewing or using the credential failed this time; the connection mends itself or gets worse. */
  'connection.degraded': AboutConnection & AboutTrouble
  /** A person has to connect the account again: send them through `connect()`. */
  'connection.needs_reauth': AboutConnection & AboutTrouble
  /** What was degraded or refused works again. */
  'connection.recovered': AboutConnection
  /** The grant was renewed; told by the one worker that did it. */
  'connection.renewed': AboutConnection & { readonly expiresAt: number | undefined }
  /** A token that can be spent once was spent, and what it was spent for never arrived. `needs_reauth` follows. */
  'grant.lost': AboutConnection & AboutTrouble
  /** The connection was taken out of use by `mcp.vault.revoke`; a person may connect it again. */
  'connection.revoked': AboutConnection & { readonly reason: string }
  /** Another credential has taken the place of the one before, and works. */
  'credential.rotated': AboutConnection
  /** The credential that was to take over was refused; the one before goes on. */
  'credential.rotation_failed': AboutConnection & AboutTrouble
  /** The first credential was refused and another one works; told once, not with each call. */
  'credential.backup_used': AboutConnection & AboutTrouble & { readonly used: 'backup' | 'predecessor' }
  /** A credential ends soon, or has ended; told once for each of the days in `expiryWarningDays`. */
  'credential.expiring': AboutConnection & {
    readonly part: 'credential' | 'backup'
    /** Milliseconds since the epoch. */
    readonly expiresAt: number
    /** Rounded up; 0 once it has ended. */
    readonly daysLeft: number
  }
}
