import { authorizedStrategy } from './oauth2.ts'
import type { Preregistered, Registering, TokenFields } from './oauth2.ts'
import type { OAuthApp, RegisteredApp } from './app.ts'
import type { EndpointUrl, OAuth2Options, OpenIdOptions } from './definition.ts'
import type { AuthStrategy } from '../auth/strategy.ts'

export type OidcDefinition = OAuth2Options & OpenIdOptions & { readonly issuer: EndpointUrl }

/**
 * Defines OpenID Connect: `oauth2` with an id_token, verified against the keys of the issuer. The subject becomes the
 * account of the connection, and a refresh that returns another subject is rejected.
 *
 * @example
 * const auth = oidc({ issuer: 'https://login.example.com', scopes: ['email', 'offline_access'] })
 * @throws ConnectorError CONFIGURATION_ERROR if the definition contradicts itself
 */
export function oidc(definition: OidcDefinition & Preregistered): AuthStrategy<TokenFields, OAuthApp>
export function oidc(definition: OidcDefinition & Registering): AuthStrategy<TokenFields, RegisteredApp>
export function oidc(definition: OidcDefinition): AuthStrategy<TokenFields> {
  return authorizedStrategy('oidc', definition, true)
}
