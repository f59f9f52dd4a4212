/**
 * Everything that is done to a credential, or with it.
 *
 * `connect_begin`: a person was sent to agree. `connect`: a credential was kept, or not. `use`: a request was signed
 * with it. `read`: its state was looked at. `renew`: a grant was renewed. `rotate`: another credential takes its place.
 * `backup`: a backup was set, removed or used. `disconnect`: the connection was given up. `quarantine`: it was taken out
 * of use here; `revoke`: its grant was ended at the provider. `migrate`: it was moved to another connector. `reencrypt`:
 * the keys of the store were rotated. `needs_reauth`, `grant_lost`: what a renewal may come to. `access_denied`: the
 * host's `credentialAccess` said no; the reason is the operation that was asked for.
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

/** One line of the audit. It names what happened to which credential, and never holds any part of one. */
export interface AuditEntry {
  /** ISO 8601. */
  readonly at: string
  readonly operation: AuditOperation
  /** `refused`: by the provider, or by the host's policy; `failed`: anything else went wrong. */
  readonly outcome: 'success' | 'refused' | 'failed'
  /** Who did it; absent where the runtime did it by itself. */
  readonly actor?: AuditActor | undefined
  /** Absent where no one connector is meant. */
  readonly serverId?: string | undefined
  /** Whose connection it is; absent for the app's own credential. */
  readonly tenant?: string | undefined
  readonly connection?: string | undefined
  /** Tells one key or token from another; absent for what is too short to be shown even so. */
  readonly fingerprint?: string | undefined
  /** A word for programs, or what the operator gave as the reason. */
  readonly reason?: string | undefined
  /** The call during which it happened. */
  readonly requestId?: string | undefined
}

export interface AuditActor {
  readonly tenant: string
  readonly user?: string | undefined
  readonly agent?: string | undefined
}

/**
 * Where the audit of credentials goes: a table, a log, a SIEM.
 *
 * Nothing waits for it and nothing fails with it: what `record` throws or rejects with is logged as a warning. A sink that
 * must not lose an entry keeps its own queue.
 */
export interface AuditSink {
  /** Called in the order in which things happened, each time without waiting for the time before. */
  record(entry: AuditEntry): void | Promise<void>
  /** True to be told of each request that is signed, too: as many entries as there are requests. */
  readonly wantsUse?: boolean | undefined
}
