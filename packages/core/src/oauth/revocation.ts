import * as oauth from 'oauth4webapi'
import { toBase64 } from '../encoding/base64.ts'
import type { FlowContext } from '../auth/grant-flow.ts'
import type { Grant } from '../auth/grant.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import { sendRequest, unusableResponse } from './server-request.ts'
import { isOwnRequest } from './definition.ts'
import type { ProtocolOptions, RevocationRequest } from './definition.ts'
import type { ErrorRow } from '../connector/error-table.ts'
import { endpoint, hostOf } from './endpoints.ts'
import { provenUrl } from './secret-proof.ts'
import { normalizingFetch, readWith, secretsOf } from './normalizing-fetch.ts'
import { refusal, requestFailure } from './refusal.ts'
import type { Session } from './session.ts'
import { refusalIn } from './token-response.ts'

const GONE = new Set(['invalid_token', 'invalid_grant', 'token_revoked', 'token_expired'])

/** Returns whether a refusal means that the grant is already invalid, which is a success. */
const isGone = (word: string | undefined, meaning: ErrorRow | undefined): boolean =>
  GONE.has(word ?? '') || meaning?.code === 'MCP_AUTHENTICATION_FAILURE'

/** Revokes a grant at its server (RFC 7009): the refresh token and the tokens issued from it. */
export async function revoke(session: Session, grant: Grant): Promise<void> {
  const { server, client, authentication, context, definition } = session
  const wire = normalizingFetch(context, { errors: definition.errors })
  const [token, hint] =
    grant.refreshToken === undefined ? [grant.accessToken, 'access_token'] : [grant.refreshToken, 'refresh_token']
  try {
    const response = await oauth.revocationRequest(server.metadata, client, authentication, token, {
      ...wire.options,
      additionalParameters: { token_type_hint: hint },
    })
    await oauth.processRevocationResponse(response)
  } catch (error) {
    const facts = { host: server.host, purpose: 'the revocation', secrets: wire.secrets(), meaning: wire.meaning() }
    const failure = requestFailure(error, facts)
    if (!isGone(failure.details.providerCode, wire.meaning())) throw failure
  }
}

/** Revokes a grant with the provider's own request. */
export async function revokeWithOwnRequest(
  context: FlowContext,
  definition: ProtocolOptions,
  grant: Grant,
): Promise<void> {
  const { revoke: request } = definition
  if (!isOwnRequest(request)) return
  const { accessToken, refreshToken } = grant
  if (request.each === true && refreshToken !== undefined) {
    // The longer-lived token first. If it fails, the other one is revoked all the same.
    try {
      await revokeToken(context, definition, request, refreshToken)
    } finally {
      await revokeToken(context, definition, request, accessToken)
    }
    return
  }
  await revokeToken(context, definition, request, accessToken)
}

async function revokeToken(
  context: FlowContext,
  { errors, secretProof }: ProtocolOptions,
  request: RevocationRequest,
  token: string,
): Promise<void> {
  const app = { id: stringOr(context.app['clientId'], ''), secret: stringOr(context.app['clientSecret'], '') }
  const { url: given } = request
  const clientId = encodeURIComponent(app.id)
  const target = endpoint(typeof given === 'string' ? given : (settings) => given({ clientId, settings }), context)
  const isSigned = request.authenticate === 'token'
  const url = isSigned ? await provenUrl(target, secretProof, { accessToken: token, app: context.app }) : target
  const host = hostOf(url)
  const basic = toBase64(new TextEncoder().encode(`${app.id}:${app.secret}`))
  const { status, headers, body } = await sendRequest(context, {
    method: request.method ?? 'POST',
    url,
    headers: {
      accept: 'application/json',
      authorization: request.authenticate === 'client' ? `Basic ${basic}` : `Bearer ${token}`,
      ...(request.tokenMember !== undefined && { 'content-type': 'application/json' }),
    },
    ...(request.tokenMember !== undefined && { body: JSON.stringify({ [request.tokenMember]: token }) }),
  })
  // A response without a body is a success: most servers return 204.
  const refused = body === undefined ? undefined : readWith(() => refusalIn({ status, headers, body }, errors), url)
  if (isGone(refused?.error, refused?.meaning)) return
  const secrets = [...secretsOf(context), token, basic]
  if (refused !== undefined) throw refusal(refused, { host, purpose: 'the revocation', status, secrets })
  // An invalid token gets a 401 if it authenticates the request, and a 404 if the request names it.
  if (status === 404 || (status === 401 && request.authenticate === 'token')) return
  if (status === 401) {
    throw new ConnectorError('CONFIGURATION_ERROR', `${host} rejected the app.`, {
      status,
      hint: "Check the app's clientId and clientSecret with the provider.",
    })
  }
  if (status >= 400) throw unusableResponse(host, `${status} for a revocation`, status)
}

const stringOr = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise)
