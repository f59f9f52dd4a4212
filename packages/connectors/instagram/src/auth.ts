import { oauth2, valueAt } from '@mcpclient/core/define'
import type { TokenReading } from '@mcpclient/core/define'
import { errors } from './errors.ts'

/** Returns the members of a token response: alone or in a list, with the permissions as a string or a list. */
function tokenIn(body: unknown): TokenReading {
  const members = (valueAt(body, 'data.0') ?? body) as Readonly<Record<string, unknown>>
  const { permissions } = members
  return { members: permissions === undefined ? members : { ...members, scope: permissions } }
}

/**
 * Sign-in with Instagram: the token of a code lasts an hour, and is exchanged for one of 60 days, which is exchanged for the
 * next one before it expires. A token can be exchanged once it is 24 hours old.
 *
 * Source: https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/business-login
 */
export const auth = oauth2({
  label: 'Instagram access token',
  authorizationUrl: 'https://www.instagram.com/oauth/authorize',
  tokenUrl: 'https://api.instagram.com/oauth/access_token',
  clientAuthentication: 'post',
  scopeSeparator: ',',
  // Instagram documents no PKCE.
  pkce: false,
  token: { read: tokenIn },
  exchange: {
    afterConnect: {
      url: 'https://graph.instagram.com/access_token',
      method: 'GET',
      grantType: 'ig_exchange_token',
      tokenParameter: 'access_token',
      sends: ['client_secret'],
    },
    refresh: {
      url: 'https://graph.instagram.com/refresh_access_token',
      method: 'GET',
      grantType: 'ig_refresh_token',
      tokenParameter: 'access_token',
    },
  },
  revoke: false,
  errors,
})
