import type { RefreshOptions } from '../auth/grant-flow.ts'
import type { Holder } from '../auth/strategy.ts'
import type { ErrorTable } from '../connector/error-table.ts'
import type { Account } from '../identity/connection.ts'

/**
 * An absolute URL, or a pure function that returns it for the settings of the connection.
 *
 * The token endpoint receives the secret of the app. If a tenant can choose the host, the settings' schema must accept
 * only the provider's hosts.
 */
export type EndpointUrl = string | ((settings: Readonly<Record<string, unknown>>) => string)

/** The client authentication at the token endpoint (RFC 6749, section 2.3; RFC 7523, section 2.2). */
export type ClientAuthenticationMethod = 'post' | 'basic' | 'private_key_jwt' | 'none'

/** The facts about an authorization server that a token request needs. */
export interface TokenServer {
  /**
   * The issuer identifier, in the server's spelling. Without `tokenUrl`, the endpoints are discovered from it (RFC
   * 8414, OpenID Connect Discovery). With `tokenUrl`, it is only the `iss` that a callback must have (RFC 9207).
   */
  readonly issuer?: EndpointUrl | undefined
  readonly tokenUrl?: EndpointUrl | undefined
  /** The revocation endpoint (RFC 7009). */
  readonly revocationUrl?: EndpointUrl | undefined
  /** The client authentication. @default one that the metadata offers, else in the body of the request */
  readonly clientAuthentication?: ClientAuthenticationMethod | undefined
  /** The resource that tokens are for (RFC 8707), sent with the authorization, the code exchange and each refresh. */
  readonly resource?: EndpointUrl | undefined
  /** The separator between scopes. @default a space */
  readonly scopeSeparator?: string | undefined
  /** The meaning of error codes beyond RFC 6749. The tools use the same table. */
  readonly errors?: ErrorTable | undefined
  readonly token?: TokenEndpointOptions | undefined
  /** The provider's rules for refresh tokens. */
  readonly refresh?: (RefreshOptions & { readonly params?: Parameters | undefined }) | undefined
}

type Parameters = Readonly<Record<string, string>>

/** Options of the token endpoint. */
export interface TokenEndpointOptions {
  /** The encoding of the request body. @default 'form' */
  readonly format?: 'form' | 'json' | undefined
  /** Sent with every token request. */
  readonly params?: Parameters | undefined
  /** Returns the standard members (RFC 6749, section 5.1) of a response that nests them elsewhere. Must be pure. */
  readonly read?: ((body: unknown) => TokenReading) | undefined
  /** The `aud` of a client assertion. @default the issuer if the server was discovered, else the token URL */
  readonly assertionAudience?: EndpointUrl | undefined
}

export interface TokenReading {
  /** An object with `access_token`, and optionally `token_type`, `expires_in`, `refresh_token`, `scope`. */
  readonly members: unknown
  /** Settings from the token response, such as the host of the account's instance. */
  readonly settings?: Readonly<Record<string, unknown>> | undefined
  readonly account?: Account | undefined
}

/** A request that exchanges an access token for a longer-lived one, at providers without refresh tokens. */
export interface AccessTokenExchange {
  readonly url: EndpointUrl
  readonly grantType: string
  /** The parameter for the access token. */
  readonly tokenParameter: string
  /** The app's parameters to send. */
  readonly sends?: readonly ('client_id' | 'client_secret')[] | undefined
  /** The method. With `GET`, which some providers require, the URL contains secrets. @default 'POST' */
  readonly method?: 'GET' | 'POST' | undefined
}

/** Options for revoking a grant. */
export interface RevocationOptions {
  /**
   * The extent of a revocation: the token and those issued from it (`token`), or everything that the account granted to
   * the app (`account`, as at Google). It decides whether a new connect revokes the replaced grant.
   * @default 'token' with a `revocationUrl`, as in RFC 7009; 'account' otherwise
   */
  readonly ends?: 'token' | 'account' | undefined
}

/** The revocation request of a provider without RFC 7009. */
export interface RevocationRequest extends RevocationOptions {
  readonly method?: 'POST' | 'DELETE' | 'GET' | undefined
  readonly url:
    | string
    | ((context: { readonly clientId: string; readonly settings: Readonly<Record<string, unknown>> }) => string)
  /** `token`: authenticated with the token to revoke. `client`: HTTP Basic with the app's id and secret. */
  readonly authenticate: 'token' | 'client'
  /** The member of the JSON body for the token. If absent, the request has no body. */
  readonly tokenMember?: string | undefined
  /** Whether to send one request for the refresh token and one for the access token. */
  readonly each?: boolean | undefined
}

/** The request for the accounts of a grant, right after connecting. */
export interface AccountDiscovery {
  readonly url: EndpointUrl
  /** The scheme of the authorization header. @default 'Bearer' */
  readonly scheme?: string | undefined
  /** Returns the accounts in a response. Of several, the settings or the user choose one. Must be pure. */
  readonly choose: (body: unknown) => readonly AccountChoice[]
}

export interface AccountChoice {
  readonly id: string
  /** The display name. */
  readonly name: string
  /** The connection's settings for this account. */
  readonly settings: Readonly<Record<string, unknown>>
  /** The account of the connection. @default the account of the grant, which OpenID Connect always uses */
  readonly account?: Account | undefined
  /**
   * The token of this account, if the provider issues one for each. It replaces the tokens of the grant. Its lifetime is that
   * of a token without `expires_in`.
   */
  readonly accessToken?: string | undefined
}

