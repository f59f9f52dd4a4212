import type { Account } from '../identity/connection.ts'

/**
 * A grant of an authorization server (RFC 6749, section 5.1), as the vault stores it. Times are milliseconds since the
 * epoch on the clock of the process that received it.
 */
export interface Grant {
  readonly accessToken: string
  /**
   * `DPoP` if the token is bound to a key (RFC 9449). Otherwise it is a bearer token; `Bearer` is stored only if it
   * replaces `DPoP`.
   */
  readonly tokenType?: 'DPoP' | 'Bearer' | undefined
  readonly refreshToken?: string | undefined
  readonly issuedAt: number
  /** Absent if the server returned no expiry and none has been learnt yet. */
  readonly expiresAt?: number | undefined
  /** Observed lifetime of the grant's tokens, in milliseconds, if the server returns no expiry. */
  readonly learntLifeMs?: number | undefined
  /** The expiry of the refresh token, if the server returns one. */
  readonly refreshExpiresAt?: number | undefined
  /** The scopes that were granted, which may be fewer than requested. Absent if unknown. */
  readonly scopes?: readonly string[] | undefined
  /** The issuer of the grant (RFC 8414). A grant is never sent to another server. */
  readonly issuer?: string | undefined
  /** The resource that the tokens are for (RFC 8707), in the spelling of the resource. */
  readonly resource?: string | undefined
  /** The account of the grant, if the response or its id_token names it. */
  readonly account?: Account | undefined
  /** Settings from the token response, such as the host of the account's instance. */
  readonly settings?: Readonly<Record<string, unknown>> | undefined
  /** The private JWK that the tokens of this grant are bound to (DPoP). */
  readonly key?: Readonly<Record<string, unknown>> | undefined
  /** The accounts that the grant reaches, until the user has chosen the one of the connection. */
  readonly choices?: readonly GrantChoice[] | undefined
}

/** One of several accounts, sites or tenants that a grant reaches. */
export interface GrantChoice {
  readonly id: string
  /** The display name. */
  readonly name: string
  /** The settings to pass to `connect` for this choice. */
  readonly settings: Readonly<Record<string, unknown>>
  /** The token of this account, if the provider issues one for each. */
  readonly accessToken?: string | undefined
}

/** Returns the grant for one of its accounts: with the token of that account, if it has its own. */
export function ofChoice(grant: Grant, { accessToken }: Pick<GrantChoice, 'accessToken'>): Grant {
  if (accessToken === undefined) return grant
  const { refreshToken: _user, expiresAt: _ends, refreshExpiresAt: _refreshEnds, ...kept } = grant
  return { ...kept, accessToken }
}

/** Returns the grant of a token that a user entered. Its age and its expiry are unknown. */
export function enteredGrant({ token, refreshToken }: Readonly<Record<string, string>>): Grant | undefined {
  return token === undefined ? undefined : { accessToken: token, refreshToken, issuedAt: 0 }
}
