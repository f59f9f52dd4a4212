import { accountAt, defineConnector, oauth2, valueAt } from '@mcpclient/core/define'
import type { NamedFactory, TokenReading, TypesOfFactory } from '@mcpclient/core/define'
import { errors } from './errors.ts'
import { events, eventsApi } from './events.ts'
import { call } from './requests.ts'
import { Settings } from './shapes.ts'
import { messages } from './tools/messages.ts'
import { workspace } from './tools/workspace.ts'

// With token rotation, a token expires after 12 hours and each refresh token works once; without it, a token never expires.
// Sources: https://docs.slack.dev/authentication/installing-with-oauth and .../using-token-rotation
const auth = oauth2({
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
  token: { read: readToken },
  refresh: { rotation: 'single_use' },
  // With rotation, it revokes one token, and the other one stays valid.
  revoke: { url: 'https://slack.com/api/auth.revoke', authenticate: 'token', each: true },
  errors,
})

/** Returns the token of an installation. One for a single user has no bot, and its token is nested. */
function readToken(body: unknown): TokenReading {
  const hasBot = valueAt(body, 'access_token') !== undefined
  const members = (hasBot ? body : valueAt(body, 'authed_user')) as object | undefined
  const account = accountAt(body, { id: ['team.id', hasBot ? 'bot_user_id' : 'authed_user.id'], name: 'team.name' })
  // Slack calls the type `bot` or `user`; it is a bearer token all the same.
  return { members: { ...members, token_type: 'bearer' }, account }
}

const definition = defineConnector({
  id: 'slack',
  name: 'Slack',
  description: 'Read and write messages, channels and users of a Slack workspace.',
  docs: 'https://docs.slack.dev/apis/web-api/',
  baseUrl: 'https://slack.com/api/',
  // Uploads go to an address that files.getUploadURLExternal returns.
  hosts: ['files.slack.com'],
  auth,
  settings: Settings,
  errors,
  // A user's id is unique in its workspace only.
  check: { request: call('auth.test'), account: { id: ['team_id', 'user_id'], name: ['user', 'team'] } },
  tools: { ...messages, ...workspace },
  events,
  webhook: eventsApi,
})

/** The tools, settings and credential of Slack, under one name for editors. */
export interface SlackTypes extends TypesOfFactory<typeof definition> {}

/**
 * Connects to Slack's Web API, for users who install the app or with one token.
 *
 * @example
 * const mcp = createMcpClient({ connectors: { slack: slack({ token: env.SLACK_BOT_TOKEN, defaultChannel: 'C024BE91L' }) } })
 * await mcp.as('ada').slack.call('send_message', { text: 'Stand-up in five.' })
 */
export const slack: NamedFactory<typeof definition, SlackTypes> = definition
