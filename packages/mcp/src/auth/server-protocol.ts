import { ConnectorError } from '@mcpclient/core'
import { discoverProtectedResource } from '@mcpclient/core/oauth'
import type { AuthorizationAsk, FlowContext, Grant, GrantProtocol } from '@mcpclient/core/oauth'
import type { ProtectedServer } from './server-auth.ts'

/**
 * OAuth as an MCP server wants it: what to ask for, and whom, is in what the server says to those who come without a
 * credential, so it is asked anew each time that a person is about to agree. Nothing of it is remembered.
 * @param optional whether the server may turn out to be open to everybody
 */
export function serverProtocol(protocol: GrantProtocol, server: ProtectedServer, optional: boolean): GrantProtocol {
  const { authorize } = protocol
  if (authorize === undefined) throw new TypeError('A person cannot agree in this protocol.')
  return {
    ...protocol,
    async authorize(context, ask) {
      const challenge = ask.challenge ?? (await challengeOf(context, ask))
      return authorize(context, { ...ask, challenge })
    },
    async refresh(context, grant) {
      try {
        return await protocol.refresh(context, grant)
      } catch (error) {
        if (!(await hasMoved(context, grant, error))) throw error
        throw new ConnectorError('MCP_AUTHENTICATION_FAILURE', 'The server trusts another authorization server now.', {
          reason: 'issuer_changed',
          outcome: 'not_processed',
          hint: 'Connect the account again: a grant of the old one is worth nothing at the new one, and is not shown to it.',
        })
      }
    },
  }

  async function challengeOf(context: FlowContext, { challenge }: AuthorizationAsk): Promise<string | undefined> {
    if (challenge !== undefined) return challenge
    const knock = await server.knock(context.signal)
    if (!knock.open) return knock.challenge
    // Servers may let everybody look, and ask who it is only when a tool is called.
    if (!optional || (await discoverProtectedResource(context, server.url)) !== undefined) return undefined
    throw new ConnectorError('CONFIGURATION_ERROR', 'The server asks for no credential.', {
      reason: 'open_to_everybody',
      outcome: 'not_processed',
      hint: 'Call its tools without connecting.',
    })
  }

  /** Asked only when a refresh failed for other reasons than the grant itself: a server that is well is believed. */
  async function hasMoved(context: FlowContext, { issuer }: Grant, error: unknown): Promise<boolean> {
    if (!ConnectorError.is(error) || error.code === 'MCP_AUTHENTICATION_FAILURE' || issuer === undefined) return false
    try {
      const resource = await discoverProtectedResource(context, server.url)
      const issuers = resource?.authorizationServers ?? []
      return issuers.length > 0 && !issuers.includes(issuer)
    } catch {
      return false
    }
  }
}
