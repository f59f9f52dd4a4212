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

/** What a server keeps of an app (RFC 7591, section 3.2.1). JSON. */
export interface Registration {
  readonly client_id: string
  readonly client_secret?: string | undefined
  /** Seconds since the epoch; 0: never. */
  readonly client_secret_expires_at?: number | undefined
  readonly token_endpoint_auth_method?: string | undefined
  readonly redirect_uris?: readonly string[] | undefined
}

/**
 * Registers the app with a server that it meets for the first time, or answers the registration that is kept.
 * @param redirectUri absent: only one that is kept will do, since a grant belongs to the client that it was given to
 * @throws ConnectorError CONFIGURATION_ERROR if the server registers nobody
 */
export async function registeredClient(
  context: FlowContext,
  server: Server,
  definition: RegistrationDefinition,
  redirectUri: string | undefined,
): Promise<Registration> {
  const issuer = server.metadata.issuer
  const kept = (await context.registrations.find(issuer)) as Registration | undefined
  if (kept !== undefined && isOf(kept, redirectUri, context.clock.now())) return kept
  if (redirectUri === undefined) throw registrationLost(server.host)
  if (server.metadata.registration_endpoint === undefined) {
    throw new ConnectorError('CONFIGURATION_ERROR', `${server.host} knows no app of ours and registers none.`, {
      hint: 'Register the app with the server by hand and pass its clientId, or pass a clientMetadataUrl.',
      outcome: 'not_processed',
    })
  }
  if (kept !== undefined) await context.registrations.forget(issuer)
  const made = await register(context, server, definition, redirectUri)
  return (await context.registrations.keep(issuer, { ...made })) as unknown as Registration
}

const isOf = (kept: Registration, redirectUri: string | undefined, now: number): boolean => {
  const { client_secret_expires_at: ends = 0, redirect_uris: uris } = kept
  const lives = ends === 0 || (ends - CLOCK_TOLERANCE_S) * 1000 > now
  return lives && (redirectUri === undefined || uris === undefined || uris.includes(redirectUri))
}

export const registrationLost = (host: string): ConnectorError =>
  new ConnectorError('MCP_AUTHENTICATION_FAILURE', `${host} does not know this app any more.`, {
    reason: 'registration_lost',
    hint: 'Connect the account again: the app is registered anew on the way.',
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
  const asked = {
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
    const response = await oauth.dynamicClientRegistrationRequest(metadata, asked, wire.options)
    const answered = await oauth.processDynamicClientRegistrationResponse(await withEnd(response))
    const { token_endpoint_auth_method: method } = answered
    return {
      client_id: answered.client_id,
      client_secret: answered.client_secret as string | undefined,
      client_secret_expires_at: secondsIn(answered['client_secret_expires_at']) ?? 0,
      token_endpoint_auth_method: typeof method === 'string' ? method : asked.token_endpoint_auth_method,
      redirect_uris: [redirectUri],
    }
  } catch (error) {
    throw registrationFailure(
      requestFailure(error, { host, doing: 'to register the app', secrets: wire.secrets() }),
      host,
    )
  }
}

/** A refused registration is about the app: no user was asked, and no account is to be connected again. */
function registrationFailure(failure: ConnectorError, host: string): ConnectorError {
  const { status = 0, hint, providerCode, ...details } = failure.details
  if (status < 400 || status >= 500 || failure.code === 'MCP_RATE_LIMIT_EXCEEDED') return failure
  const message = providerCode === undefined ? `${host} refused to register the app (HTTP ${status}).` : failure.message
  return new ConnectorError('CONFIGURATION_ERROR', message, {
    ...details,
    status,
    providerCode,
    reason: 'registration_refused',
    outcome: 'not_processed',
    hint:
      failure.code === 'CONFIGURATION_ERROR' && hint !== undefined
        ? hint
        : 'Register the app with the server by hand and pass its clientId, or pass a clientMetadataUrl.',
  })
}

/** Many servers leave out when a secret ends (RFC 7591, section 3.2.1), and mean that it does not. */
async function withEnd(response: Response): Promise<Response> {
  const { status, headers } = response
  const body: unknown = await response.json()
  const ends = typeof body === 'object' && body !== null && 'client_secret_expires_at' in body
  const seconds = ends ? (secondsIn(body.client_secret_expires_at) ?? 0) : 0
  const said = typeof body === 'object' ? { ...body, client_secret_expires_at: seconds } : body
  return new Response(JSON.stringify(said), { status, headers })
}

/** A client that runs on people's machines keeps no secret, so none is asked for where none is needed. */
function methodFor({ token_endpoint_auth_methods_supported: offered }: oauth.AuthorizationServer): string {
  if (offered === undefined) return 'client_secret_basic'
  return ['none', 'client_secret_post', 'client_secret_basic'].find((method) => offered.includes(method)) ?? 'none'
}

const isNative = (redirectUri: string): boolean => {
  const url = new URL(redirectUri)
  return !url.protocol.startsWith('http') || isLoopback(url)
}
