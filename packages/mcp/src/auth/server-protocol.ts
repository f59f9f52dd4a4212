import { ConnectorError } from '@mcpclient/core'
import { discoverProtectedResource, isSameIssuer } from '@mcpclient/core/oauth'
import type { FlowContext, Grant, GrantProtocol } from '@mcpclient/core/oauth'
import type { ProtectedServer } from './server-auth.ts'

export interface ServerProtocolOptions {
  readonly server: ProtectedServer
  /** When the server last refused a credential, milliseconds since the epoch; -Infinity: never. */
  readonly refusedAt: () => number
}

/**
 * OAuth as an MCP server wants it: what to ask for, and whom, is in what the server says to those who come without a
 * credential, so it is asked anew each time that a person is about to agree. What is known of the authorization server is
 * forgotten once a token of its is refused: the server may trust another one by then (SEP-2352).
 */
export function serverProtocol(protocol: GrantProtocol, options: ServerProtocolOptions): GrantProtocol {
  const { server, refusedAt } = options
  const { authorize } = protocol
  if (authorize === undefined) throw new TypeError('A person cannot agree in this protocol.')
  return {
    ...protocol,
    async authorize(context, ask) {
      const challenge = ask.challenge ?? (await challengeOf(context))
      try {
        return await authorize(context, { ...ask, challenge })
      } catch (error) {
        if (!ConnectorError.is(error) || passing.has(error.code)) throw error
        const isNamed = /\bresource_metadata\b/iu.test(challenge ?? '') || (await namesServer(context))
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

  /** The composition named the server, so it may be anywhere. */
  function withOwn(context: FlowContext): FlowContext {
    return { ...context, ownOrigins: new Set([new URL(server.url).origin]) }
  }

  async function challengeOf(context: FlowContext): Promise<string | undefined> {
    const knock = await server.knock(context.signal)
    if (!knock.open) return knock.challenge
    // Servers may let everybody look, and ask who it is only when a tool is called.
    if (await namesServer(context)) return undefined
    throw new ConnectorError('CONFIGURATION_ERROR', 'The server asks for no credential.', {
      reason: 'open_to_everybody',
      outcome: 'not_processed',
      hint: 'Call its tools without connecting.',
    })
  }

  async function namesServer(context: FlowContext): Promise<boolean> {
    // A server whose metadata cannot be used has some.
    const resource = await discoverProtectedResource(withOwn(context), server.url).catch(() => null)
    return resource !== undefined
  }

  /** Whether the server names authorization servers, and none of them gave the grant. */
  async function hasMoved(context: FlowContext, { issuer }: Grant): Promise<boolean> {
    if (issuer === undefined) return false
    try {
      const resource = await discoverProtectedResource(withOwn(context), server.url)
      const issuers = resource?.authorizationServers ?? []
      return issuers.length > 0 && !issuers.some((named) => isSameIssuer(named, issuer))
    } catch {
      // Nobody knows, and a grant is not given up for that.
      return false
    }
  }
}

/** Failures that say nothing about how the server wants to be logged in to. */
const passing: ReadonlySet<string> = new Set([
  'MCP_CONNECTION_ERROR',
  'TIMEOUT',
  'CANCELLED',
  'MCP_RATE_LIMIT_EXCEEDED',
])

const noLogin = (cause: ConnectorError): ConnectorError =>
  new ConnectorError(
    'CONFIGURATION_ERROR',
    'The server asks for a credential, and names no authorization server.',
    {
      status: cause.details.status,
      reason: 'no_authorization_server',
      outcome: 'not_processed',
      hint: 'If it takes a static key, compose it with `token`, or with `auth: apiKey(...)`; else pass `endpoints` and `clientId` to mcpOAuth().',
    },
    { cause },
  )

/** A refusal of the grant itself comes from a server that is well. */
const mayHaveMoved = (error: unknown): boolean =>
  ConnectorError.is(error) && error.code !== 'MCP_AUTHENTICATION_FAILURE'

const moved = (): ConnectorError =>
  new ConnectorError('MCP_AUTHENTICATION_FAILURE', 'The server trusts another authorization server now.', {
    reason: 'issuer_changed',
    outcome: 'not_processed',
    hint: 'Connect the account again: a grant of the old one is worth nothing at the new one, and is not shown to it.',
  })
