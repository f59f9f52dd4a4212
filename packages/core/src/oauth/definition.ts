import type { RefreshOptions } from '../auth/grant-flow.ts'
import type { Holder } from '../auth/strategy.ts'
import type { ErrorTable } from '../connector/error-table.ts'
import type { Account } from '../identity/connection.ts'

/**
 * An absolute URL, or where it is for these settings of the connection; the function has to be pure.
 *
 * The token endpoint is sent the secret of the app. Where a tenant may choose the host, let the settings' schema admit no
 * other hosts than the provider's.
 */
export type EndpointUrl = string | ((settings: Readonly<Record<string, unknown>>) => string)

/** How the app proves to the token endpoint who it is (RFC 6749, section 2.3; RFC 7523, section 2.2). */
export type ClientAuthenticationMethod = 'post' | 'basic' | 'private_key_jwt' | 'none'

/** What is known of the authorization server: enough to ask it for a token. */
export interface TokenServer {
  /**
   * Issuer identifier, spelt as the server spells it. Without `tokenUrl` the endpoints are read from the server's
   * metadata (RFC 8414, OpenID Connect Discovery); with it, it only says which `iss` a callback may carry (RFC 9207).
   */
  readonly issuer?: EndpointUrl | undefined
  readonly tokenUrl?: EndpointUrl | undefined
  /** RFC 7009. */
  readonly revocationUrl?: EndpointUrl | undefined
  /** How the app authenticates. Absent: what the metadata offers, else in the body of the request. */
  readonly clientAuthentication?: ClientAuthenticationMethod | undefined
  /** The resource that tokens are for (RFC 8707): sent with the authorization, the redemption and each refresh. */
  readonly resource?: EndpointUrl | undefined
  /** Between the scopes in a request. @default a space */
  readonly scopeSeparator?: string | undefined
  /** What the codes of refusals mean, where they are not those of RFC 6749: the table that the tools read, too. */
  readonly errors?: ErrorTable | undefined
  readonly token?: TokenEndpointOptions | undefined
  /** How the provider treats refresh tokens. */
  readonly refresh?: (RefreshOptions & { readonly params?: Parameters | undefined }) | undefined
}

type Parameters = Readonly<Record<string, string>>

/** How the token endpoint is spoken to. */
export interface TokenEndpointOptions {
  /** How the body of a token request is written. @default 'form' */
  readonly format?: 'form' | 'json' | undefined
  /** Sent with every token request. */
  readonly params?: Parameters | undefined
  /** Finds the standard members (RFC 6749, section 5.1) in a response that hides them elsewhere. Pure. */
  readonly read?: ((body: unknown) => TokenReading) | undefined
  /** Whom a client assertion is meant for. @default the issuer if the server was discovered, else the token URL */
  readonly assertionAudience?: EndpointUrl | undefined
}

export interface TokenReading {
  /** An object with `access_token`, and `token_type`, `expires_in`, `refresh_token`, `scope` where there are such. */
  readonly members: unknown
  /** Settings of the connection that the answer brings along, such as the host of the account's instance. */
  readonly settings?: Readonly<Record<string, unknown>> | undefined
  readonly account?: Account | undefined
}

/** A request by which an access token buys a longer-lived one, at providers that have no refresh tokens. */
export interface AccessTokenExchange {
  readonly url: EndpointUrl
  readonly grantType: string
  /** The parameter that takes the access token. */
  readonly tokenParameter: string
  /** What else is sent of the app. */
  readonly sends?: readonly ('client_id' | 'client_secret')[] | undefined
  /** With `GET`, which some providers require, the URL contains secrets. @default 'POST' */
  readonly method?: 'GET' | 'POST' | undefined
}

/** How a grant is revoked. */
export interface RevocationOptions {
  /**
   * What a revocation revokes: a token and what descends from it (`token`), or everything that the account granted to the
   * app (`account`, as at Google). It decides whether connecting again revokes the replaced grant.
   * @default 'token' with a `revocationUrl`, because RFC 7009 says so; 'account' otherwise
   */
  readonly ends?: 'token' | 'account' | undefined
}

/** How a provider without RFC 7009 revokes a grant. */
export interface RevocationRequest extends RevocationOptions {
  readonly method?: 'POST' | 'DELETE' | 'GET' | undefined
  readonly url:
    | string
    | ((context: { readonly clientId: string; readonly settings: Readonly<Record<string, unknown>> }) => string)
  /** `token`: signed with the token that is to end. `client`: HTTP Basic with the app's id and secret. */
  readonly authenticate: 'token' | 'client'
  /** The member of a JSON body that takes the token; absent: no body. */
  readonly tokenMember?: string | undefined
  /** Once for the refresh token and once for the access token, where ending one leaves the other alive. */
  readonly each?: boolean | undefined
}

/** Asks, right after connecting, which accounts the grant reaches. */
export interface AccountDiscovery {
  readonly url: EndpointUrl
  /** What stands before the token in the header; `Bearer` unless said otherwise. */
  readonly scheme?: string | undefined
  /** One choice each. Of several, none is taken unless the connection's settings already say which. Pure. */
  readonly choose: (body: unknown) => readonly AccountChoice[]
}

