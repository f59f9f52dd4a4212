import * as oauth from 'oauth4webapi'
import { ConnectorError } from '../errors/connector-error.ts'
import type { AuthorizationRequest, PendingFlow } from '../auth/grant-flow.ts'
import type { Grant } from '../auth/grant.ts'
import { generateKey, takesProofs, tokenProof } from './dpop.ts'
import { normalizingFetch } from './normalizing-fetch.ts'
import { requestFailure } from './refusal.ts'
import type { Session } from './session.ts'

/** The protocol's state until the callback arrives. */
export interface PendingAuthorization {
  readonly clientId: string
  readonly issuer?: string | undefined
  /** The only endpoint that the code is sent to. */
  readonly tokenEndpoint?: string | undefined
  readonly resource?: string | undefined
  readonly verifier?: string | undefined
  readonly nonce?: string | undefined
  /** All requested scopes, including those that the protocol added. */
  readonly scopes: readonly string[]
  readonly key?: Grant['key']
}

/**
 * Builds the URL at which the user consents (RFC 6749, section 4.1.1), with PKCE (RFC 7636). Pushes the request first
 * if the server supports that (RFC 9126).
 */
export async function authorizationUrl(
  session: Session,
  request: AuthorizationRequest,
  options: { readonly openId: boolean },
): Promise<{ readonly url: string; readonly pending: PendingFlow }> {
  const { definition, server, client } = session
  const { metadata } = server
  const at = metadata.authorization_endpoint
  if (at === undefined) throw noEndpoint(server.host, 'authorization_endpoint', 'authorizationUrl')
  const verifier = offersPkce(session) ? oauth.generateRandomCodeVerifier() : undefined
  const nonce = options.openId ? oauth.generateRandomNonce() : undefined
  const key = bindsTokens(session) ? await generateKey() : undefined
  const scopes = scopesFor(session, request, options.openId)
  const isOffline = scopes.includes('offline_access')
  const parameters = new URLSearchParams({
    // OpenID Connect requires explicit consent for offline access (Core 1.0, section 11).
    ...(isOffline && definition.protectedResource !== undefined && { prompt: 'consent' }),
    ...definition.authorize?.params,
    response_type: 'code',
    client_id: client.client_id,
    redirect_uri: request.redirectUri,
    state: request.state,
    ...(scopes.length > 0 && {
      [definition.scopeParameter ?? 'scope']: scopes.join(definition.scopeSeparator ?? ' '),
    }),
    ...(request.loginHint !== undefined && { login_hint: request.loginHint }),
    ...(server.resource !== undefined && { resource: server.resource }),
    ...(nonce !== undefined && { nonce }),
    ...(verifier !== undefined && {
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    }),
    ...(key !== undefined && { dpop_jkt: await (await tokenProof(client, key)).calculateThumbprint() }),
  })
  const pending: PendingAuthorization = {
    clientId: client.client_id,
    scopes,
    tokenEndpoint: metadata.token_endpoint,
    ...(server.issuer !== undefined && { issuer: server.issuer }),
    ...(server.resource !== undefined && { resource: server.resource }),
    ...(verifier !== undefined && { verifier }),
    ...(nonce !== undefined && { nonce }),
    ...(key !== undefined && { key }),
  }
  const url = new URL(at)
  const shown =
    metadata.pushed_authorization_request_endpoint === undefined ? parameters : await pushed(session, parameters)
  for (const [name, value] of shown) url.searchParams.set(name, value)
  return { url: url.href, pending: { ...pending } }
}

/** Pushes the parameters to the server, and returns the reference for the URL. */
async function pushed(session: Session, parameters: URLSearchParams): Promise<URLSearchParams> {
  const { server, client, authentication, context } = session
  const wire = normalizingFetch(context, { ...session.definition, successStatus: 201 })
  try {
    const response = await oauth.pushedAuthorizationRequest(
      server.metadata,
      client,
      authentication,
      parameters,
      wire.options,
    )
    const { request_uri } = await oauth.processPushedAuthorizationResponse(server.metadata, client, response)
    return new URLSearchParams({ client_id: client.client_id, request_uri })
  } catch (error) {
    throw requestFailure(error, { host: server.host, purpose: 'the authorization request', secrets: wire.secrets() })
  }
}

/** @throws ConnectorError CONFIGURATION_ERROR if the server does not support PKCE and the definition requires it */
function offersPkce({ definition: { pkce = true }, server }: Session): boolean {
  if (pkce === false) return false
  const { code_challenge_methods_supported: methods } = server.metadata
  // Metadata without this member leaves it open. A server that is discovered at run time must declare PKCE.
  const mayOffer = pkce !== 'required' || !server.discovered
  if (methods === undefined ? mayOffer : methods.includes('S256')) return true
  throw new ConnectorError('CONFIGURATION_ERROR', `${server.host} does not offer PKCE with S256.`, {
    hint: 'Ask the operator of the server to enable PKCE: it protects against stolen codes.',
    outcome: 'not_processed',
  })
}

export const bindsTokens = ({ definition: { dpop = false }, server }: Session): boolean =>
  dpop === 'where_supported' ? takesProofs(server.metadata) : dpop

/** Returns the scopes to request. Scopes for a protected resource default to those that the resource names. */
function scopesFor(
  { definition, server }: Session,
  { scopes }: AuthorizationRequest,
  openId: boolean,
): readonly string[] {
  const requested = new Set(scopes.length > 0 || definition.protectedResource === undefined ? scopes : server.scopes)
  if (definition.protectedResource !== undefined) {
    if (scopes.length > 0) for (const scope of server.challenged ?? []) requested.add(scope)
    if (server.metadata.scopes_supported?.includes('offline_access') === true) requested.add('offline_access')
  }
  return openId ? [...new Set(['openid', ...requested])] : [...requested]
}

export const noEndpoint = (host: string, name: string, option: string): ConnectorError =>
  new ConnectorError('CONFIGURATION_ERROR', `${host} has no ${name}.`, {
    hint: `Set ${option} in the connector's definition: the server's metadata has no such endpoint.`,
    outcome: 'not_processed',
  })
