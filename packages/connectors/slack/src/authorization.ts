import { oauth2, valueAt } from '@mcpclient/core/define'
import type { TokenReading } from '@mcpclient/core/define'
import { errors } from './errors.ts'

/**
 * Slack's OAuth: a person installs the app, and the bot's token comes back. Where the app has token rotation on, the
 * token lives for 12 hours, and each refresh token works once; else the token does not end.
 *
 * Sources: https://docs.slack.dev/authentication/installing-with-oauth and
 * https://docs.slack.dev/authentication/using-token-rotation
 */
export const authorization = oauth2({
  label: 'Slack token',
  description: 'A bot token (xoxb-...), or a user token (xoxp-...), which search_messages needs.',
  authorizationUrl: 'https://slack.com/oauth/v2/authorize',
  tokenUrl: 'https://slack.com/api/oauth.v2.access',
  clientAuthentication: 'post',
  // Slack refuses bot tokens for search.
  scopes: (ofTools) => ofTools.filter((scope) => scope !== 'search:read'),
  scopeSeparator: ',',
  // Slack documents no PKCE for apps with a secret.
  pkce: false,
  refresh: { rotation: 'single_use' },
  token: { read: readToken },
  errors,
  // With rotation on, it revokes one token, and the other one stays valid.
  revoke: { url: 'https://slack.com/api/auth.revoke', authenticate: 'token', each: true },
})

/** An installation for one user only has no bot, and its token is nested. */
export function readToken(body: unknown): TokenReading {
  const hasBot = valueAt(body, 'access_token') !== undefined
  const members = (hasBot ? body : valueAt(body, 'authed_user')) as object | undefined
  const user = valueAt(body, hasBot ? 'bot_user_id' : 'authed_user.id')
  const [team, name] = [valueAt(body, 'team.id'), valueAt(body, 'team.name')]
  return {
    // Slack calls the type `bot` or `user`; it is a bearer token all the same.
    members: { ...members, token_type: 'bearer' },
    account:
      typeof team === 'string' && typeof user === 'string'
        ? { id: `${team}:${user}`, name: typeof name === 'string' ? name : undefined }
        : undefined,
  }
}
