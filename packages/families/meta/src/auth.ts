import { customAuth, oauth2 } from '@mcpclient/core/define'
import type {
  AccountDiscovery,
  AuthStrategy,
  CredentialField,
  OAuthApp,
  ScopeChoice,
  TokenFields,
} from '@mcpclient/core/define'
import { graphErrors } from './errors.ts'
import { hmacHex } from './hmac.ts'
import { graphUrl, versionIn } from './requests.ts'

/**
 * The query parameter for the HMAC of the access token with the app secret.
 *
 * Source: https://developers.facebook.com/docs/graph-api/securing-requests
 */
export const SECRET_PROOF = 'appsecret_proof'

/** The token of a system user, and the secret of the app that it was made for. */
type SystemUserFields = {
  readonly token: CredentialField
  readonly appSecret: CredentialField & { readonly optional: true }
}

/** Files are on this host. They are signed for the token alone. */
const FILES = /\.fbsbx\.com$/

/**
 * Signs with the token of a system user, which does not expire. With `appSecret`, each request also proves that it comes
 * from the app, for apps that require this.
 *
 * Source: https://developers.facebook.com/docs/graph-api/securing-requests
 */
export const systemUserToken = (): AuthStrategy<SystemUserFields> =>
  customAuth({
    kind: 'system-user-token',
    fields: {
      token: { label: 'Access token', secret: true, description: 'The access token of a system user.' },
      appSecret: { label: 'App secret', secret: true, optional: true },
    },
    sign: async ({ url }, { token, appSecret }) => ({
      headers: { authorization: `Bearer ${token}` },
      ...(appSecret !== undefined &&
        !FILES.test(new URL(url).hostname) && { query: { [SECRET_PROOF]: await hmacHex(appSecret, token) } }),
    }),
  })

export interface FacebookLoginOptions {
  /** The permissions to request. @default those of the tools */
  readonly scopes?: ScopeChoice | undefined
  /**
   * The pages that a user can choose from, with their tokens. Without it, the grant is the user's own, and a revocation
   * removes every permission that the user gave to the app.
   */
  readonly discover?: AccountDiscovery | undefined
  readonly label?: string | undefined
  readonly description?: string | undefined
}

const permissions = ({ settings }: { readonly settings: Readonly<Record<string, unknown>> }): string =>
  graphUrl('me/permissions')(settings)

/** Exchanges a token for one of about 60 days. A token that has expired cannot be exchanged. */
const longLived = {
  url: graphUrl('oauth/access_token'),
  grantType: 'fb_exchange_token',
  tokenParameter: 'fb_exchange_token',
  sends: ['client_id', 'client_secret'],
} as const

/**
 * Defines sign-in with Facebook: the token of a code lasts an hour or two, and is exchanged for one of about 60 days right
 * after connecting, and again before that one expires. There are no refresh tokens.
 *
 * Source: https://developers.facebook.com/docs/facebook-login/guides/access-tokens/get-long-lived
 */
export const facebookLogin = (options: FacebookLoginOptions = {}): AuthStrategy<TokenFields, OAuthApp> =>
  oauth2({
    ...options,
    authorizationUrl: (settings) => `https://www.facebook.com/${versionIn(settings)}/dialog/oauth`,
    tokenUrl: graphUrl('oauth/access_token'),
    clientAuthentication: 'post',
    scopeSeparator: ',',
    // Otherwise Facebook does not ask again for a permission that the user declined.
    authorize: { params: { auth_type: 'rerequest' } },
    exchange: { afterConnect: longLived, refresh: longLived },
    secretProof: SECRET_PROOF,
    revoke: options.discover === undefined && {
      url: permissions,
      method: 'DELETE',
      authenticate: 'token',
      ends: 'account',
    },
    errors: graphErrors(),
  })
