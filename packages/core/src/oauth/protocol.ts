import * as oauth from 'oauth4webapi'
import { ConnectorError } from '../errors/connector-error.ts'
import type {
  AuthorizationRequest,
  FlowContext,
  GrantProtocol,
  PendingFlow,
  RefreshedGrant,
} from '../auth/grant-flow.ts'
import type { Grant } from '../auth/grant.ts'
import { discoverAccount } from './accounts.ts'
import { authorizationUrl } from './authorization-url.ts'
import type { PendingAuthorization } from './authorization-url.ts'
import { assertSameEndpoint, readCallback } from './callback.ts'
import { isOwnRequest } from './definition.ts'
import type { ProtocolOptions, OpenIdOptions } from './definition.ts'
import { pollDevice, startDevice } from './device.ts'
import type { PendingDevice } from './device.ts'
import { readIdToken, verifyRefreshedIdToken } from './id-token.ts'
import { withEndpointOverrides } from './endpoints.ts'
import { exchangeToken, requestToken } from './token-request.ts'
import { revoke, revokeWithOwnRequest } from './revocation.ts'
import { openSession } from './session.ts'
import type { Session } from './session.ts'
import type { TokenResult } from './token-request.ts'

/**
 * Implements the authorization code and device flows, refresh and revocation, for a provider that is defined as data.
 */
export function oauthProtocol(
  definition: ProtocolOptions & OpenIdOptions,
  options: { readonly openId: boolean },
): GrantProtocol {
  const { openId } = options

  const authorize = async (context: FlowContext, request: AuthorizationRequest) => {
    const { challenge, redirectUri } = request
    const session = await openSession(context, definition, { challenge, redirectUri })
    return authorizationUrl(session, request, { openId })
  }

  const redeem = async (context: FlowContext, stored: PendingFlow, request: AuthorizationRequest, callback: URL) => {
    const pending = stored as unknown as PendingAuthorization
    const session = await openSession(context, definition, pending)
    const { server, client, authentication } = session
    const parameters = readCallback(session, request.state, callback)
    // Settings from the callback may select another region. Otherwise the endpoint must not have changed.
    if (definition.authorize?.settings === undefined) assertSameEndpoint(session, pending.tokenEndpoint)
    const verifier = pending.verifier ?? oauth.nopkce
    const result = await requestToken(session, {
      purpose: 'the code',
      scopes: pending.scopes,
      key: pending.key,
      secrets: [request.state],
      send: (options) =>
        oauth.authorizationCodeGrantRequest(
          server.metadata,
          client,
          authentication,
          parameters,
          request.redirectUri,
          verifier,
          options,
        ),
    })
    return completed(session, result, pending.nonce)
  }

  /** Adds the account and the settings that the grant needs before its first use. */
  const completed = async (session: Session, { grant, idToken }: TokenResult, nonce?: string): Promise<Grant> => {
    const { exchange, discover, secretProof } = session.definition
    let result = grant
    if (openId) {
      const { accessToken } = grant
      if (idToken === undefined) throw withoutIdToken(session.server.host)
      result = { ...result, account: await readIdToken(session, idToken, { accessToken, nonce }) }
    }
    if (exchange?.afterConnect !== undefined) {
      result = { ...result, ...(await exchangeToken(session, exchange.afterConnect, result)) }
    }
    if (discover === undefined) return result
    const found = await discoverAccount(session.context, { discover, secretProof }, result)
    // The subject stays the account, because each refresh is compared with it.
    return openId ? { ...found, account: result.account } : found
  }

  const refresh = async (context: FlowContext, grant: Grant): Promise<Grant | RefreshedGrant> => {
    const { issuer, resource, refreshToken } = grant
    const session = await openSession(context, definition, { issuer, resource })
    if (definition.exchange !== undefined) return exchangeToken(session, definition.exchange.refresh, grant)
    if (refreshToken === undefined) throw withoutRefreshToken()
    const { server, client, authentication } = session
    const { grant: fresh, idToken } = await requestToken(session, {
      purpose: 'the refresh token',
      scopes: grant.scopes,
      refreshes: grant,
      key: grant.key,
      send: (options) =>
        oauth.refreshTokenGrantRequest(server.metadata, client, authentication, refreshToken, {
          ...options,
          additionalParameters: {
            ...(options.additionalParameters as Readonly<Record<string, string>>),
            ...definition.refresh?.params,
          },
        }),
    })
    if (!openId || idToken === undefined) return fresh
    const { accessToken } = fresh
    const subject = grant.account?.id
    return {
      grant: grant.account === undefined ? fresh : { ...fresh, account: grant.account },
      verify: (signal) =>
        verifyRefreshedIdToken({ ...session, context: { ...context, signal } }, idToken, { accessToken, subject }),
    }
  }

  return {
    authorize,
    redeem,
    async authorizeDevice(context, { scopes }) {
      const session = await openSession(context, definition)
      return startDevice(session, openId ? [...new Set(['openid', ...scopes])] : scopes)
    },
    async redeemDevice(context, stored) {
      const pending = stored as unknown as PendingDevice
      const session = await openSession(context, definition, pending)
      const polled = await pollDevice(session, pending)
      return 'pending' in polled ? polled : { grant: await completed(session, polled) }
    },
    refresh,
    ...revocationOf(definition),
  }
}

function revocationOf(definition: ProtocolOptions & OpenIdOptions): Pick<GrantProtocol, 'revoke'> {
  const { revoke: method } = definition
  if (method === false) return {}
  if (isOwnRequest(method))
    return {
      revoke: (context, grant) => revokeWithOwnRequest(context, withEndpointOverrides(definition, context), grant),
    }
  if (definition.tokenUrl !== undefined && definition.revocationUrl === undefined) return {}
  return {
    async revoke(context, grant) {
      const { issuer, resource } = grant
      const session = await openSession(context, definition, { issuer, resource })
      // Without a revocation endpoint the grant stays valid until it expires.
      if (session.server.metadata.revocation_endpoint !== undefined) await revoke(session, grant)
    },
  }
}

const withoutIdToken = (host: string): ConnectorError =>
  new ConnectorError(
    'MCP_AUTHENTICATION_FAILURE',
    `${host} returned no id_token, so the account of the grant is unknown.`,
    {
      reason: 'id_token_missing',
      hint: 'Register the app for OpenID Connect with the provider.',
    },
  )

const withoutRefreshToken = (): ConnectorError =>
  new ConnectorError('MCP_AUTHENTICATION_FAILURE', 'The grant has expired, and it has no refresh token.', {
    reason: 'no_refresh_token',
    outcome: 'not_processed',
    hint: 'Connect the account again. For a refresh token, request offline_access or access_type=offline.',
  })
