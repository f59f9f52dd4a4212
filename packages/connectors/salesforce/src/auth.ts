import { jwtBearer, oauth2, valueAt } from '@mcpclient/core/define'
import type { Account, EndpointUrl, TokenReading } from '@mcpclient/core/define'
import { errors } from './errors.ts'
import { LOGIN_HOST } from './settings.ts'

/** Returns an endpoint on the login host. The settings lack their defaults while the instance is still unknown. */
const at =
  (endpoint: string): EndpointUrl =>
  ({ loginHost = LOGIN_HOST }) =>
    `https://${String(loginHost)}/services/oauth2/${endpoint}`

// A token response has no expires_in: a session ends after the timeout of the org, so the lifetime is learned from a 401.
// Source: https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_web_server_flow.htm
const server = {
  tokenUrl: at('token'),
  revocationUrl: at('revoke'),
  token: { read: readToken },
  // https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_tokens_scopes.htm
  covers: (granted: string) => granted === 'full',
  errors,
}

/** Users sign in with OAuth 2, or the host passes a token. */
export const signIn = oauth2({
  ...server,
  label: 'Access token or session id',
  authorizationUrl: at('authorize'),
  scopes: (ofTools) => [...ofTools, 'offline_access'],
  // The settings of the app decide whether a refresh token rotates. If so, it works once.
  // Source: https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_refresh_token_flow.htm
  refresh: { rotation: 'single_use' },
})

/** A server acts for a user who approved the app before. The app's settings decide the scopes. */
export const serverKey = jwtBearer({
  ...server,
  issuerLabel: 'Consumer key',
  subject: 'required',
  audience: ({ loginHost = LOGIN_HOST }) => audienceOf(String(loginHost)),
  scopes: [],
})

/** Returns the audience of an assertion: of sandboxes or of production, never the My Domain of an org. */
function audienceOf(loginHost: string): string {
  const isSandbox = loginHost === 'test.salesforce.com' || loginHost.endsWith('.sandbox.my.salesforce.com')
  return `https://${isSandbox ? 'test' : 'login'}.salesforce.com`
}

/** Reads the instance and the account, besides the standard members. */
function readToken(body: unknown): TokenReading {
  const url = valueAt(body, 'instance_url')
  return {
    members: body,
    settings: typeof url === 'string' ? { instanceUrl: URL.canParse(url) ? new URL(url).origin : url } : undefined,
    account: accountIn(valueAt(body, 'id')),
  }
}

/** Returns the account of an identity URL, such as `https://login.salesforce.com/id/00D…/005…`. */
export function accountIn(identity: unknown): Account | undefined {
  const [, org, user] = /\/id\/(\w{15,18})\/(\w{15,18})$/.exec(String(identity)) ?? []
  return org === undefined || user === undefined ? undefined : { id: `${org}:${user}` }
}
