import { errorTable, valueAt } from '@mcpclient/core/define'
import type { ErrorRow } from '@mcpclient/core/define'

const ended: ErrorRow = { code: 'MCP_AUTHENTICATION_FAILURE' }

// Slack's error codes that are not a fault of the request, and advice for the most frequent ones. Any other code means
// that the request has to change. The runtime knows most codes of the token endpoint.
// Source: the errors on the page of each method, such as https://docs.slack.dev/reference/methods/auth.test
export const errors = errorTable(
  // Slack rejects with HTTP 200 and an explanation such as "[ERROR] must be less than 3001 characters".
  { code: 'error', message: 'response_metadata.messages.0', refused: (body) => valueAt(body, 'ok') === false },
  {
    'invalid_auth not_authed token_expired': ended,
    token_revoked: { ...ended, reason: 'revoked_by_user', hint: 'Install the app again with connect().' },
    account_inactive: { ...ended, hint: 'Connect another account: the workspace or the member is gone.' },
    code_already_used: { ...ended, reason: 'code_used', hint: 'Start again with connect().' },
    'invalid_grant_type no_scopes': { code: 'CONFIGURATION_ERROR' },
    // Slack's own SDK sends any method again after a 429, whatever its body is.
    'ratelimited rate_limited 429': { code: 'MCP_RATE_LIMIT_EXCEEDED', notProcessed: true },
    'internal_error fatal_error service_unavailable': { code: 'MCP_SERVER_ERROR' },
    'team_added_to_org org_login_required': { code: 'MCP_SERVER_ERROR' },
    missing_scope(body) {
      const needed = valueAt(body, 'needed')
      return typeof needed === 'string' ? { hint: `Give the token the scope ${needed}.` } : {}
    },
    channel_not_found: { hint: 'Check the id. A private channel has to invite the app first.' },
    not_in_channel: { hint: 'Call join_channel, or invite the app if the channel is private.' },
    not_allowed_token_type: {
      hint: 'Use another kind of token: search_messages works with a user token (xoxp-) only.',
    },
    'message_not_found thread_not_found': { hint: 'Check ts and channel: that channel has no such message.' },
    users_not_found: { hint: 'Check the address: no member of the workspace has it.' },
    time_in_past: { hint: 'Pass a post_at in the future: seconds since 1970, not milliseconds.' },
    time_too_far: { hint: 'Pass a post_at at most 120 days ahead.' },
  },
)