export interface AccountChoice {
  readonly id: string
  /** What a person calls it. */
  readonly name: string
  /** What the connection's settings have to be for this one. */
  readonly settings: Readonly<Record<string, unknown>>
  /** Whose account the connection is then; absent, or with OpenID Connect: what the grant says. */
  readonly account?: Account | undefined
}

/** What an app tells a server that it meets only at run time (RFC 7591, section 2). */
export interface RegistrationDefinition {
  readonly clientName: string
  readonly clientUri?: string | undefined
  readonly logoUri?: string | undefined
  readonly softwareId?: string | undefined
  readonly softwareVersion?: string | undefined
}

/** Where users agree. */
export interface AuthorizeOptions {
  /** Sent with every authorization, such as `access_type=offline`. */
  readonly params?: Parameters | undefined
  /**
   * Settings of the connection that come with the callback, by name, and the parameters that they come in:
   * `{ realmId: 'realmId' }`. They are checked against the connector's settings before the code is exchanged. They come
   * through a browser: let the schema admit nothing but ids, and no other hosts than the provider's.
   */
  readonly settings?: Parameters | undefined
}

/** The scopes to ask for. Absent: the union of those of the connector's tools. A function starts from that union. */
export type ScopeChoice = readonly string[] | ((ofTools: readonly string[]) => readonly string[])

/** Everything that differs between providers' OAuth. What is left out is as in RFC 6749 and RFC 9700. */
export interface OAuth2Options extends TokenServer {
  readonly authorizationUrl?: EndpointUrl | undefined
  /** RFC 8628. */
  readonly deviceUrl?: EndpointUrl | undefined
  /** RFC 9126. */
  readonly parUrl?: EndpointUrl | undefined
  /** A resource whose metadata names the authorization server (RFC 9728), as MCP servers have. */
  readonly protectedResource?: EndpointUrl | undefined
  readonly scopes?: ScopeChoice | undefined
  /** The parameter that takes the scopes. @default 'scope' */
  readonly scopeParameter?: string | undefined
  readonly authorize?: AuthorizeOptions | undefined
  /**
   * PKCE with S256 (RFC 7636). `false` only where the provider refuses it. `'required'` turns away a server whose
   * metadata does not offer it.
   */
  readonly pkce?: boolean | 'required' | undefined
  /** Connectors that name the same family share a tenant's grant. */
  readonly family?: string | undefined
  /** Whether having `granted` also allows what needs `wanted`. Equal scopes always do. */
  readonly covers?: ((granted: string, wanted: string) => boolean) | undefined
  /** Whether the provider adds the scopes of a second consent to those of the first. @default false */
  readonly incrementalConsent?: boolean | undefined
  /** Absent: RFC 7009 if the server has an endpoint for it. False: there is no way. */
  readonly revoke?: RevocationRequest | RevocationOptions | false | undefined
  /** For providers without refresh tokens. */
  readonly exchange?:
    | {
        /** Right after connecting. */
        readonly afterConnect?: AccessTokenExchange | undefined
        readonly refresh: AccessTokenExchange
      }
    | undefined
  readonly discover?: AccountDiscovery | undefined
  /** Binds tokens to a key of their own (RFC 9449); `'where_supported'`: at servers whose metadata offers it. */
  readonly dpop?: boolean | 'where_supported' | undefined
  /** Lets servers that are met at run time register the app: by its metadata document, else by RFC 7591. */
  readonly registration?: RegistrationDefinition | undefined
  readonly holders?: readonly Holder[] | undefined
  /** What a person calls a token that is pasted instead of got by agreeing; `Access token` unless said otherwise. */
  readonly label?: string | undefined
  readonly description?: string | undefined
}

/** The options once it is known which scopes the tools of the connector need. */
export interface ProtocolOptions extends Omit<OAuth2Options, 'scopes'> {
  readonly scopes?: readonly string[] | undefined
}

/** Returns the scopes that a choice means for a connector whose tools need these. */
export function chosenScopes(choice: ScopeChoice | undefined, ofTools: readonly string[]): readonly string[] {
  return typeof choice === 'function' ? choice(ofTools) : (choice ?? ofTools)
}

/** Returns whether the provider has a way of its own to revoke a grant. */
export const isOwnRequest = (revoke: OAuth2Options['revoke']): revoke is RevocationRequest =>
  typeof revoke === 'object' && 'url' in revoke

/** Where the authorization server is: discovered, written down, or named by the resource. */
export type ServerLocation =
  | { readonly issuer: EndpointUrl }
  | { readonly authorizationUrl: EndpointUrl; readonly tokenUrl: EndpointUrl }
  | { readonly deviceUrl: EndpointUrl; readonly tokenUrl: EndpointUrl }
  | { readonly protectedResource: EndpointUrl }

export type OAuth2Definition = OAuth2Options & ServerLocation

/** What OpenID Connect adds. */
export interface OpenIdOptions {
  /** Where the keys are, for a server whose endpoints are written down. */
  readonly jwksUrl?: EndpointUrl | undefined
  /**
   * For a server that speaks for many issuers (Microsoft's `common`): what its metadata calls itself, and the issuer
   * that an id_token with these claims must name.
   */
  readonly issuers?:
    | {
        readonly metadata: string
        readonly of: (claims: Readonly<Record<string, unknown>>) => string
      }
    | undefined
}
