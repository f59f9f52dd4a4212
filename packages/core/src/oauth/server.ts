import type { AuthorizationServer } from 'oauth4webapi'
import { ConnectorError } from '../errors/connector-error.ts'
import type { FlowContext } from '../auth/grant-flow.ts'
import { readChallenge } from './challenge.ts'
import type { ProtocolOptions, OpenIdOptions } from './definition.ts'
import { discoverAuthorizationServer, isSameIssuer, metadataOf } from './discovery.ts'
import { endpoint, hostOf } from './endpoints.ts'
import { discoverProtectedResource } from './protected-resource.ts'

/** The authorization server of one flow. */
export interface Server {
  readonly metadata: AuthorizationServer
  /** Absent if neither the definition nor metadata names it. */
  readonly issuer?: string | undefined
  readonly discovered: boolean
  /** The resource that tokens are for (RFC 8707). */
  readonly resource?: string | undefined
  /** The scopes that the resource requires, if it names them. */
  readonly scopes?: readonly string[] | undefined
  /** The scopes that the refused request lacked. */
  readonly challenged?: readonly string[] | undefined
  readonly host: string
}

export interface KnownServer {
  /** The issuer at which the flow began, or of the grant. */
  readonly issuer?: string | undefined
  /** The resource for which the flow began. */
  readonly resource?: string | undefined
  /** The `WWW-Authenticate` header of the resource. */
  readonly challenge?: string | undefined
}

type Definition = ProtocolOptions & OpenIdOptions

/**
 * Finds the authorization server: configured, discovered, or named by the resource.
 * @throws ConnectorError CONFIGURATION_ERROR if it differs from `known.issuer`
 */
export async function findServer(context: FlowContext, definition: Definition, known: KnownServer): Promise<Server> {
  try {
    return await find(context, definition, known)
  } catch (error) {
    // No secret has been sent to the server yet.
    throw ConnectorError.is(error) ? error.with({ outcome: 'not_processed' }) : error
  }
}

async function find(context: FlowContext, definition: Definition, known: KnownServer): Promise<Server> {
  const declared = endpoint(definition.resource, context)
  // With configured endpoints nothing is discovered, so the resource comes from the definition.
  const resource = declared ?? endpoint(definition.protectedResource, context)
  if (definition.tokenUrl !== undefined) {
    const tokenUrl = endpoint(definition.tokenUrl, context)
    const issuer = issuerOf(definition, context)
    if (known.issuer !== undefined && issuer !== undefined && !isSameIssuer(known.issuer, issuer)) {
      throw otherServer(issuer)
    }
    const metadata = { issuer: issuer ?? new URL(tokenUrl).origin, ...configuredEndpoints(definition, context) }
    return { metadata, issuer, discovered: false, resource, host: hostOf(tokenUrl) }
  }
  if (definition.issuer !== undefined) {
    const issuer = issuerOf(definition, context) ?? ''
    if (known.issuer !== undefined && !isSameIssuer(known.issuer, issuer)) throw otherServer(issuer)
    const found = await metadataOf(context, issuer, {
      openId: definition.scopes?.includes('openid') === true,
      calls: definition.issuers?.metadata,
    })
    const metadata = { ...found, ...configuredEndpoints(definition, context) }
    return { metadata, issuer, discovered: true, resource, host: hostOf(issuer) }
  }
  const url = endpoint(definition.protectedResource ?? '', context)
  // A grant stays with its server, even if the resource names another one meanwhile.
  const named = known.issuer === undefined ? await namedByResource(context, url, known.challenge) : undefined
  const issuer = known.issuer ?? named?.issuer ?? new URL(url).origin
  const found = await discoverAuthorizationServer(context, issuer, { fresh: known.issuer === undefined })
  const metadata = found ?? defaultMetadata(issuer, new URL(url).origin)
  return {
    metadata: { ...metadata, ...configuredEndpoints(definition, context) },
    issuer,
    discovered: true,
    resource: declared ?? known.resource ?? named?.resource ?? url,
    scopes: named?.scopes,
    challenged: named?.challenged,
    host: hostOf(issuer),
  }
}

/** Returns the issuer unchanged, because issuers are compared as strings. */
function issuerOf({ issuer }: Definition, context: FlowContext): string | undefined {
  return endpoint(issuer, context)
}

async function namedByResource(context: FlowContext, url: string, header: string | undefined) {
  const challenge = header === undefined ? undefined : await readChallenge(header)
  const found = await discoverProtectedResource(context, url, challenge?.resourceMetadata)
  return {
    issuer: found?.authorizationServers[0],
    resource: found?.resource,
    scopes: challenge?.scopes ?? found?.scopes,
    challenged: challenge?.scopes,
  }
}

function configuredEndpoints(definition: Definition, context: FlowContext): Partial<AuthorizationServer> {
  const { authorizationUrl, tokenUrl, revocationUrl, deviceUrl, parUrl, jwksUrl } = definition
  const urls = {
    authorization_endpoint: endpoint(authorizationUrl, context),
    token_endpoint: endpoint(tokenUrl, context),
    revocation_endpoint: endpoint(revocationUrl, context),
    device_authorization_endpoint: endpoint(deviceUrl, context),
    pushed_authorization_request_endpoint: endpoint(parUrl, context),
    jwks_uri: endpoint(jwksUrl, context),
  }
  return Object.fromEntries(Object.entries(urls).filter(([, url]) => url !== undefined))
}

/** Returns the default endpoints of MCP revision 2025-03-26, for a resource without metadata. */
function defaultMetadata(issuer: string, origin: string): AuthorizationServer {
  if (issuer !== origin) {
    throw new ConnectorError('CONFIGURATION_ERROR', `${hostOf(issuer)} publishes no metadata.`, {
      hint: 'Report it to the operator of the resource: its authorization server publishes no metadata.',
    })
  }
  return {
    issuer,
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: `${origin}/token`,
    registration_endpoint: `${origin}/register`,
    code_challenge_methods_supported: ['S256'],
  }
}

const otherServer = (issuer: string): ConnectorError =>
  new ConnectorError(
    'CONFIGURATION_ERROR',
    `The grant belongs to another authorization server than ${hostOf(issuer)}.`,
    {
      reason: 'issuer_changed',
      hint: 'Restore the previous issuer, or connect the account again.',
    },
  )
