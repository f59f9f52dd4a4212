import type { FlowContext, GrantFlow } from '../../../src/auth/grant-flow.ts'
import type { Grant } from '../../../src/auth/grant.ts'
import { REDIRECT_URI } from '../../authorization-server.ts'
import type { AuthorizationServer } from '../../authorization-server.ts'
import { protocolOf } from '../strategy-flow.ts'

/** Connects as a user does: consents at the provider, follows the redirect, redeems the code. */
export async function connect(
  server: AuthorizationServer,
  strategy: { readonly flow?: GrantFlow | undefined },
  context: FlowContext,
): Promise<Grant> {
  const protocol = await protocolOf(strategy)
  const ask = { redirectUri: REDIRECT_URI, state: 'the-state-of-this-attempt', scopes: strategy.flow?.scopes ?? [] }
  const { url, pending } = await protocol.authorize(context, ask)
  return protocol.redeem(context, pending, ask, await server.agree(url))
}

/** Returns the provider's introspection of a token (RFC 7662). */
export async function introspect(server: AuthorizationServer, token: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${server.issuer}/token/introspection`, {
    method: 'POST',
    body: new URLSearchParams({ token, client_id: 'app', client_secret: 'app-secret-canary-0001' }),
  })
  return (await response.json()) as Record<string, unknown>
}
