import { ConnectorError } from '../errors/connector-error.ts'
import { grantSignature, rememberNonces } from './grant-signature.ts'
import type { GrantFlow } from '../auth/grant-flow.ts'
import { appFields, checkApp, registeredAppFields } from './app.ts'
import type { OAuthApp, RegisteredApp } from './app.ts'
import { chosenScopes } from './definition.ts'
import type {
  OAuth2Definition,
  OAuth2Options,
  OpenIdOptions,
  RegistrationDefinition,
  ProtocolOptions,
} from './definition.ts'
import { anyHolder } from '../auth/strategy.ts'
import type { AuthStrategy } from '../auth/strategy.ts'
import type { CredentialField } from '../auth/credential-fields.ts'

/** A token from elsewhere: pasted by the user, or migrated from another system. */
export type TokenFields = {
  readonly token: CredentialField
  readonly refreshToken: CredentialField & { readonly optional: true }
}

/** A definition whose app is registered with the provider in advance. */
export type Preregistered = { readonly registration?: undefined }
/** A definition whose app may be registered at run time. */
export type Registering = { readonly registration: RegistrationDefinition }

/**
 * Defines OAuth 2 as RFC 9700 recommends: authorization code with PKCE, state and issuer checks, or device flow;
 * refresh and revocation. Differences between providers are data; see {@link OAuth2Definition}.
 *
 * A token from elsewhere works as well: `slack({ token })`, or `connect({ token, refreshToken })`.
 *
 * @example
 * const auth = oauth2({
 *   authorizationUrl: 'https://app.asana.com/-/oauth_authorize',
 *   tokenUrl: 'https://app.asana.com/-/oauth_token',
 *   revocationUrl: 'https://app.asana.com/-/oauth_revoke',
 *   scopes: ['tasks:read', 'tasks:write'],
 * })
 * @throws ConnectorError CONFIGURATION_ERROR if the definition contradicts itself
 */
export function oauth2(definition: OAuth2Definition & Preregistered): AuthStrategy<TokenFields, OAuthApp>
export function oauth2(definition: OAuth2Definition & Registering): AuthStrategy<TokenFields, RegisteredApp>
export function oauth2(definition: OAuth2Definition): AuthStrategy<TokenFields> {
  return authorizedStrategy('oauth2', definition, false)
}

/** Builds the strategy of `oauth2` and `oidc`. */
export function authorizedStrategy(
  kind: string,
  given: OAuth2Options & OpenIdOptions,
  openId: boolean,
  ofTools: readonly string[] = [],
): AuthStrategy<TokenFields> {
  refuseContradictions(given, openId)
  const definition = { ...given, scopes: chosenScopes(given.scopes, ofTools) }
  const { label = 'Access token', description, holders = anyHolder } = definition
  const nonces = definition.dpop === undefined || definition.dpop === false ? undefined : rememberNonces()
  return {
    kind,
    fields: {
      token: { label, secret: true, description },
      refreshToken: { label: 'Refresh token', secret: true, optional: true },
    },
    holders,
    flow: flowOf(definition, openId),
    forTools: (scopes) => authorizedStrategy(kind, given, openId, scopes),
    sign: (request, { token }, grant, app) => {
      const signature = grantSignature(request, token, grant, nonces?.of(request.url))
      const { secretProof } = definition
      // An app without a secret has nothing to prove.
      if (secretProof === undefined || app?.['clientSecret'] === undefined) return signature
      return import('./secret-proof.ts').then(async ({ provenSignature }) =>
        provenSignature(await signature, secretProof, { accessToken: grant?.accessToken ?? token, app }),
      )
    },
    ...(nonces && { onResponse: nonces.onResponse }),
  }
}

function flowOf(definition: ProtocolOptions & OpenIdOptions, openId: boolean): GrantFlow {
  const { clientAuthentication: method, registration, exchange, revoke, scopes = [] } = definition
  return {
    refresh: { ...definition.refresh, rotation: definition.refresh?.rotation ?? 'rotate' },
    renewal: exchange === undefined ? 'refresh_token' : 'access_token',
    family: definition.family,
    scopes: openId ? [...new Set(['openid', ...scopes])] : scopes,
    interactive: true,
    callbackSettings: definition.authorize?.settings,
    findsSettings: [definition.authorize?.settings, definition.discover, definition.token?.read].some(
      (finder) => finder !== undefined,
    ),
    covers: definition.covers,
    incrementalConsent: definition.incrementalConsent ?? false,
    revocationEnds:
      (typeof revoke === 'object' ? revoke.ends : undefined) ??
      (definition.revocationUrl === undefined ? 'account' : 'token'),
    appFields: registration === undefined ? appFields : registeredAppFields,
    app: (options) =>
      checkApp(options, {
        needsKey: method === 'private_key_jwt',
        needsSecret: method === 'post' || method === 'basic',
        registers: registration !== undefined,
      }),
    async load() {
      const { oauthProtocol } = await import('./protocol.ts')
      return oauthProtocol(definition, { openId })
    },
  }
}

/** Callback parameters of the protocol itself, which no setting may read. */
const PROTOCOL_PARAMETERS: ReadonlySet<string> = new Set([
  'code',
  'state',
  'iss',
  'error',
  'error_description',
  'error_uri',
  'id_token',
  'access_token',
  'refresh_token',
])

function refuseContradictions(definition: OAuth2Options & OpenIdOptions, openId: boolean): void {
  const refuse = (message: string, hint: string): never => {
    throw new ConnectorError('CONFIGURATION_ERROR', `oauth2: ${message}`, { hint })
  }
  const { issuer, authorizationUrl, tokenUrl, deviceUrl, protectedResource, jwksUrl, authorize } = definition
  if (tokenUrl === undefined && issuer === undefined && protectedResource === undefined) {
    refuse('the authorization server is missing.', 'Set issuer, or authorizationUrl and tokenUrl.')
  }
  if (tokenUrl !== undefined && authorizationUrl === undefined && deviceUrl === undefined) {
    refuse('the consent endpoint is missing.', 'Set authorizationUrl or deviceUrl in addition to tokenUrl.')
  }
  const taken = Object.values(authorize?.settings ?? {}).find((parameter) => PROTOCOL_PARAMETERS.has(parameter))
  if (taken !== undefined) {
    refuse(`authorize.settings reads the parameter "${taken}" of the protocol.`, 'Use a parameter of the provider.')
  }
  if (openId && tokenUrl !== undefined && (jwksUrl === undefined || issuer === undefined)) {
    refuse('id_tokens cannot be verified.', 'Set issuer and jwksUrl in addition to tokenUrl, or issuer alone.')
  }
}
