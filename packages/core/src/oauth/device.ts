import * as oauth from 'oauth4webapi'
import { ConnectorError } from '../errors/connector-error.ts'
import type { DeviceStart, PendingFlow } from '../auth/grant-flow.ts'
import type { Grant } from '../auth/grant.ts'
import { bindsTokens, noEndpoint } from './authorization-url.ts'
import { generateKey } from './dpop.ts'
import { normalizingFetch } from './normalizing-fetch.ts'
import { requestFailure } from './refusal.ts'
import type { Session } from './session.ts'
import { requestToken } from './token-request.ts'
import type { TokenResult } from './token-request.ts'

const INTERVAL_MS = 5000

export interface PendingDevice {
  readonly clientId: string
  readonly issuer?: string | undefined
  readonly resource?: string | undefined
  readonly deviceCode: string
  readonly scopes: readonly string[]
  readonly key?: Grant['key']
}

/** Requests a code that the user enters on another device (RFC 8628, section 3.1). */
export async function startDevice(session: Session, scopes: readonly string[]): Promise<DeviceStart> {
  const { server, client, authentication, context, definition } = session
  if (server.metadata.device_authorization_endpoint === undefined) {
    throw noEndpoint(server.host, 'device_authorization_endpoint', 'deviceUrl')
  }
  const wire = normalizingFetch(context, { errors: definition.errors, success: 'device' })
  const parameters = {
    ...(scopes.length > 0 && {
      [definition.scopeParameter ?? 'scope']: scopes.join(definition.scopeSeparator ?? ' '),
    }),
    ...(server.resource !== undefined && { resource: server.resource }),
  }
  try {
    const response = await oauth.deviceAuthorizationRequest(
      server.metadata,
      client,
      authentication,
      parameters,
      wire.options,
    )
    const started = await oauth.processDeviceAuthorizationResponse(server.metadata, client, response)
    const pending: PendingDevice = {
      clientId: client.client_id,
      deviceCode: started.device_code,
      scopes,
      ...(server.issuer !== undefined && { issuer: server.issuer }),
      ...(server.resource !== undefined && { resource: server.resource }),
      ...(bindsTokens(session) && { key: await generateKey() }),
    }
    return {
      verificationUri: webPage(started.verification_uri, server.host),
      ...(started.verification_uri_complete !== undefined && {
        verificationUriComplete: webPage(started.verification_uri_complete, server.host),
      }),
      userCode: started.user_code,
      expiresInMs: started.expires_in * 1000,
      intervalMs: started.interval === undefined ? INTERVAL_MS : started.interval * 1000,
      pending: { ...pending } satisfies PendingFlow,
    }
  } catch (error) {
    throw requestFailure(error, {
      host: server.host,
      purpose: 'a device code',
      secrets: wire.secrets(),
      meaning: wire.meaning(),
    })
  }
}

/** Checks that the user can open the URL safely: a URL from the network may be `javascript:`. */
function webPage(url: string, host: string): string {
  const { protocol } = URL.canParse(url) ? new URL(url) : { protocol: '' }
  if (protocol === 'https:' || protocol === 'http:') return url
  throw new ConnectorError('MCP_SERVER_ERROR', `${host} returned a verification URL that is not a web page.`, {
    outcome: 'unknown',
  })
}

/** Polls for the decision of the user (RFC 8628, section 3.4). */
export async function pollDevice(
  session: Session,
  pending: PendingDevice,
): Promise<TokenResult | { readonly pending: true; readonly slowDown: boolean }> {
  const { server, client, authentication } = session
  try {
    return await requestToken(session, {
      purpose: 'the device code',
      scopes: pending.scopes,
      key: pending.key,
      send: (options) =>
        oauth.deviceCodeGrantRequest(server.metadata, client, authentication, pending.deviceCode, options),
    })
  } catch (error) {
    const word = ConnectorError.is(error) ? error.details.providerCode : undefined
    if (word === 'authorization_pending' || word === 'slow_down')
      return { pending: true, slowDown: word === 'slow_down' }
    throw error
  }
}
