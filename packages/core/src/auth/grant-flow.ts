import type { Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import type { Transport } from '../ports/transport.ts'
import type { Grant } from './grant.ts'
import type { CredentialFields } from './credential-fields.ts'

export type Rotation = 'keep' | 'rotate' | 'single_use'

/** How a provider treats refresh tokens; section by section in RFC 6749 (6) and RFC 9700 (4.14). */
export interface RefreshOptions {
  /**
   * `keep`: the refresh token stays the same. `rotate`: each use brings a new one, and the old one lives on for a while.
   * `single_use`: the old one dies at once, and showing it again may revoke the whole grant.
   * @default 'rotate'
   */
  readonly rotation?: Rotation | undefined
  /** Milliseconds during which the provider still accepts a used refresh token. */
  readonly reuseWindowMs?: number | undefined
  /** Milliseconds of life to assume where the server never says. Absent: refreshed when refused, and learnt from that. */
  readonly assumedLifeMs?: number | undefined
}

/** What protocol code may use; it has no other door to the world. */
export interface FlowContext {
  /** What the app registered with the provider: `clientId`, `clientSecret` and so on, from the composition. */
  readonly app: Readonly<Record<string, unknown>>
  /** What a person typed in for this connection. */
  readonly fields: Readonly<Record<string, string>>
  /** The connection's settings, for endpoints that depend on them. */
  readonly settings: Readonly<Record<string, unknown>>
  /** The composition's settings alone: an endpoint that they lead to is the host's own. */
  readonly hostSettings?: Readonly<Record<string, unknown>> | undefined
  /** Private hosts that the app allows: exact, or `*.example.internal`. */
  readonly allowPrivateHosts?: readonly string[] | undefined
  /** Origins that the author or the host named. The address of every other one is checked when it is connected to. */
  readonly ownOrigins?: Set<string> | undefined
  readonly transport: Transport
  readonly clock: Clock
  /** Receives warnings about what a server sent, where that is no reason to fail. */
  readonly logger?: Logger | undefined
  /** Ends the request. */
  readonly signal: AbortSignal | undefined
  /** Documents that seldom change (metadata, keys), by URL, for the life of the client. */
  readonly documents: DocumentCache
  /** Clients that a server registered for us while running (RFC 7591), kept with the credentials. */
  readonly registrations: Registrations
}

export interface Registrations {
  find(issuer: string): Promise<Readonly<Record<string, unknown>> | undefined>
  /** Keeps it unless another process has kept one meanwhile; answers the one that counts. */
  keep(issuer: string, registration: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>>
  /** Forgets one that the server no longer knows. */
  forget(issuer: string): Promise<void>
}

/** Kept by the client; entries say themselves until when they hold. */
export type DocumentCache = Map<string, { readonly document: unknown; readonly until: number }>

export interface AuthorizationRequest {
  readonly redirectUri: string
  /** Opaque and unguessable; comes back with the callback. */
  readonly state: string
  /** All the scopes that the grant should have in the end. */
  readonly scopes: readonly string[]
  /** Whom the provider should suggest to sign in as. */
  readonly loginHint?: string | undefined
  /** The grant that this one widens, where the provider can do so. */
  readonly widens?: Grant | undefined
  /** What the service said when it refused a request: the `WWW-Authenticate` header (RFC 6750, RFC 9728). */
  readonly challenge?: string | undefined
}

/** What has to be remembered until the callback comes: verifier, nonce, issuer. JSON; kept sealed. */
export type PendingFlow = Readonly<Record<string, unknown>>

export interface DeviceStart {
  readonly verificationUri: string
  /** Holds the code already, for a QR code. */
  readonly verificationUriComplete?: string | undefined
  readonly userCode: string
  readonly expiresInMs: number
  readonly intervalMs: number
  readonly pending: PendingFlow
}

/** What a refresh brought, where something about it has to be verified. */
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
 * How grants are got, kept alive and ended: the protocol of an authorization strategy. Each method is one conversation
 * with the authorization server. They remember nothing, retry nothing and store nothing: that is the vault's work.
 *
 * All reject with a `ConnectorError` whose code says what kind of failure it was:
 * `MCP_AUTHENTICATION_FAILURE` the server refused this grant, callback or code for good (`reason` says why),
 * `CONFIGURATION_ERROR` it refused the app (`invalid_client`, `unauthorized_client`, `invalid_scope`),
 * anything else: it may work later. Then `outcome: 'not_processed'` says that the server provably did not act (not
 * sent, or refused by 429); without it a token that was spent may be gone.
 */
export interface GrantProtocol {
  /** The URL at which a person agrees; with PAR (RFC 9126) a request to the server, else none beyond discovery. */
  readonly authorize?: (
    context: FlowContext,
    ask: AuthorizationRequest,
  ) => Promise<{ readonly url: string; readonly pending: PendingFlow }>
  /** Checks the callback (state, issuer, error) and redeems its code. */
  readonly redeem?: (
    context: FlowContext,
    pending: PendingFlow,
    ask: AuthorizationRequest,
    callback: URL,
  ) => Promise<Grant>
  /** RFC 8628. */
  readonly authorizeDevice?: (context: FlowContext, ask: { readonly scopes: readonly string[] }) => Promise<DeviceStart>
  /** Asks once; undefined while the person has not decided. `slowDown`: ask 5 s less often from now on. */
  readonly redeemDevice?: (
    context: FlowContext,
    pending: PendingFlow,
  ) => Promise<{ readonly grant: Grant } | { readonly pending: true; readonly slowDown: boolean }>
  /** Without a person: client credentials, JWT bearer, token exchange. */
  readonly obtain?: (context: FlowContext, ask: { readonly scopes: readonly string[] }) => Promise<Grant>
  /**
   * Spends the grant's refresh token, or exchanges the access token where the provider works so. Returns only what the
   * server said: a refresh token that it left out stays the vault's to keep. A grant is stored before it is judged, so
   * what has to be verified is returned as a {@link RefreshedGrant}.
   */
  readonly refresh: (context: FlowContext, grant: Grant) => Promise<Grant | RefreshedGrant>
  /** RFC 7009, or the provider's own way. Absent: the provider has none. */
  readonly revoke?: (context: FlowContext, grant: Grant) => Promise<void>
}

/** The part of a strategy that has grants: what the vault must know at once, and the protocol, loaded when needed. */
export interface GrantFlow {
  readonly refresh: RefreshOptions & { readonly rotation: Rotation }
  /**
   * What keeps a grant alive: its refresh token, the access token itself (exchanged for a fresh one), or getting
   * another one with what the connection or the app holds, without a person (`obtain`).
   */
  readonly renewal: 'refresh_token' | 'access_token' | 'obtain'
  /**
   * Connectors that name the same family, composed with the same `clientId`, share a tenant's grant: one consent for
   * Calendar, Contacts and Gmail.
   */
  readonly family?: string | undefined
  /** Asked for unless `connect` says otherwise. */
  readonly scopes: readonly string[]
  /** Whether a person has to agree. */
  readonly interactive: boolean
  /** Whether a grant can bring settings, so that they may be missing before there is one. */
  readonly findsSettings?: boolean | undefined
  /**
   * Whether the service may turn out to be open to everybody: who has not connected then calls it without a credential,
   * and is told to connect when it asks for one.
   */
  readonly optional?: boolean | undefined
  /** Settings that come with the callback, by name, and the parameters that they come in. */
  readonly callbackSettings?: Readonly<Record<string, string>> | undefined
  /** Whether having `granted` also allows what needs `wanted`. Equal scopes always do. */
  readonly covers?: ((granted: string, wanted: string) => boolean) | undefined
  /** Whether the provider adds the scopes of a second consent to those of the first, which are then not asked for again. */
  readonly incrementalConsent: boolean
  /**
   * What ends when a token is revoked. `token`: that token and what descends from it (RFC 7009), so a grant that was
   * replaced by connecting again is revoked. `account`: everything that the account granted to the app, the new grant
   * included, so a replaced grant is revoked only if it belonged to another account.
   * @default 'account'
   */
  readonly revocationEnds?: 'token' | 'account' | undefined
  /** What the composition may say of the app, by name, so that a form can ask for it. */
  readonly appFields: CredentialFields
  /** Checks what the composition says of the app; undefined if it says nothing of it. Throws `CONFIGURATION_ERROR`. */
  app(options: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> | undefined
  load(): Promise<GrantProtocol>
}
