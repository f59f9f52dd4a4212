import type { Account } from '../identity/connection.ts'

/**
 * What an authorization server gave us (RFC 6749, section 5.1), as the vault keeps it. Times are milliseconds since the
 * epoch on the clock of the process that received it.
 */
export interface Grant {
  readonly accessToken: string
  /**
   * `DPoP` where the token is bound to a key (RFC 9449). A bearer token otherwise: `Bearer` is stored only where it takes
   * the place of `DPoP`.
   */
  readonly tokenType?: 'DPoP' | 'Bearer' | undefined
  readonly refreshToken?: string | undefined
  readonly issuedAt: number
  /** Absent where the server did not say, and nothing has been learnt yet. */
  readonly expiresAt?: number | undefined
  /** How long tokens of this grant lasted until they were refused, where the server never says. */
  readonly learntLifeMs?: number | undefined
  /** When the refresh token itself ends, where the server says so. */
  readonly refreshExpiresAt?: number | undefined
  /** The scopes really granted, which may be fewer than were asked for; absent where nobody knows. */
  readonly scopes?: readonly string[] | undefined
  /** The server that it came from (RFC 8414). A grant is never shown to another. */
  readonly issuer?: string | undefined
  /** What the tokens are for, spelt as the resource spells it (RFC 8707). */
  readonly resource?: string | undefined
  /** Whose grant it is, where the answer or its id_token says so. */
  readonly account?: Account | undefined
  /** Settings that the answer brought along, such as the host of the account's instance. */
  readonly settings?: Readonly<Record<string, unknown>> | undefined
  /** A key that only this grant is used with: the private JWK of a DPoP-bound token. */
  readonly key?: Readonly<Record<string, unknown>> | undefined
  /** The grant reaches several accounts, and a person has to say which one the connection is. Kept until they have. */
  readonly choices?: readonly GrantChoice[] | undefined
}

/** One of several accounts, sites or tenants that a grant reaches. */
export interface GrantChoice {
  readonly id: string
  /** What a person calls it. */
  readonly name: string
  /** The settings by which `connect` chooses it. */
  readonly settings: Readonly<Record<string, unknown>>
}
