import * as oauth from 'oauth4webapi'
import { ConnectorError } from '../errors/connector-error.ts'
import type { Grant } from '../auth/grant.ts'
import type { AccessTokenExchange } from './definition.ts'
import { tokenProof } from './dpop.ts'
import { endpoint } from './endpoints.ts'
import { normalizingFetch } from './normalizing-fetch.ts'
import type { NormalizingFetch } from './normalizing-fetch.ts'
import { requestFailure, wordOf } from './refusal.ts'
import { registrationLost } from './registration.ts'
import type { Session } from './session.ts'
import { scopesIn, secondsIn } from './token-response.ts'

export interface TokenRequest {
  /** The subject of the request, such as "the refresh token". */
  readonly purpose: string
  /** The scopes to assume if the response names none (RFC 6749, section 5.1). */
  readonly scopes?: readonly string[] | undefined
  /** The private JWK that the tokens are bound to (RFC 9449). */
  readonly key?: Grant['key']
  /** The grant that this request refreshes. */
  readonly refreshes?: Grant | undefined
  /** Secrets that the server received earlier, to redact them. */
  readonly secrets?: readonly string[] | undefined
  readonly send: (options: oauth.TokenEndpointRequestOptions) => Promise<Response>
}

export interface TokenResult {
  readonly grant: Grant
  /** The id_token, not verified yet. */
  readonly idToken: string | undefined
}

/**
 * Sends a token request once. Repeats it only if the server requires a DPoP nonce (RFC 9449, section 8).
 * @throws ConnectorError as documented at {@link GrantProtocol}
 */
export async function requestToken(session: Session, request: TokenRequest): Promise<TokenResult> {
  const { definition, server, context } = session
  const wire = normalizingFetch(context, { ...definition, success: 'token' })
  const DPoP = request.key && (await tokenProof(session.client, request.key))
  const options = {
    ...wire.options,
    additionalParameters: { ...(server.resource && { resource: server.resource }), ...definition.token?.params },
    ...(DPoP && { DPoP }),
  }
  const once = async () => {
    const response = await request.send(options)
    return oauth.processGenericTokenEndpointResponse(server.metadata, session.client, response)
  }
  try {
    const members = await once().catch((error: unknown) => {
      if (DPoP !== undefined && oauth.isDPoPNonceError(error)) return once()
      throw error
    })
    return resultOf(session, request, members, wire)
  } catch (error) {
    const { host } = server
    const secrets = [...wire.secrets(), ...(request.secrets ?? [])]
    const failure = requestFailure(error, { host, purpose: request.purpose, secrets, meaning: wire.meaning() })
    if (session.registered && failure.details.providerCode === 'invalid_client') {
      await context.registrations.forget(server.metadata.issuer)
      throw registrationLost(host)
    }
    throw failure
  }
}

/** Exchanges an access token for a longer-lived one, at providers without refresh tokens. */
export async function exchangeToken(session: Session, exchange: AccessTokenExchange, grant: Grant): Promise<Grant> {
  const { context, proof } = session
  const { method = 'POST', sends = [], grantType, tokenParameter } = exchange
  const url = endpoint(exchange.url, context)
  const parameters = new URLSearchParams({
    grant_type: grantType,
    ...(sends.includes('client_id') && { client_id: proof.clientId }),
    ...(sends.includes('client_secret') && { client_secret: proof.clientSecret ?? '' }),
    [tokenParameter]: grant.accessToken,
  })
  const { grant: fresh } = await requestToken(session, {
    purpose: 'a longer-lived token',
    scopes: grant.scopes,
    refreshes: grant,
    send: (options) => {
      const fetch = options[oauth.customFetch]
      if (fetch === undefined) throw new TypeError('A token request needs the custom fetch.')
      const headers = { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' }
      return fetch(url, { method: method as 'POST', headers, body: parameters, redirect: 'manual' })
    },
  })
  return fresh
}

function resultOf(
  session: Session,
  { scopes: requested, key, refreshes }: TokenRequest,
  members: oauth.TokenEndpointResponse,
  wire: NormalizingFetch,
): TokenResult {
  const { definition, server } = session
  const isBound = key !== undefined && members.token_type === 'dpop'
  const problem = typeProblem(
    server.host,
    wordOf(wire.unknownType() ?? members.token_type, wire.secrets()),
    key !== undefined,
  )
  if (problem !== undefined) {
    // The refresh token has been used, so its grant is returned whatever the type is.
    if (refreshes === undefined) throw problem
    session.context.logger?.warn({ server: server.host }, problem.message)
  }
  const sentAt = wire.sentAt()
  const after = (seconds: number | undefined) => (seconds === undefined ? undefined : sentAt + seconds * 1000)
  const reading = wire.reading()
  const raw: Readonly<Record<string, unknown>> = members
  const scopes = members.scope === undefined ? requested : scopesIn(members.scope)
  const given = reading?.members
  const idToken = typeof given === 'object' && given !== null && 'id_token' in given ? given.id_token : undefined
  return {
    idToken: typeof idToken === 'string' ? idToken : undefined,
    grant: withoutUndefined({
      accessToken: members.access_token,
      tokenType: isBound ? 'DPoP' : refreshes?.tokenType === 'DPoP' ? 'Bearer' : undefined,
      refreshToken: members.refresh_token,
      issuedAt: sentAt,
      expiresAt: after(members.expires_in),
      refreshExpiresAt: after(secondsIn(raw['refresh_token_expires_in'] ?? raw['refresh_expires_in'])),
      scopes,
      issuer: server.issuer,
      resource: definition.protectedResource === undefined ? undefined : server.resource,
      account: reading?.account,
      settings: reading?.settings,
      key: isBound ? key : undefined,
    }),
  }
}

/** Returns the error for a token type that is unknown or was not requested. */
function typeProblem(host: string, type: string, expectsDpop: boolean): ConnectorError | undefined {
  if (type === (expectsDpop ? 'dpop' : 'bearer')) return undefined
  const isDowngrade = type === 'bearer'
  return new ConnectorError(
    'CONFIGURATION_ERROR',
    isDowngrade
      ? `${host} issued a token that is not bound to the key.`
      : `${host} issued a token of the unsupported type ${type}.`,
    {
      reason: 'token_type_unsupported',
      providerCode: isDowngrade ? undefined : type,
      hint: isDowngrade
        ? 'Disable dpop: the server does not support it (RFC 9449) for this app.'
        : 'Use Bearer or DPoP tokens. If these are bearer tokens, set token_type in token.read.',
      outcome: 'unknown',
    },
  )
}

/** Removes members that are undefined. */
const withoutUndefined = (grant: Grant): Grant =>
  Object.fromEntries(Object.entries(grant).filter(([, value]) => value !== undefined)) as unknown as Grant