/** The app's metadata for registration at run time (RFC 7591, section 2). */
export interface RegistrationDefinition {
  readonly clientName: string
  readonly clientUri?: string | undefined
  readonly logoUri?: string | undefined
  readonly softwareId?: string | undefined
  readonly softwareVersion?: string | undefined
}

/** Options of the authorization request. */
export interface AuthorizeOptions {
  /** Extra parameters of every authorization, such as `access_type=offline`. */
  readonly params?: Parameters | undefined
  /**
   * Settings that the callback contains: the query parameter of each, such as `{ realmId: 'realmId' }`. They are
   * validated against the connector's settings before the code is exchanged. They come through a browser, so the schema
   * must accept only ids and the provider's hosts.
   */
  readonly settings?: Parameters | undefined
}

/** The scopes to request. A function receives the union of the tools' scopes. @default that union */
export type ScopeChoice = readonly string[] | ((ofTools: readonly string[]) => readonly string[])

/** Everything that differs between providers. Defaults follow RFC 6749 and RFC 9700. */
export interface OAuth2Options extends TokenServer {
  readonly authorizationUrl?: EndpointUrl | undefined
  /** The device authorization endpoint (RFC 8628). */
  readonly deviceUrl?: EndpointUrl | undefined
  /** The pushed authorization request endpoint (RFC 9126). */
  readonly parUrl?: EndpointUrl | undefined
  /** A resource whose metadata names the authorization server (RFC 9728), such as an MCP server. */
  readonly protectedResource?: EndpointUrl | undefined
  readonly scopes?: ScopeChoice | undefined
  /** The parameter for the scopes. @default 'scope' */
  readonly scopeParameter?: string | undefined
  readonly authorize?: AuthorizeOptions | undefined
  /**
   * PKCE with S256 (RFC 7636). Use `false` only if the provider rejects it. `'required'` rejects a server whose
   * metadata does not offer it.
   */
  readonly pkce?: boolean | 'required' | undefined
  /** Connectors that name the same family share a tenant's grant. */
  readonly family?: string | undefined
  /** Returns whether the scope `granted` includes the scope `wanted`. Equal scopes are always included. */
  readonly covers?: ((granted: string, wanted: string) => boolean) | undefined
  /** Whether the provider adds the scopes of a second consent to those of the first. @default false */
  readonly incrementalConsent?: boolean | undefined
  /** The revocation. False if the provider has none. @default RFC 7009 if the server has an endpoint for it */
  readonly revoke?: RevocationRequest | RevocationOptions | false | undefined
  /** The exchange of access tokens, for providers without refresh tokens. */
  readonly exchange?:
    | {
        /** An exchange right after connecting. */
        readonly afterConnect?: AccessTokenExchange | undefined
        readonly refresh: AccessTokenExchange
      }
    | undefined
  readonly discover?: AccountDiscovery | undefined
  /**
   * The query parameter for a proof that the sender knows the client secret: the HMAC-SHA-256 of the access token, with that
   * secret as the key, in hex. It is added to each request with an access token. An app without a secret sends none.
   */
  readonly secretProof?: string | undefined
  /** Whether to bind tokens to a key (DPoP, RFC 9449). `'where_supported'`: if the metadata offers it. */
  readonly dpop?: boolean | 'where_supported' | undefined
  /** Registers the app at run time: by its client metadata document, else by RFC 7591. */
  readonly registration?: RegistrationDefinition | undefined
  readonly holders?: readonly Holder[] | undefined
  /** The label of a pasted token. @default 'Access token' */
  readonly label?: string | undefined
  readonly description?: string | undefined
}

/** The options with the scopes resolved. */
export interface ProtocolOptions extends Omit<OAuth2Options, 'scopes'> {
  readonly scopes?: readonly string[] | undefined
}

/** Returns the scopes of a choice for a connector whose tools need `ofTools`. */
export function chosenScopes(choice: ScopeChoice | undefined, ofTools: readonly string[]): readonly string[] {
  return typeof choice === 'function' ? choice(ofTools) : (choice ?? ofTools)
}

/** Returns whether the provider has its own revocation request. */
export const isOwnRequest = (revoke: OAuth2Options['revoke']): revoke is RevocationRequest =>
  typeof revoke === 'object' && 'url' in revoke

/** The location of the authorization server: discovered, configured, or named by the resource. */
export type ServerLocation =
  | { readonly issuer: EndpointUrl }
  | { readonly authorizationUrl: EndpointUrl; readonly tokenUrl: EndpointUrl }
  | { readonly deviceUrl: EndpointUrl; readonly tokenUrl: EndpointUrl }
  | { readonly protectedResource: EndpointUrl }

export type OAuth2Definition = OAuth2Options & ServerLocation

/** The options of OpenID Connect. */
export interface OpenIdOptions {
  /** The key set URL, for a server whose endpoints are configured. */
  readonly jwksUrl?: EndpointUrl | undefined
  /**
   * For a server with many issuers (Microsoft's `common`): the issuer in its metadata, and a function that returns the
   * issuer that an id_token with these claims must have.
   */
  readonly issuers?:
    | {
        readonly metadata: string
        readonly of: (claims: Readonly<Record<string, unknown>>) => string
      }
    | undefined
}
