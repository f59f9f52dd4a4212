import * as oauth from 'oauth4webapi'
import { ConnectorError } from '../errors/connector-error.ts'
import type { FlowContext } from '../auth/grant-flow.ts'
import { CLOCK_TOLERANCE_S } from './server-request.ts'
import type { RegistrationDefinition } from './definition.ts'
import { isLoopback } from './redirect-uri.ts'
import { normalizingFetch } from './normalizing-fetch.ts'
import { requestFailure } from './refusal.ts'
import type { Server } from './server.ts'
import { secondsIn } from './token-response.ts'

/** The registration of an app at a server (RFC 7591, section 3.2.1). JSON. */
export interface Registration {
  readonly client_id: string
  readonly client_secret?: string | undefined
  /** Seconds since the epoch; 0: never. */
  readonly client_secret_expires_at?: number | undefined
  readonly token_endpoint_auth_method?: string | undefined
  readonly redirect_uris?: readonly string[] | undefined
}

/**
 * Returns the stored registration of the app, or registers it.
 * @param redirectUri if absent, only a stored registration is returned, because a grant belongs to its client
 * @throws ConnectorError CONFIGURATION_ERROR if the server does not register apps
 */
export async function registeredClient(
  context: FlowContext,
  server: Server,
  definition: RegistrationDefinition,
  redirectUri: string | undefined,
): Promise<Registration> {
  const issuer = server.metadata.issuer
  const stored = (await context.registrations.find(issuer)) as Registration | undefined
  if (stored !== undefined && isUsable(stored, redirectUri, context.clock.now())) return stored
  if (redirectUri === undefined) throw registrationLost(server.host)
  if (server.metadata.registration_endpoint === undefined) {
    throw new ConnectorError(
      'CONFIGURATION_ERROR',
      `The app is not registered with ${server.host}, which offers no registration.`,
      {
        hint: 'Register the app manually and pass its clientId, or pass a clientMetadataUrl.',
        outcome: 'not_processed',
      },
    )
  }
  if (stored !== undefined) await context.registrations.forget(issuer)
  const registered = await register(context, server, definition, redirectUri)
  return (await context.registrations.keep(issuer, { ...registered })) as unknown as Registration
}

const isUsable = (stored: Registration, redirectUri: string | undefined, now: number): boolean => {
  const { client_secret_expires_at: ends = 0, redirect_uris: uris } = stored
  const isValid = ends === 0 || (ends - CLOCK_TOLERANCE_S) * 1000 > now
  return isValid && (redirectUri === undefined || uris === undefined || uris.includes(redirectUri))
}

export const registrationLost = (host: string): ConnectorError =>
  new ConnectorError('MCP_AUTHENTICATION_FAILURE', `${host} no longer knows this app.`, {
    reason: 'registration_lost',
    hint: 'Connect the account again. The app is then registered again.',
    outcome: 'not_processed',
  })

async function register(
  context: FlowContext,
  { metadata, host }: Server,
  definition: RegistrationDefinition,
  redirectUri: string,
): Promise<Registration> {
  const { clientName, clientUri, logoUri, softwareId, softwareVersion } = definition
  const name = context.app['clientName']
  const metadataOfApp = {
    client_name: typeof name === 'string' ? name : clientName,
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: methodFor(metadata),
    application_type: isNative(redirectUri) ? 'native' : 'web',
    ...(clientUri !== undefined && { client_uri: clientUri }),
    ...(logoUri !== undefined && { logo_uri: logoUri }),
    ...(softwareId !== undefined && { software_id: softwareId }),
    ...(softwareVersion !== undefined && { software_version: softwareVersion }),
  }
  const wire = normalizingFetch(context, { successStatus: 201 })
  try {
    const response = await oauth.dynamicClientRegistrationRequest(metadata, metadataOfApp, wire.options)
    const registered = await oauth.processDynamicClientRegistrationResponse(await withExpiry(response))
    const { token_endpoint_auth_method: method } = registered
    return {
      client_id: registered.client_id,
      client_secret: registered.client_secret as string | undefined,
      client_secret_expires_at: secondsIn(registered['client_secret_expires_at']) ?? 0,
      token_endpoint_auth_method: typeof method === 'string' ? method : metadataOfApp.token_endpoint_auth_method,
      redirect_uris: [redirectUri],
    }
  } catch (error) {
    throw registrationFailure(
      requestFailure(error, { host, purpose: 'the registration', secrets: wire.secrets() }),
      host,
    )
  }
}

/** Returns the error for a rejected registration. It concerns the app, so no user has to connect again. */
function registrationFailure(failure: ConnectorError, host: string): ConnectorError {
  const { status = 0, hint, providerCode, ...details } = failure.details
  if (status < 400 || status >= 500 || failure.code === 'MCP_RATE_LIMIT_EXCEEDED') return failure
  const message = providerCode === undefined ? `${host} rejected the registration (HTTP ${status}).` : failure.message
  return new ConnectorError('CONFIGURATION_ERROR', message, {
    ...details,
    status,
    providerCode,
    reason: 'registration_refused',
    outcome: 'not_processed',
    hint:
      failure.code === 'CONFIGURATION_ERROR' && hint !== undefined
        ? hint
        : 'Register the app manually and pass its clientId, or pass a clientMetadataUrl.',
  })
}

/** Adds the required expiry of the secret (RFC 7591, section 3.2.1). Many servers omit it and mean "never". */
async function withExpiry(response: Response): Promise<Response> {
  const { status, headers } = response
  const body: unknown = await response.json()
  const ends = typeof body === 'object' && body !== null && 'client_secret_expires_at' in body
  const seconds = ends ? (secondsIn(body.client_secret_expires_at) ?? 0) : 0
  const completed = typeof body === 'object' ? { ...body, client_secret_expires_at: seconds } : body
  return new Response(JSON.stringify(completed), { status, headers })
}

/** Returns the method to register: `none` if possible, because a client on a user's machine cannot keep a secret. */
function methodFor({ token_endpoint_auth_methods_supported: offered }: oauth.AuthorizationServer): string {
  if (offered === undefined) return 'client_secret_basic'
  return ['none', 'client_secret_post', 'client_secret_basic'].find((method) => offered.includes(method)) ?? 'none'
}

const isNative = (redirectUri: string): boolean => {
  const url = new URL(redirectUri)
  return !url.protocol.startsWith('http') || isLoopback(url)
}
