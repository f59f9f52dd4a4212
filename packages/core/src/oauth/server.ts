import type { AuthorizationServer } from 'oauth4webapi'
import { ConnectorError } from '../errors/connector-error.ts'
import type { FlowContext } from '../auth/grant-flow.ts'
import { readChallenge } from './challenge.ts'
import type { ProtocolOptions, OpenIdOptions } from './definition.ts'
import { discoverAuthorizationServer, metadataOf } from './discovery.ts'
import { endpoint, hostOf } from './endpoints.ts'
import { discoverProtectedResource } from './protected-resource.ts'
import { isSameIssuer } from './discovery.ts'

/** The authorization server of one conversation. */
export interface Server {
  readonly metadata: AuthorizationServer
  /** Absent where nothing says what the server calls itself. */
  readonly issuer?: string | undefined
  readonly discovered: boolean
  /** What tokens are for (RFC 8707). */
  readonly resource?: string | undefined
  /** The scopes that the resource asks for, where it says so. */
  readonly scopes?: readonly string[] | undefined
  /** The scopes that the refused request lacked. */
  readonly challenged?: readonly string[] | undefined
  readonly host: string
}

export interface KnownServer {
  /** The issuer that the conversation began with, or that a grant came from. */
  readonly issuer?: string | undefined
  /** The resource that the conversation began for. */
  readonly resource?: string | undefined
  /** What the resource answered when it refused a request. */
  readonly challenge?: string | undefined
}

type Definition = ProtocolOptions & OpenIdOptions

/**
 * Finds the authorization server: written down, discovered, or named by the resource.
 * @throws ConnectorError CONFIGURATION_ERROR if it is another one than `known.issuer`
 */
export async function findServer(context: FlowContext, definition: Definition, known: KnownServer): Promise<Server> {
  try {
    return await find(context, definition, known)
  } catch (error) {
    // Nothing was shown to the server yet, whatever went wrong.
    throw ConnectorError.is(error) ? error.with({ outcome: 'not_processed' }) : error
  }
}

async function find(context: FlowContext, definition: Definition, known: KnownServer): Promise<Server> {
  const declared = endpoint(definition.resource, context)
  // Where the endpoints are written down nothing is discovered, and the resource is known all the same.
  const resource = declared ?? endpoint(definition.protectedResource, context)
  if (definition.tokenUrl !== undefined) {
    const tokenUrl = endpoint(definition.tokenUrl, context)
    const issuer = issuerOf(definition, context)
    if (known.issuer !== undefined && issuer !== undefined && !isSameIssuer(known.issuer, issuer)) {
      throw otherServer(issuer)
    }
    const metadata = { issuer: issuer ?? new URL(tokenUrl).origin, ...written(definition, context) }
    return { metadata, issuer, discovered: false, resource, host: hostOf(tokenUrl) }
  }
  if (definition.issuer !== undefined) {
    const issuer = issuerOf(definition, context) ?? ''
    if (known.issuer !== undefined && !isSameIssuer(known.issuer, issuer)) throw otherServer(issuer)
    const found = await metadataOf(context, issuer, {
      openId: definition.scopes?.includes('openid') === true,
      calls: definition.issuers?.metadata,
    })
    const metadata = { ...found, ...written(definition, context) }
    return { metadata, issuer, discovered: true, resource, host: hostOf(issuer) }
  }
  const url = endpoint(definition.protectedResource ?? '', context)
  // A grant stays with the server that gave it, whatever the resource says by now.
  const named = known.issuer === undefined ? await namedByResource(context, url, known.challenge) : undefined
  const issuer = known.issuer ?? named?.issuer ?? new URL(url).origin
  const found = await discoverAuthorizationServer(context, issuer, { fresh: known.issuer === undefined })
  const metadata = found ?? unpublished(issuer, new URL(url).origin)
  return {
    metadata: { ...metadata, ...written(definition, context) },
    issuer,
    discovered: true,
    resource: declared ?? known.resource ?? named?.resource ?? url,
    scopes: named?.scopes,
    challenged: named?.challenged,
    host: hostOf(issuer),
  }
}

/** An issuer is compared as text, so it is not tidied up. */
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

function written(definition: Definition, context: FlowContext): Partial<AuthorizationServer> {
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

/** Where a resource of the first MCP revision (2025-03-26) has its endpoints, if it publishes nothing. */
function unpublished(issuer: string, origin: string): AuthorizationServer {
  if (issuer !== origin) {
    throw new ConnectorError('CONFIGURATION_ERROR', `${hostOf(issuer)} publishes no metadata.`, {
      hint: 'The resource names an authorization server that cannot be asked. Report it to whoever runs the resource.',
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
    `The grant came from another authorization server than ${hostOf(issuer)}.`,
    {
      reason: 'issuer_changed',
      hint: 'A grant is never shown to another server. Set the issuer back, or connect the account again.',
    },
  )
