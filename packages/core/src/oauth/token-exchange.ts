import { grantSignature } from './grant-signature.ts'
import { appFields, checkApp } from './app.ts'
import type { OAuthApp } from './app.ts'
import { chosenScopes } from './definition.ts'
import type { EndpointUrl, ScopeChoice, TokenServer } from './definition.ts'
import { anyHolder } from '../auth/strategy.ts'
import type { AuthStrategy, Holder } from '../auth/strategy.ts'
import type { CredentialField } from '../auth/credential-fields.ts'
import { unattendedFlow } from './unattended-flow.ts'

export type TokenExchangeDefinition = TokenServer &
  ({ readonly tokenUrl: EndpointUrl } | { readonly issuer: EndpointUrl }) & {
    readonly scopes?: ScopeChoice | undefined
    /** The type of the given token. @default 'urn:ietf:params:oauth:token-type:access_token' */
    readonly subjectTokenType?: string | undefined
    readonly requestedTokenType?: string | undefined
    /** The service that the new token is for. */
    readonly audience?: EndpointUrl | undefined
    readonly holders?: readonly Holder[] | undefined
  }

/**
 * Exchanges a user's token that the host has for one that this service accepts (RFC 8693).
 *
 * @example
 * const auth = tokenExchange({ issuer: 'https://login.example.com', audience: 'https://reports.example.com' })
 */
export function tokenExchange(
  definition: TokenExchangeDefinition,
): AuthStrategy<{ readonly subjectToken: CredentialField }, OAuthApp> {
  return strategyOf(definition, [])
}

function strategyOf(
  given: TokenExchangeDefinition,
  ofTools: readonly string[],
): AuthStrategy<{ readonly subjectToken: CredentialField }, OAuthApp> {
  const definition = { ...given, scopes: chosenScopes(given.scopes, ofTools) }
  const {
    subjectTokenType = 'urn:ietf:params:oauth:token-type:access_token',
    requestedTokenType,
    audience,
  } = definition
  const method = definition.clientAuthentication
  const needs = { needsKey: method === 'private_key_jwt', needsSecret: method === 'post' || method === 'basic' }
  return {
    kind: 'token-exchange',
    fields: { subjectToken: { label: 'Token of the user', secret: true } },
    holders: definition.holders ?? anyHolder,
    flow: unattendedFlow(
      definition,
      async () => {
        const { tokenExchangeProtocol } = await import('./unattended.ts')
        return tokenExchangeProtocol(definition, { subjectTokenType, requestedTokenType, audience })
      },
      { fields: appFields, check: (options) => checkApp(options, { ...needs, registers: false }) },
    ),
    forTools: (scopes) => strategyOf(given, scopes),
    sign: (request, _credential, grant) => grantSignature(request, undefined, grant),
  }
}
