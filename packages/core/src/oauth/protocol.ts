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
import { exchangeToken } from './token-request.ts'
import { revoke, revokeWithOwnRequest } from './revocation.ts'
import { openSession } from './session.ts'
import type { Session } from './session.ts'
import { requestToken } from './token-request.ts'
import type { TokenResult } from './token-request.ts'

/** Authorization code and device flow, refresh and revocation, for a provider that is described as data. */
export function oauthProtocol(
  definition: ProtocolOptions & OpenIdOptions,
  options: { readonly openId: boolean },
): GrantProtocol {
  const { openId } = options

  const authorize = async (context: FlowContext, ask: AuthorizationRequest) => {
    const { challenge, redirectUri } = ask
    const session = await openSession(context, definition, { challenge, redirectUri })
    return authorizationUrl(session, ask, { openId })
  }

  const redeem = async (context: FlowContext, kept: PendingFlow, ask: AuthorizationRequest, callback: URL) => {
    const pending = kept as unknown as PendingAuthorization
    const session = await openSession(context, definition, pending)
    const { server, client, authentication } = session
    const parameters = readCallback(session, ask.state, callback)
    // The settings of a callback may choose the region; apart from that the code goes where the login began.
    if (definition.authorize?.settings === undefined) assertSameEndpoint(session, pending.tokenEndpoint)
    const verifier = pending.verifier ?? oauth.nopkce
    const result = await requestToken(session, {
      doing: 'the code',
      scopes: pending.scopes,
      key: pending.key,
      secrets: [ask.state],
      send: (how) =>
        oauth.authorizationCodeGrantRequest(
          server.metadata,
          client,
          authentication,
          parameters,
          ask.redirectUri,
          verifier,
          how,
        ),
    })
    return settle(session, result, pending.nonce)
  }

  /** Whose the grant is, and what else has to be known before it can be used. */
  const settle = async (session: Session, { grant, idToken }: TokenResult, nonce?: string): Promise<Grant> => {
    const { exchange, discover } = session.definition
    let settled = grant
    if (openId) {
      const { accessToken } = grant
      if (idToken === undefined) throw withoutIdToken(session.server.host)
      settled = { ...settled, account: await readIdToken(session, idToken, { accessToken, nonce }) }
    }
    if (exchange?.afterConnect !== undefined) {
      settled = { ...settled, ...(await exchangeToken(session, exchange.afterConnect, settled)) }
    }
    if (discover === undefined) return settled
    const found = await discoverAccount(session.context, discover, settled)
    // The subject stays the account: each renewal is compared with it.
    return openId ? { ...found, account: settled.account } : found
  }

  const refresh = async (context: FlowContext, grant: Grant): Promise<Grant | RefreshedGrant> => {
    const { issuer, resource, refreshToken } = grant
    const session = await openSession(context, definition, { issuer, resource })
    if (definition.exchange !== undefined) return exchangeToken(session, definition.exchange.refresh, grant)
    if (refreshToken === undefined) throw withoutRefreshToken()
    const { server, client, authentication } = session
    const { grant: fresh, idToken } = await requestToken(session, {
      doing: 'the refresh token',
      scopes: grant.scopes,
      refreshes: grant,
      key: grant.key,
      send: (how) =>
        oauth.refreshTokenGrantRequest(server.metadata, client, authentication, refreshToken, {
          ...how,
          additionalParameters: {
            ...(how.additionalParameters as Readonly<Record<string, string>>),
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
    async redeemDevice(context, kept) {
      const pending = kept as unknown as PendingDevice
      const session = await openSession(context, definition, pending)
      const answer = await pollDevice(session, pending)
      return 'pending' in answer ? answer : { grant: await settle(session, answer) }
    },
    refresh,
    ...revocationOf(definition),
  }
}

function revocationOf(definition: ProtocolOptions & OpenIdOptions): Pick<GrantProtocol, 'revoke'> {
  const { revoke: how } = definition
  if (how === false) return {}
  if (isOwnRequest(how))
    return {
      revoke: (context, grant) => revokeWithOwnRequest(context, withEndpointOverrides(definition, context), grant),
    }
  if (definition.tokenUrl !== undefined && definition.revocationUrl === undefined) return {}
  return {
    async revoke(context, grant) {
      const { issuer, resource } = grant
      const session = await openSession(context, definition, { issuer, resource })
      // Found out only now that the server has no way: what it gave ends by itself.
      if (session.server.metadata.revocation_endpoint !== undefined) await revoke(session, grant)
    },
  }
}

const withoutIdToken = (host: string): ConnectorError =>
  new ConnectorError('MCP_AUTHENTICATION_FAILURE', `${host} sent no id_token, so nobody knows whose grant this is.`, {
    reason: 'id_token_missing',
    hint: 'Is the app registered for OpenID Connect with the provider?',
  })

const withoutRefreshToken = (): ConnectorError =>
  new ConnectorError('MCP_AUTHENTICATION_FAILURE', 'The grant has ended, and it came without a refresh token.', {
    reason: 'no_refresh_token',
    outcome: 'not_processed',
    hint: 'Connect the account again. Providers give a refresh token for a scope such as offline_access, or for access_type=offline.',
  })
