import { ConnectorError } from '@mcpclient/core'
import { discoverProtectedResource, isSameIssuer } from '@mcpclient/core/oauth'
import type { FlowContext, Grant, GrantProtocol } from '@mcpclient/core/oauth'
import type { ProtectedServer } from './server-auth.ts'

export interface ServerProtocolContext {
  readonly server: ProtectedServer
  /** Returns when the server last refused a credential, in milliseconds since the epoch; -Infinity if never. */
  readonly refusedAt: () => number
}

/**
 * Adapts OAuth to an MCP server. What to request, and where, is in the server's challenge to a request without a
 * credential, so each authorization probes for it. After the server refuses a token, the metadata of the authorization
 * server is discovered again, because the server may have moved to another one (SEP-2352).
 */
export function serverProtocol(protocol: GrantProtocol, { server, refusedAt }: ServerProtocolContext): GrantProtocol {
  const { authorize } = protocol
  if (authorize === undefined) throw new TypeError('The protocol has no consent of a user.')
  return {
    ...protocol,
    async authorize(context, request) {
      const challenge = request.challenge ?? (await challengeOf(context))
      try {
        return await authorize(context, { ...request, challenge })
      } catch (error) {
        if (!ConnectorError.is(error) || transient.has(error.code)) throw error
        const isNamed = /\bresource_metadata\b/iu.test(challenge ?? '') || (await hasMetadata(context))
        throw isNamed ? error : noLogin(error)
      }
    },
    async refresh(context, grant) {
      const isRefused = refusedAt() >= grant.issuedAt
      if (isRefused && (await hasMoved(context, grant))) throw moved()
      try {
        return await protocol.refresh(isRefused ? { ...context, documents: new Map() } : context, grant)
      } catch (error) {
        if (!isRefused && mayHaveMoved(error) && (await hasMoved(context, grant))) throw moved()
        throw error
      }
    },
  }

  /** Allows a private address, because the composition names the server itself. */
  function withOwnOrigin(context: FlowContext): FlowContext {
    return { ...context, ownOrigins: new Set([new URL(server.url).origin]) }
  }

  async function challengeOf(context: FlowContext): Promise<string | undefined> {
    const result = await server.probe(context.signal)
    if (!result.open) return result.challenge
    // Some servers allow listing without a credential, and require one when a tool is called.
    if (await hasMetadata(context)) return undefined
    throw new ConnectorError('CONFIGURATION_ERROR', 'The server requires no credential.', {
      reason: 'no_login_needed',
      outcome: 'not_processed',
      hint: 'Call its tools without connecting.',
    })
  }

  async function hasMetadata(context: FlowContext): Promise<boolean> {
    // Metadata that cannot be used counts as well.
    const resource = await discoverProtectedResource(withOwnOrigin(context), server.url).catch(() => null)
    return resource !== undefined
  }

  /** Returns whether the server names authorization servers of which none issued the grant. */
  async function hasMoved(context: FlowContext, { issuer }: Grant): Promise<boolean> {
    if (issuer === undefined) return false
    try {
      const resource = await discoverProtectedResource(withOwnOrigin(context), server.url)
      const issuers = resource?.authorizationServers ?? []
      return issuers.length > 0 && !issuers.some((named) => isSameIssuer(named, issuer))
    } catch {
      // Unknown, which is no reason to drop the grant.
      return false
    }
  }
}

/** Failures that say nothing about the server's login. */
const transient: ReadonlySet<string> = new Set([
  'MCP_CONNECTION_ERROR',
  'TIMEOUT',
  'CANCELLED',
  'MCP_RATE_LIMIT_EXCEEDED',
])

const noLogin = (cause: ConnectorError): ConnectorError =>
  new ConnectorError(
    'CONFIGURATION_ERROR',
    'The server requires a credential, and names no authorization server.',
    {
      status: cause.details.status,
      reason: 'no_authorization_server',
      outcome: 'not_processed',
      hint: 'If it takes a static key, compose it with `token`, or with `auth: apiKey(...)`; else pass `endpoints` and `clientId` to mcpOAuth().',
    },
    { cause },
  )

/** Returns whether the server may have moved. A server that refuses the grant itself still exists. */
const mayHaveMoved = (error: unknown): boolean =>
  ConnectorError.is(error) && error.code !== 'MCP_AUTHENTICATION_FAILURE'

const moved = (): ConnectorError =>
  new ConnectorError('MCP_AUTHENTICATION_FAILURE', 'The server changed its authorization server.', {
    reason: 'issuer_changed',
    outcome: 'not_processed',
    hint: 'Connect the account again: the grant is not sent to the new authorization server, which would not accept it.',
  })
