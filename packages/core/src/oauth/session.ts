import * as oauth from 'oauth4webapi'
import { ConnectorError } from '../errors/connector-error.ts'
import type { FlowContext } from '../auth/grant-flow.ts'
import { clientAuthentication, methodCalled } from './client-authentication.ts'
import type { ClientProof } from './client-authentication.ts'
import { CLOCK_TOLERANCE_S } from './server-request.ts'
import type { ClientAuthenticationMethod, ProtocolOptions, OpenIdOptions } from './definition.ts'
import { endpoint, withEndpointOverrides } from './endpoints.ts'
import { registeredClient, registrationLost } from './registration.ts'
import { findServer } from './server.ts'
import type { Server, KnownServer } from './server.ts'

/** The app and the authorization server of one flow step. */
export interface Session {
  readonly context: FlowContext
  readonly definition: ProtocolOptions & OpenIdOptions
  readonly server: Server
  readonly client: oauth.Client
  readonly authentication: oauth.ClientAuth
  /** The id and secret, for requests that are not made by oauth4webapi. */
  readonly proof: ClientProof & { readonly clientId: string }
  /** Whether the app was registered at run time. */
  readonly registered: boolean
}

interface SessionOptions extends KnownServer {
  /** The redirect URI, if the flow is starting. It allows registration of the app. */
  readonly redirectUri?: string | undefined
  /** The client with which the flow began. */
  readonly clientId?: string | undefined
  /** Whether the request names no client, because the assertion identifies it (RFC 7523, section 3.1). */
  readonly anonymous?: boolean | undefined
}

/**
 * Resolves the server and the client of a flow step. No secret is sent before, so failures are `not_processed`.
 * @throws ConnectorError
 */
export async function openSession(
  context: FlowContext,
  given: ProtocolOptions & OpenIdOptions,
  known: SessionOptions = {},
): Promise<Session> {
  const definition = withEndpointOverrides(given, context)
  const server = await findServer(context, definition, known)
  if (known.anonymous === true) {
    const client = clientOn(context, 'unnamed')
    const proof = { clientId: client.client_id }
    return { context, definition, server, client, authentication: () => undefined, proof, registered: false }
  }
  try {
    const { clientId, method, registered, ...proof } = await clientIdentity(context, definition, server, known)
    if (known.clientId !== undefined && known.clientId !== clientId) throw registrationLost(server.host)
    const audience = endpoint(definition.token?.assertionAudience, context)
    const authentication = await clientAuthentication(
      proof,
      method,
      server,
      audience ?? (server.discovered ? server.metadata.issuer : String(server.metadata.token_endpoint)),
    )
    const client = clientOn(context, clientId)
    return { context, definition, server, client, authentication, proof: { clientId, ...proof }, registered }
  } catch (error) {
    throw ConnectorError.is(error) ? error.with({ outcome: 'not_processed' }) : error
  }
}

/** Returns the client, with the skew between the machine's clock, which oauth4webapi reads, and the clock port. */
export const clientOn = ({ clock }: FlowContext, clientId: string): oauth.Client => ({
  client_id: clientId,
  [oauth.clockSkew]: Math.round((clock.now() - Date.now()) / 1000),
  [oauth.clockTolerance]: CLOCK_TOLERANCE_S,
})

interface Identity extends ClientProof {
  readonly clientId: string
  readonly method: ClientAuthenticationMethod | undefined
  readonly registered: boolean
}

/** Resolves the client in MCP's order: preregistered, by a metadata document, registered at run time. */
async function clientIdentity(
  context: FlowContext,
  { clientAuthentication: method, registration }: ProtocolOptions,
  server: Server,
  { redirectUri }: SessionOptions,
): Promise<Identity> {
  const { clientId, clientSecret, privateKey, keyId, clientMetadataUrl } = { ...context.app, ...context.fields }
  const proof = { clientSecret: text(clientSecret), privateKey, keyId: text(keyId) }
  if (typeof clientId === 'string') return { clientId, ...proof, method, registered: false }
  if (registration === undefined) {
    throw new ConnectorError('CONFIGURATION_ERROR', `No OAuth app is configured for ${server.host}.`, {
      hint: 'Register an app with the provider, and pass its clientId to the connector.',
    })
  }
  const { metadata } = server
  if (typeof clientMetadataUrl === 'string' && metadata['client_id_metadata_document_supported'] === true) {
    const ownMethod = privateKey === undefined ? 'none' : 'private_key_jwt'
    return { clientId: clientMetadataUrl, ...proof, clientSecret: undefined, method: ownMethod, registered: false }
  }
  const { client_id, client_secret, token_endpoint_auth_method } = await registeredClient(
    context,
    server,
    registration,
    redirectUri,
  )
  const registeredMethod = methodCalled(token_endpoint_auth_method)
  return {
    clientId: client_id,
    clientSecret: client_secret,
    method: client_secret === undefined ? 'none' : registeredMethod === 'none' ? 'post' : registeredMethod,
    registered: true,
  }
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)
