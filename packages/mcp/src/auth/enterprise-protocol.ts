import { assertionProtocol, tokenExchangeProtocol } from '@mcpclient/core/oauth'
import type { GrantProtocol } from '@mcpclient/core/oauth'
import type { IdentityProvider } from './mcp-enterprise.ts'

const ID_TOKEN = 'urn:ietf:params:oauth:token-type:id_token'
const ID_JAG = 'urn:ietf:params:oauth:token-type:id-jag'

/** An ID token buys an assertion at the identity provider, and that an access token at the authorization server. */
export function enterpriseProtocol(url: string, provider: IdentityProvider): GrantProtocol {
  const { tokenUrl, clientId, clientSecret } = provider
  return assertionProtocol({ protectedResource: url }, async (context, { issuer, resource }) => {
    const { obtain } = tokenExchangeProtocol(
      { tokenUrl, resource, readToken: assertionIn },
      { subjectTokenType: ID_TOKEN, requestedTokenType: ID_JAG, audience: issuer },
    )
    if (obtain === undefined) throw new TypeError('A token exchange obtains a token.')
    const { idToken = '' } = context.fields
    // The two servers know this app under different names, and neither is shown what the other one gave.
    const asked = { ...context, app: { clientId, clientSecret }, fields: { subjectToken: idToken } }
    return (await obtain(asked, { scopes: [] })).accessToken
  })
}

/** It is no access token, and its type says so (`N_A`). Another kind of token is none that was asked for. */
function assertionIn(body: unknown): { readonly members: unknown } {
  if (typeof body !== 'object' || body === null || !('issued_token_type' in body)) return { members: {} }
  return { members: body.issued_token_type === ID_JAG ? { ...body, token_type: 'bearer' } : {} }
}
