import { assertionProtocol, tokenExchangeProtocol } from '@mcpclient/core/oauth'
import type { GrantProtocol } from '@mcpclient/core/oauth'

/** The organization's identity provider, and how this app is registered there. */
export interface IdentityProvider {
  readonly tokenUrl: string
  readonly clientId: string
  readonly clientSecret?: string | undefined
}

const ID_TOKEN = 'urn:ietf:params:oauth:token-type:id_token'
const ID_JAG = 'urn:ietf:params:oauth:token-type:id-jag'

/**
 * Exchanges an ID token for an assertion at the identity provider, and the assertion for an access token at the
 * authorization server.
 */
export function enterpriseProtocol(url: string, provider: IdentityProvider): GrantProtocol {
  const { tokenUrl, clientId, clientSecret } = provider
  return assertionProtocol({ protectedResource: url }, async (context, { issuer, resource }) => {
    const { obtain } = tokenExchangeProtocol(
      { tokenUrl, resource, token: { read: readAssertion } },
      { subjectTokenType: ID_TOKEN, requestedTokenType: ID_JAG, audience: issuer },
    )
    if (obtain === undefined) throw new TypeError('A token exchange obtains a token.')
    const { idToken = '' } = context.fields
    // The app has other credentials at the identity provider, and neither server receives those of the other.
    const exchange = { ...context, app: { clientId, clientSecret }, fields: { subjectToken: idToken } }
    return (await obtain(exchange, { scopes: [] })).accessToken
  })
}

/** Rejects any issued type but the requested one. An assertion is no access token: its token type is `N_A`. */
function readAssertion(body: unknown): { readonly members: unknown } {
  if (typeof body !== 'object' || body === null || !('issued_token_type' in body)) return { members: {} }
  return { members: body.issued_token_type === ID_JAG ? { ...body, token_type: 'bearer' } : {} }
}
