import type { Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import type { Transport } from '../ports/transport.ts'
import type { Grant } from './grant.ts'
import type { CredentialFields } from './credential-fields.ts'

export type Rotation = 'keep' | 'rotate' | 'single_use'

/** The provider's rules for refresh tokens (RFC 6749, section 6; RFC 9700, section 4.14). */
export interface RefreshOptions {
  /**
   * `keep`: the refresh token stays the same. `rotate`: each use returns a new one, and the old one stays
   * valid for a while. `single_use`: the old one is invalid at once, and a second use may revoke the whole grant.
   * @default 'rotate'
   */
  readonly rotation?: Rotation | undefined
  /** Milliseconds during which the provider still accepts a used refresh token. */
  readonly reuseWindowMs?: number | undefined
  /**
   * Lifetime of a token, in milliseconds, if the server does not return one. If absent, the token is refreshed after a
   * 401, and the lifetime is learnt from that.
   */
  readonly assumedLifeMs?: number | undefined
}

/** The ports and values that protocol code may use. It has no other access. */
export interface FlowContext {
  /** The app's registration with the provider (`clientId`, `clientSecret` and so on), from the composition. */
  readonly app: Readonly<Record<string, unknown>>
  /** The fields that the user entered for this connection. */
  readonly fields: Readonly<Record<string, string>>
  /** The connection's settings, for endpoints that depend on them. */
  readonly settings: Readonly<Record<string, unknown>>
  /** The composition's settings alone. The host is responsible for an endpoint that depends on them only. */
  readonly hostSettings?: Readonly<Record<string, unknown>> | undefined
  /** Private hosts that the app allows: exact, or `*.example.internal`. */
  readonly allowPrivateHosts?: readonly string[] | undefined
  /** Origins that the author or the host named. For every other one the address is checked at connect time. */
  readonly ownOrigins?: Set<string> | undefined
  readonly transport: Transport
  readonly clock: Clock
  /** Receives warnings about unexpected responses that do not fail the flow. */
  readonly logger?: Logger | undefined
  /** Aborts the request. */
  readonly signal: AbortSignal | undefined
  /** Cache of metadata and key sets by URL, for the life of the client. */
  readonly documents: DocumentCache
  /** Clients registered at run time (RFC 7591), stored with the credentials. */
  readonly registrations: Registrations
}

export interface Registrations {
  find(issuer: string): Promise<Readonly<Record<string, unknown>> | undefined>
  /** Stores the registration unless another process has stored one meanwhile. Returns the stored one. */
  keep(issuer: string, registration: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>>
  /** Deletes a registration that the server no longer knows. */
  forget(issuer: string): Promise<void>
}

/** Documents by key. Each entry is valid until `until`, in monotonic milliseconds. */
export type DocumentCache = Map<string, { readonly document: unknown; readonly until: number }>

export interface AuthorizationRequest {
  readonly redirectUri: string
  /** Opaque and unguessable. The callback returns it. */
  readonly state: string
  /** All the scopes that the grant should have in the end. */
  readonly scopes: readonly string[]
  /** The account that the provider should suggest at sign-in. */
  readonly loginHint?: string | undefined
  /** The grant to add scopes to, if the provider supports that. */
  readonly widens?: Grant | undefined
  /** The `WWW-Authenticate` header of the request that was refused (RFC 6750, RFC 9728). */
  readonly challenge?: string | undefined
}

/** The state of a flow until its callback: verifier, nonce, issuer. JSON, stored sealed. */
export type PendingFlow = Readonly<Record<string, unknown>>

export interface DeviceStart {
  readonly verificationUri: string
  /** Includes the user code, for a QR code. */
  readonly verificationUriComplete?: string | undefined
  readonly userCode: string
  readonly expiresInMs: number
  readonly intervalMs: number
  readonly pending: PendingFlow
}

/** A refreshed grant that still has to be verified. */
export interface RefreshedGrant {
  readonly grant: Grant
  /**
   * Verifies the grant, and is called once it is stored, because the refresh token that was exchanged for it is gone.
   * Only `MCP_AUTHENTICATION_FAILURE` ends the connection: reject with it if the grant belongs to another account.
   * After any other failure the grant stays in use.
   */
  readonly verify: (signal: AbortSignal) => Promise<void>
}

/**
 * The protocol of an authorization strategy: obtains, refreshes and revokes grants. Each method is one flow step with
 * the authorization server. Methods are stateless: retries and storage belong in the vault.
 *
 * All reject with a `ConnectorError`. Its code is the kind of failure:
 * - `MCP_AUTHENTICATION_FAILURE`: the server refused this grant, callback or code permanently. See `reason`.
 * - `CONFIGURATION_ERROR`: the server refused the app (`invalid_client`, `unauthorized_client`, `invalid_scope`).
 * - Any other code is temporary. `outcome: 'not_processed'` proves that the server did not act (not sent, or 429).
 *   Without it, a token that was used may be invalid.
 */
export interface GrantProtocol {
  /**
   * Returns the authorization URL for the user. Sends a request to the server only for discovery and PAR (RFC 9126).
   */
  readonly authorize?: (
    context: FlowContext,
    request: AuthorizationRequest,
  ) => Promise<{ readonly url: string; readonly pending: PendingFlow }>
  /** Validates the callback (state, issuer, error) and redeems its code. */
  readonly redeem?: (
    context: FlowContext,
    pending: PendingFlow,
    request: AuthorizationRequest,
    callback: URL,
  ) => Promise<Grant>
  /** Starts a device flow (RFC 8628). */
  readonly authorizeDevice?: (
    context: FlowContext,
    request: { readonly scopes: readonly string[] },
  ) => Promise<DeviceStart>
  /** Polls once. Returns `pending` while the user has not decided. `slowDown`: poll 5 s less often from now on. */
  readonly redeemDevice?: (
    context: FlowContext,
    pending: PendingFlow,
  ) => Promise<{ readonly grant: Grant } | { readonly pending: true; readonly slowDown: boolean }>
  /** Obtains a grant without a user: client credentials, JWT bearer, token exchange. */
  readonly obtain?: (context: FlowContext, request: { readonly scopes: readonly string[] }) => Promise<Grant>
  /**
   * Exchanges the refresh token or, at providers without refresh tokens, the access token. Returns only what the server
   * returned: if it omits the refresh token, the vault keeps the previous one. A grant is stored before it is verified;
   * see {@link RefreshedGrant}.
   */
  readonly refresh: (context: FlowContext, grant: Grant) => Promise<Grant | RefreshedGrant>
  /** Revokes a grant (RFC 7009, or the provider's own request). Absent if the provider has neither. */
  readonly revoke?: (context: FlowContext, grant: Grant) => Promise<void>
}

/** The grants of a strategy: the static facts for the vault, and the protocol, which is loaded when needed. */
export interface GrantFlow {
  readonly refresh: RefreshOptions & { readonly rotation: Rotation }
  /**
   * The way to renew a grant: with its refresh token, by an exchange of the access token, or by a new grant without the
   * user (`obtain`).
   */
  readonly renewal: 'refresh_token' | 'access_token' | 'obtain'
  /**
   * Connectors that name the same family, composed with the same `clientId`, share a tenant's grant: one consent for
   * Calendar, Contacts and Gmail.
   */
  readonly family?: string | undefined
  /** The scopes to request if `connect` names none. */
  readonly scopes: readonly string[]
  /** Whether the user has to consent. */
  readonly interactive: boolean
  /** Whether a grant can contain settings, so that they may be missing before the first grant. */
  readonly findsSettings?: boolean | undefined
  /**
   * Whether the service may not need a credential. If so, a tenant without a connection calls it without one, and has
   * to connect after a 401.
   */
  readonly optional?: boolean | undefined
  /** Settings that the callback contains: the query parameter of each, by setting. */
  readonly callbackSettings?: Readonly<Record<string, string>> | undefined
  /** Returns whether the scope `granted` includes the scope `wanted`. Equal scopes are always included. */
  readonly covers?: ((granted: string, wanted: string) => boolean) | undefined
  /**
   * Whether the provider adds the scopes of a second consent to those of the first. If so, only new scopes are
   * requested.
   */
  readonly incrementalConsent: boolean
  /**
   * The extent of a revocation. `token`: the token and those issued from it (RFC 7009), so a grant that a new connect
   * replaced is revoked. `account`: everything that the account granted to the app, the new grant included, so a
   * replaced grant is revoked only if it belonged to another account.
   * @default 'account'
   */
  readonly revocationEnds?: 'token' | 'account' | undefined
  /** The options of the app at composition, for forms. */
  readonly appFields: CredentialFields
  /** Validates the options of the app. Returns undefined if there are none. Throws `CONFIGURATION_ERROR`. */
  app(options: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> | undefined
  load(): Promise<GrantProtocol>
}
