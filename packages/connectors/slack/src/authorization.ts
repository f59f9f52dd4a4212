import { oauth2, valueAt } from '@mcpclient/core/define'
import type { TokenReading, TokenRefusal } from '@mcpclient/core/define'

/** What a bot needs for every tool; search_messages alone works with a user token only. */
const scopes = [
  ...[
    'chat:write',
    'files:write',
    'reactions:write',
    'users:read',
    'users:read.email',
    'channels:join',
    'im:write',
    'mpim:write',
  ],
  ...['channels', 'groups', 'im', 'mpim'].flatMap((kind) => [`${kind}:read`, `${kind}:history`]),
]

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
  scopes,
  scopeSeparator: ',',
  // Slack documents no PKCE for apps with a secret.
  pkce: false,
  habits: { rotation: 'single_use' },
  readToken,
  readError,
  // With rotation on, it ends one token, and the other one lives on.
  revoke: { url: () => 'https://slack.com/api/auth.revoke', authenticate: 'token', each: true },
  explain: ({ description = '' }) => explanations.get(description),
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

/** Slack's words, in those of OAuth. Its own one goes along as the description. */
const words: ReadonlyMap<string, string> = new Map(
  Object.entries({
    invalid_refresh_token: 'invalid_grant',
    token_revoked: 'invalid_grant',
    token_expired: 'invalid_grant',
    account_inactive: 'invalid_grant',
    invalid_auth: 'invalid_grant',
    invalid_code: 'invalid_grant',
    code_already_used: 'invalid_grant',
    invalid_client_id: 'invalid_client',
    bad_client_secret: 'invalid_client',
    bad_redirect_uri: 'invalid_request',
    invalid_grant_type: 'unsupported_grant_type',
    no_scopes: 'invalid_scope',
    ratelimited: 'temporarily_unavailable',
    internal_error: 'temporarily_unavailable',
    fatal_error: 'temporarily_unavailable',
    service_unavailable: 'temporarily_unavailable',
  }),
)

/** Slack refuses with HTTP 200. */
export function readError(body: unknown): TokenRefusal | undefined {
  if (valueAt(body, 'ok') !== false) return undefined
  const word = valueAt(body, 'error')
  if (typeof word !== 'string') return { error: 'unknown_error' }
  return { error: words.get(word) ?? word, description: word }
}

const explanations: ReadonlyMap<string, { readonly reason: string; readonly hint: string }> = new Map(
  Object.entries({
    token_revoked: {
      reason: 'revoked_by_user',
      hint: 'Somebody removed the app from the workspace, or revoked its token. Install it again with connect().',
    },
    account_inactive: {
      reason: 'account_inactive',
      hint: 'The workspace or the member is gone. Connect another one.',
    },
    code_already_used: {
      reason: 'code_used',
      hint: 'The page that ends the connection was opened twice. Start again with connect().',
    },
  }),
)
