import type { Account } from '../identity/connection.ts'

export interface AboutConnection {
  readonly serverId: string
  readonly tenant: string | undefined
  readonly connection: string
}

interface AboutTrouble {
  /** For programs: `invalid_grant`, `renewal_failed`, `credential_refused`, `password_changed`. */
  readonly reason: string
  /** For users: what to do. */
  readonly hint: string | undefined
}

/** Events of connections and their credentials. No event holds a credential. Durations are milliseconds. */
export interface ConnectionEvents {
  /** A user connected an account, or connected it again. */
  'connection.connected': AboutConnection & { readonly account: Account | undefined }
  /** The connection and its credential were removed with `disconnect()`. */
  'connection.disconnected': AboutConnection
  /** A refresh or a request failed, but the credential is still valid. No user action is needed. */
  'connection.degraded': AboutConnection & AboutTrouble
  /** A user has to connect the account again: send them through `connect()`. */
  'connection.needs_reauth': AboutConnection & AboutTrouble
  /** A degraded or rejected connection works again. */
  'connection.recovered': AboutConnection
  /** The grant was refreshed. Emitted by the process that did it. */
  'connection.renewed': AboutConnection & {
    /** Milliseconds since the epoch; undefined if the provider does not say when the token expires. */
    readonly expiresAt: number | undefined
  }
  /** A single-use refresh token was used, and the response never arrived. `needs_reauth` follows. */
  'grant.lost': AboutConnection & AboutTrouble
  /** The connection was disabled by `revoke()` of the vault. A user can connect it again. */
  'connection.revoked': AboutConnection & { readonly reason: string }
  /** A new credential replaced the previous one, and works. */
  'credential.rotated': AboutConnection
  /** The provider rejected the new credential. The previous one stays in use. */
  'credential.rotation_failed': AboutConnection & AboutTrouble
  /** The current credential was rejected and another one works. Emitted once, not for each call. */
  'credential.backup_used': AboutConnection & AboutTrouble & { readonly used: 'backup' | 'previous' }
  /** A credential expires soon, or has expired. Emitted once for each of the days in `expiryWarningDays`. */
  'credential.expiring': AboutConnection & {
    readonly role: 'current' | 'backup'
    /** Milliseconds since the epoch. */
    readonly expiresAt: number
    /** Rounded up; 0 once it has expired. */
    readonly daysLeft: number
  }
}
