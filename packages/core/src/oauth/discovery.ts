import type { AuthorizationServer } from 'oauth4webapi'
import { ConnectorError } from '../errors/connector-error.ts'
import type { FlowContext } from '../auth/grant-flow.ts'
import { providerText } from '../errors/provider-text.ts'
import { sendRequest, GET_JSON, unusableResponse } from './server-request.ts'
import { documentAt } from './documents.ts'
import { checkEndpoint, hostOf } from './endpoints.ts'

const LIFE_MS = 3_600_000

const endpoints = [
  'authorization_endpoint',
  'token_endpoint',
  'revocation_endpoint',
  'device_authorization_endpoint',
  'pushed_authorization_request_endpoint',
  'registration_endpoint',
  'introspection_endpoint',
  'jwks_uri',
] as const

/**
 * Returns the metadata of an authorization server (RFC 8414, OpenID Connect Discovery 1.0), or undefined if there is
 * none.
 * @param issuer in the server's spelling: the metadata must contain the same string (RFC 8414, section 3.3)
 * @param options.calls the issuer in the metadata, if it differs on purpose
 * @throws ConnectorError CONFIGURATION_ERROR if the metadata belongs to another issuer or names an unsafe endpoint
 */
export function discoverAuthorizationServer(
  context: FlowContext,
  issuer: string,
  options: {
    readonly openId?: boolean | undefined
    readonly calls?: string | undefined
    /** Fetches the metadata even if it is cached. */
    readonly fresh?: boolean | undefined
  } = {},
): Promise<AuthorizationServer | undefined> {
  checkEndpoint(issuer)
  const { openId = false, calls = issuer, fresh } = options
  return documentAt(context, `metadata ${issuer}`, { lifeMs: LIFE_MS, fresh }, async () => {
    for (const url of wellKnownUrls(issuer, openId)) {
      const { status, body } = await sendRequest(context, { ...GET_JSON, url })
      if (status >= 400 || typeof body !== 'object' || body === null || !('issuer' in body)) continue
      const named = body.issuer
      if (named === null) continue
      if (typeof named !== 'string' || !isSameIssuer(named, calls)) throw anotherIssuer(issuer, named)
      // Callbacks and id_tokens are compared with the server's spelling.
      return { ...checked({ ...body }, issuer, context), issuer: calls === issuer ? named : issuer }
    }
    return undefined
  })
}

/** Returns the metadata. @throws ConnectorError CONFIGURATION_ERROR if the server publishes none */
export async function metadataOf(
  ...[context, issuer, options]: Parameters<typeof discoverAuthorizationServer>
): Promise<AuthorizationServer> {
  const metadata = await discoverAuthorizationServer(context, issuer, options)
  if (metadata !== undefined) return metadata
  throw new ConnectorError('CONFIGURATION_ERROR', `${hostOf(issuer)} publishes no metadata.`, {
    outcome: 'not_processed',
    hint: 'Check the issuer, or set the endpoints: authorizationUrl and tokenUrl.',
  })
}

/**
 * Returns whether two issuer identifiers are equal strings. With an empty path, a trailing slash is ignored, because
 * several large servers use both spellings. Every other difference is another issuer.
 */
export const isSameIssuer = (one: string, other: string): boolean =>
  one === other || (isRoot(one) && isRoot(other) && one.replace(/\/$/, '') === other.replace(/\/$/, ''))

/** Returns whether an issuer is an origin, with or without a trailing slash. */
const isRoot = (issuer: string): boolean => /^https?:\/\/[^/?#]+\/?$/.test(issuer)

function anotherIssuer(issuer: string, named: unknown): ConnectorError {
  const shown = typeof named === 'string' ? providerText(named) : 'not a string'
  return new ConnectorError('CONFIGURATION_ERROR', `The metadata of ${issuer} names another issuer: ${shown}.`, {
    reason: 'issuer_mismatch',
    outcome: 'not_processed',
    hint: "Set the issuer in the server's spelling. If the metadata is wrong, set the endpoints.",
  })
}

/** Returns the URLs to try: for an issuer with a path, the two standards place the well-known part differently. */
function wellKnownUrls(issuer: string, openId: boolean): readonly string[] {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  const oauth = `${origin}/.well-known/oauth-authorization-server${path}`
  const appended = `${origin}${path}/.well-known/openid-configuration`
  const inserted = `${origin}/.well-known/openid-configuration${path}`
  return [...new Set(openId ? [appended, oauth, inserted] : [oauth, inserted, appended])]
}

const lists = [
  'scopes_supported',
  'code_challenge_methods_supported',
  'token_endpoint_auth_methods_supported',
  'token_endpoint_auth_signing_alg_values_supported',
  'id_token_signing_alg_values_supported',
  'dpop_signing_alg_values_supported',
] as const

/** Returns the valid members only, because the rest of the library trusts them. */
function checked(
  body: Readonly<Record<string, unknown>>,
  issuer: string,
  { allowPrivateHosts }: FlowContext,
): Omit<AuthorizationServer, 'issuer'> {
  const metadata: Record<string, unknown> = {}
  for (const name of endpoints) {
    if (body[name] !== undefined && body[name] !== null) {
      metadata[name] = checkEndpoint(body[name], { namedBy: issuer, allowPrivateHosts })
    }
  }
  for (const name of lists) {
    const list = body[name]
    if (Array.isArray(list)) metadata[name] = list.filter((item) => typeof item === 'string')
  }
  for (const name of [
    'authorization_response_iss_parameter_supported',
    'require_pushed_authorization_requests',
    'client_id_metadata_document_supported',
  ]) {
    if (typeof body[name] === 'boolean') metadata[name] = body[name]
  }
  return metadata as Omit<AuthorizationServer, 'issuer'>
}

/** Returns the body as an object. @throws ConnectorError MCP_SERVER_ERROR if it is not one */
export function objectIn(body: unknown, host: string): Readonly<Record<string, unknown>> {
  if (typeof body === 'object' && body !== null && !Array.isArray(body))
    return body as Readonly<Record<string, unknown>>
  throw unusableResponse(host, 'a response that is not a JSON object')
}
