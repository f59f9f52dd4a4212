import type { Grant } from '../auth/grant.ts'
import type { Account } from '../identity/connection.ts'
import type { ConnectionState } from '../ports/accounts.ts'

/** A stored connection. Its credential leaves the vault only in a signature, or as the secret that verifies webhooks. */
export interface ConnectionRecord {
  /** The values that a user entered; empty if there is only a grant. */
  readonly credential: Readonly<Record<string, string>>
  readonly grant?: Grant | undefined
  /** The number of grants that the connection has had. @default 0 */
  readonly generation?: number | undefined
  /** @default 'active' */
  readonly state?: ConnectionState | undefined
  /** The reason if it is not active. */
  readonly trouble?: Trouble | undefined
  /** The process that is renewing the grant. */
  readonly lease?: Lease | undefined
  /** A renewal whose result at the provider is unknown. */
  readonly unresolved?: Unresolved | undefined
  /** A request was refused with 401 although its token had just been refreshed because of a 401. */
  readonly refusedFresh?: RefusedFresh | undefined
  /** The connection's own settings, by connector. They override those of the composition. */
  readonly settings?: Readonly<Record<string, object>> | undefined
  readonly account?: Account | undefined
  /** The user who may choose a site of the account while that is pending; absent: any user of the tenant. */
  readonly startedBy?: string | undefined
  /** ISO 8601. */
  readonly connectedAt?: string | undefined
  /** Credentials of the same account besides the current one, in the order of use, at most one of each role. */
  readonly spares?: readonly SpareCredential[] | undefined
  /** The expiry that a user stated, in milliseconds since the epoch. */
  readonly expiresAt?: number | undefined
  /** The host has been warned this many days before the expiry. */
  readonly warnedDays?: number | undefined
  /** Connectors of the family that disconnected from this shared grant. */
  readonly left?: readonly string[] | undefined
  /** The credential of a revoked connection until it is revoked at the provider. It must not be used. */
  readonly quarantined?: Pick<ConnectionRecord, 'credential' | 'grant'> | undefined
  /** The row that a migration copied it from, so that a repeated migration recognizes its own copy. */
  readonly movedFrom?: string | undefined
}

/** Returns the settings of a connection for one connector: those that its grant brings, overridden by its own. */
export function settingsIn(
  { settings, grant }: Pick<ConnectionRecord, 'settings' | 'grant'>,
  serverId: string,
): object | undefined {
  const own = settings?.[serverId]
  return grant?.settings === undefined ? own : { ...grant.settings, ...own }
}

/**
 * The role of a credential besides the current one.
 *
 * `staged`: becomes the current one once the provider accepts it, and is dropped if the provider refuses it. `previous`:
 * the one before, kept for a while in case the current one is refused. `backup`: used if all others are refused.
 */
export type SpareRole = (typeof spareRoles)[number]
/** In the order of use. */
export const spareRoles = ['staged', 'previous', 'backup'] as const

export interface SpareCredential {
  readonly role: SpareRole
  readonly credential: Readonly<Record<string, string>>
  /** The token that was entered, if the credential is one. */
  readonly grant?: Grant | undefined
  /** Milliseconds since the epoch. */
  readonly since: number
  /** Previous only: the time at which it is dropped, in milliseconds since the epoch. */
  readonly until?: number | undefined
  /** Its expiry, in milliseconds since the epoch. */
  readonly expiresAt?: number | undefined
  readonly warnedDays?: number | undefined
  /** Staged only: for how many milliseconds the current credential is kept after this one has replaced it. */
  readonly keepOldForMs?: number | undefined
}

export interface Trouble {
  /** snake_case, for programs: `invalid_grant`, `grant_lost`. */
  readonly reason: string
  readonly hint?: string | undefined
  /** Milliseconds since the epoch. */
  readonly since: number
  /** Failed renewals in a row. */
  readonly failures?: number | undefined
  /** Refusals in a row that gave no reason; since: milliseconds since the epoch. */
  readonly unexplained?: { readonly times: number; readonly since: number } | undefined
  /** The earliest time of the next attempt, in milliseconds since the epoch. */
  readonly retryAt?: number | undefined
}

export interface Lease {
  readonly owner: string
  /** Milliseconds since the epoch, on the owner's clock. */
  readonly until: number
  /** The generation of the grant that the owner is about to exchange: the write-ahead intent. */
  readonly generation: number
}

export interface RefusedFresh {
  /** The generation of the grant. */
  readonly generation: number
  /** Milliseconds since the epoch. */
  readonly at: number
}

export interface Unresolved {
  /** Milliseconds since the epoch. */
  readonly since: number
  /**
   * `crashed`: the owner of the lease never finished. `no_reply`: no response arrived. `shown_twice`: it finished with this
   * grant, but another process had taken over the lease and may have presented the same token. A provider may revoke the
   * grant for that (RFC 9700, section 4.14.2).
   */
  readonly how: 'crashed' | 'no_reply' | 'shown_twice'
}

/** Returns every secret in a record, to be redacted in what a provider repeats. */
export const secretsOf = (
  record: Pick<ConnectionRecord, 'credential' | 'grant' | 'spares' | 'quarantined'>,
): readonly string[] =>
  [record, ...(record.spares ?? []), record.quarantined].flatMap((holder) =>
    holder === undefined ? [] : [...Object.values(holder.credential), ...secretsOfGrant(holder.grant)],
  )

const secretsOfGrant = (grant: Grant | undefined): readonly string[] =>
  [
    grant?.accessToken,
    grant?.refreshToken,
    grant?.key?.['d'],
    ...(grant?.choices ?? []).map(({ accessToken }) => accessToken),
  ].filter((secret) => typeof secret === 'string')

/** Returns every string in a value, so that a credential or an app's secrets can be redacted. */
export const stringValues = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringValues) : []
}

/** Returns whether both are the same credential. */
export const isSameCredential = (
  one: Pick<ConnectionRecord, 'credential' | 'grant'>,
  other: Pick<ConnectionRecord, 'credential' | 'grant'>,
): boolean =>
  one.grant?.accessToken === other.grant?.accessToken &&
  JSON.stringify(one.credential) === JSON.stringify(other.credential)
