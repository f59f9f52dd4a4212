import { customAuth } from '@mcpclient/core/define'
import type { AuthStrategy, CredentialField } from '@mcpclient/core/define'
import { hmacHex } from './hmac.ts'

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
