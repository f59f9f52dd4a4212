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
 * The metadata of an authorization server (RFC 8414, OpenID Connect Discovery 1.0), undefined where it publishes none.
 * @param issuer spelt as the server spells it: what it says of itself must be the same text (RFC 8414, section 3.3)
 * @param options.calls what the metadata calls its issuer, where that differs on purpose
 * @throws ConnectorError CONFIGURATION_ERROR if the metadata belongs to another issuer or names an unsafe endpoint
 */
export function discoverAuthorizationServer(
  context: FlowContext,
  issuer: string,
  options: {
    readonly openId?: boolean | undefined
    readonly calls?: string | undefined
    /** Asks again even if the metadata are at hand. */
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
      // Callbacks and id_tokens are compared with the spelling of the server.
      return { ...checked({ ...body }, issuer, context), issuer: calls === issuer ? named : issuer }
    }
    return undefined
  })
}

/** @throws ConnectorError CONFIGURATION_ERROR where the server publishes none */
export async function metadataOf(
  ...[context, issuer, options]: Parameters<typeof discoverAuthorizationServer>
): Promise<AuthorizationServer> {
  const metadata = await discoverAuthorizationServer(context, issuer, options)
  if (metadata !== undefined) return metadata
  throw new ConnectorError('CONFIGURATION_ERROR', `${hostOf(issuer)} publishes no metadata.`, {
    outcome: 'not_processed',
    hint: 'Is the issuer right? Else write the endpoints down: authorizationUrl and tokenUrl.',
  })
}

/**
 * Compares two issuer identifiers as text. With an empty path, the spellings with and without the trailing slash are the
 * same URL and count as one issuer, because several large servers mix them. Every other difference is another issuer.
 */
export const isSameIssuer = (one: string, other: string): boolean =>
  one === other || (isRoot(one) && isRoot(other) && one.replace(/\/$/, '') === other.replace(/\/$/, ''))

/** An origin alone, with or without a slash after it. */
const isRoot = (issuer: string): boolean => /^https?:\/\/[^/?#]+\/?$/.test(issuer)

function anotherIssuer(issuer: string, named: unknown): ConnectorError {
  const said = typeof named === 'string' ? providerText(named) : 'no text'
  return new ConnectorError('CONFIGURATION_ERROR', `The metadata of ${issuer} name another issuer: ${said}.`, {
    reason: 'issuer_mismatch',
    outcome: 'not_processed',
    hint: 'Set the issuer as the server spells it. If the server names a wrong one, write the endpoints down.',
  })
}

/** With a path, the two standards disagree where the well-known part goes. */
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

/** Only members that are what they should be are kept; the rest of the library trusts them. */
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

/** @throws ConnectorError MCP_SERVER_ERROR */
export function objectIn(body: unknown, host: string): Readonly<Record<string, unknown>> {
  if (typeof body === 'object' && body !== null && !Array.isArray(body))
    return body as Readonly<Record<string, unknown>>
  throw unusableResponse(host, 'something that is not a JSON object')
}
