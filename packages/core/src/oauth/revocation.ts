import * as oauth from 'oauth4webapi'
import { toBase64 } from '../encryption/base64url.ts'
import type { FlowContext } from '../auth/grant-flow.ts'
import type { Grant } from '../auth/grant.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import { ask, unusable } from './ask.ts'
import type { OAuth2Options, RevocationRequest } from './definition.ts'
import { endpoint, hostOf } from './endpoint.ts'
import { normalFetch, readWith, secretsOf } from './normal-fetch.ts'
import { refusal } from './refusal.ts'
import { requestFailure } from './request-failure.ts'
import type { Session } from './session.ts'
import { plainRefusal } from './token-answer.ts'

/** The grant is gone already, which is what was wanted. */
const GONE = new Set(['invalid_token', 'invalid_grant', 'token_revoked', 'token_expired'])

/** Ends a grant at the server that gave it (RFC 7009): its refresh token, and with it what came of it. */
export async function revoke(session: Session, grant: Grant): Promise<void> {
  const { server, client, authentication, context, definition } = session
  const wire = normalFetch(context, { readError: definition.readError })
  const [token, hint] =
    grant.refreshToken === undefined ? [grant.accessToken, 'access_token'] : [grant.refreshToken, 'refresh_token']
  try {
    const response = await oauth.revocationRequest(server.metadata, client, authentication, token, {
      ...wire.options,
      additionalParameters: { token_type_hint: hint },
    })
    await oauth.processRevocationResponse(response)
  } catch (error) {
    const failure = requestFailure(error, { host: server.host, doing: 'to end the grant', secrets: wire.secrets() })
    if (!GONE.has(failure.details.providerCode ?? '')) throw failure
  }
}

/** The same, at a provider that has its own way. */
export async function revokeOddly(context: FlowContext, definition: OAuth2Options, grant: Grant): Promise<void> {
  const { readError, revoke: request } = definition
  if (request === undefined || request === false) return
  const { accessToken, refreshToken } = grant
  if (request.each === true && refreshToken !== undefined) {
    // First the one that lives longer. A failure there is no reason to leave the other.
    try {
      await endToken(context, request, readError, refreshToken)
    } finally {
      await endToken(context, request, readError, accessToken)
    }
    return
  }
  await endToken(context, request, readError, accessToken)
}

async function endToken(
  context: FlowContext,
  request: RevocationRequest,
  readError: OAuth2Options['readError'],
  token: string,
): Promise<void> {
  const { clientId, clientSecret } = context.app
  const app = { id: textOr(clientId, ''), secret: textOr(clientSecret, '') }
  const url = endpoint((settings) => request.url({ clientId: encodeURIComponent(app.id), settings }), context)
  const host = hostOf(url)
  const basic = toBase64(new TextEncoder().encode(`${app.id}:${app.secret}`))
  const { status, body } = await ask(context, {
    method: request.method ?? 'POST',
    url,
    headers: {
      accept: 'application/json',
      authorization: request.authenticate === 'client' ? `Basic ${basic}` : `Bearer ${token}`,
      ...(request.tokenMember !== undefined && { 'content-type': 'application/json' }),
    },
    ...(request.tokenMember !== undefined && { body: JSON.stringify({ [request.tokenMember]: token }) }),
  })
  // Who has nothing to say has done it: most answer 204.
  const said = body === undefined ? undefined : readWith(() => readError?.(body), url)
  const refused = said ?? plainRefusal(body, status)
  if (refused !== undefined && GONE.has(refused.error)) return
  const secrets = [...secretsOf(context), token, basic]
  if (refused !== undefined) throw refusal(refused, { host, doing: 'to end the grant', status, secrets })
  // Whoever asks with a token that is dead is turned away; whoever asks for one that is gone does not find it.
  if (status === 404 || (status === 401 && request.authenticate === 'token')) return
  if (status === 401) {
    throw new ConnectorError('CONFIGURATION_ERROR', `${host} refused the app.`, {
      status,
      hint: "Check the app's clientId and clientSecret with the provider.",
    })
  }
  if (status >= 400) throw unusable(host, `${status} when it was asked to end a grant`, status)
}

const textOr = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise)
