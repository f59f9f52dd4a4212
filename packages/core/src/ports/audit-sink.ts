/**
 * An operation on a credential, or with it.
 *
 * - `connect_begin`: an authorization was started
 * - `connect`: a credential was stored, or rejected
 * - `use`: a request was signed
 * - `read`: the state was read
 * - `renew`: a grant was refreshed
 * - `rotate`: the credential was replaced
 * - `backup`: a backup credential was set, removed or used
 * - `disconnect`: the connection was deleted
 * - `quarantine`: the connection was disabled
 * - `revoke`: the grant was revoked at the provider
 * - `migrate`: the connection was moved to another connector
 * - `reencrypt`: the keys of the store were rotated
 * - `needs_reauth`, `grant_lost`: a refresh ended the connection
 * - `access_denied`: the vault's `access` policy denied the operation in `reason`
 */
export type AuditOperation = (typeof auditOperations)[number]
export const auditOperations = [
  'connect_begin',
  'connect',
  'use',
  'read',
  'renew',
  'rotate',
  'backup',
  'disconnect',
  'quarantine',
  'revoke',
  'migrate',
  'reencrypt',
  'needs_reauth',
  'grant_lost',
  'access_denied',
] as const

/** An audit entry. It names a credential and what happened to it, and never contains any part of the credential. */
export interface AuditEntry {
  /** ISO 8601. */
  readonly at: string
  readonly operation: AuditOperation
  /** `refused`: by the provider or by the host's policy. `failed`: for any other reason. */
  readonly outcome: 'success' | 'refused' | 'failed'
  /** The actor. Absent for the runtime itself. */
  readonly actor?: AuditActor | undefined
  /** Absent if the operation concerns more than one connector. */
  readonly serverId?: string | undefined
  /** The tenant of the connection. Absent for the app's own credential. */
  readonly tenant?: string | undefined
  readonly connection?: string | undefined
  /** Identifies the key or token. Absent if it is too short for a safe fingerprint. */
  readonly fingerprint?: string | undefined
  /** A snake_case reason, or the reason that the operator gave. */
  readonly reason?: string | undefined
  /** The call in which it happened. */
  readonly requestId?: string | undefined
}

export interface AuditActor {
  readonly tenant: string
  readonly user?: string | undefined
  readonly agent?: string | undefined
}

/**
 * Receives the audit of credentials: a table, a log, a SIEM.
 *
 * No operation waits for the sink or fails with it. Errors of `record` are logged as warnings. A sink that must not lose
 * entries needs its own queue.
 */
export interface AuditSink {
  /** Records an entry. Called in order, without waiting for the previous entry. */
  record(entry: AuditEntry): void | Promise<void>
  /** Whether to receive `use` entries too, one for each signed request. */
  readonly wantsUse?: boolean | undefined
}
