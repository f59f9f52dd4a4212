import type { Grant } from '../auth/grant.ts'
import type { Account } from '../identity/connection.ts'
import type { ConnectionState } from '../ports/accounts.ts'

/** What is kept of a connection. It holds the credential: it never leaves the vault but into a signature. */
export interface ConnectionRecord {
  /** What a person typed in; empty where a grant is all there is. */
  readonly credential: Readonly<Record<string, string>>
  readonly grant?: Grant | undefined
  /** Counts the grants that the connection has had. Absent: 0. */
  readonly generation?: number | undefined
  /** Absent: `active`. */
  readonly state?: ConnectionState | undefined
  /** Why it is not active. */
  readonly trouble?: Trouble | undefined
  /** Who is renewing the grant now. */
  readonly lease?: Lease | undefined
  /** A renewal of which it is not known how it ended at the provider. */
  readonly unresolved?: Unresolved | undefined
  /** A request was refused with 401 although its token had just been refreshed because of a 401. */
  readonly refusedFresh?: RefusedFresh | undefined
  /** The connection's own settings, over those of the composition, by the connector that they are for. */
  readonly settings?: Readonly<Record<string, object>> | undefined
  readonly account?: Account | undefined
  /** While a site of the account has to be chosen: the user who may choose it; absent: any user of the tenant. */
  readonly startedBy?: string | undefined
  /** ISO 8601. */
  readonly connectedAt?: string | undefined
  /** Credentials of the same account besides the current one, in the order of use, at most one of each role. */
  readonly spares?: readonly SpareCredential[] | undefined
  /** When a person said that the credential ends: milliseconds since the epoch. */
  readonly expiresAt?: number | undefined
  /** The host has been warned of that end this many days before it. */
  readonly warnedDays?: number | undefined
  /** Connectors of the family that gave up this shared grant. */
  readonly left?: readonly string[] | undefined
  /** What a revoked connection held, until its end at the provider has been tried. Nobody may use it. */
  readonly quarantined?: Pick<ConnectionRecord, 'credential' | 'grant'> | undefined
  /** What a migration has copied it from, so that one that is repeated knows its own copy. */
  readonly movedFrom?: string | undefined
}

/**
 * What a credential besides the current one is for.
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
  /** Previous only: when it is dropped, in milliseconds since the epoch. */
  readonly until?: number | undefined
  /** When it expires, in milliseconds since the epoch. */
  readonly expiresAt?: number | undefined
  readonly warnedDays?: number | undefined
  /** Staged only: for how many milliseconds the current credential is kept after this one has replaced it. */
  readonly keepOldForMs?: number | undefined
}

export interface Trouble {
  /** snake_case, for programs: `invalid_grant`, `grant_lost`, `provider_unavailable`. */
  readonly reason: string
  readonly hint?: string | undefined
  /** Milliseconds since the epoch. */
  readonly since: number
  /** Failed renewals in a row. */
  readonly failures?: number | undefined
  /** Refusals in a row that gave no reason; since: milliseconds since the epoch. */
  readonly unexplained?: { readonly times: number; readonly since: number } | undefined
  /** Not before this time is a renewal tried again: milliseconds since the epoch. */
  readonly retryAt?: number | undefined
}

export interface Lease {
  readonly owner: string
  /** Milliseconds since the epoch, on the owner's clock. */
  readonly until: number
  /** Which grant the owner is about to spend: the write-ahead intent. */
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
   * `crashed`: the owner of the lease never came back. `no_reply`: it waited in vain for the answer. `shown_twice`: it
   * did come back, with this grant, but others had taken over meanwhile and may have shown the same token; a provider
   * may end the grant for that (RFC 9700, section 4.14.2).
   */
  readonly how: 'crashed' | 'no_reply' | 'shown_twice'
}

/** Every secret that a record holds, to be taken out of whatever a provider repeats. */
export const secretsOf = (
  record: Pick<ConnectionRecord, 'credential' | 'grant' | 'spares' | 'quarantined'>,
): readonly string[] =>
  [record, ...(record.spares ?? []), record.quarantined].flatMap((holder) =>
    holder === undefined ? [] : [...Object.values(holder.credential), ...secretsOfGrant(holder.grant)],
  )

const secretsOfGrant = (grant: Grant | undefined): readonly string[] =>
  [grant?.accessToken, grant?.refreshToken, grant?.key?.['d']].filter((secret) => typeof secret === 'string')

/** Whether both are one and the same credential. */
export const isSameCredential = (
  one: Pick<ConnectionRecord, 'credential' | 'grant'>,
  other: Pick<ConnectionRecord, 'credential' | 'grant'>,
): boolean =>
  one.grant?.accessToken === other.grant?.accessToken &&
  JSON.stringify(one.credential) === JSON.stringify(other.credential)
