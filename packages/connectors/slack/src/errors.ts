import { errorTable, valueAt } from '@mcpclient/core/define'
import type { ErrorRow } from '@mcpclient/core/define'

const unauthenticated: ErrorRow = { code: 'MCP_AUTHENTICATION_FAILURE' }
const misconfigured: ErrorRow = { code: 'CONFIGURATION_ERROR' }
const unavailable: ErrorRow = { code: 'MCP_SERVER_ERROR' }
/** Slack's own SDK sends any method again after a 429, whatever its body is. */
const limited: ErrorRow = { code: 'MCP_RATE_LIMIT_EXCEEDED', notProcessed: true }

/**
 * Slack's words for what is not the request's own fault, and advice for those that users meet most. Any other word means
 * that the request has to change.
 * Source: the errors on the page of each method, such as https://docs.slack.dev/reference/methods/auth.test
 */
export const errors = errorTable(
  {
    code: 'error',
    // Such as "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text]".
    message: 'response_metadata.messages.0',
    // Slack refuses with HTTP 200.
    refused: (body) => valueAt(body, 'ok') === false,
  },
  {
    invalid_auth: unauthenticated,
    not_authed: unauthenticated,
    token_expired: unauthenticated,
    token_revoked: {
      ...unauthenticated,
      reason: 'revoked_by_user',
      hint: 'Install the app again with connect(): it was removed from the workspace, or its token was revoked.',
    },
    account_inactive: { ...unauthenticated, hint: 'Connect another account: the workspace or the member is gone.' },
    // Of the token endpoint alone; the runtime knows most of its codes.
    code_already_used: {
      ...unauthenticated,
      reason: 'code_used',
      hint: 'Start again with connect(): the callback was opened twice.',
    },
    invalid_grant_type: misconfigured,
    no_scopes: misconfigured,
    ratelimited: limited,
    rate_limited: limited,
    429: limited,
    internal_error: unavailable,
    fatal_error: unavailable,
    service_unavailable: unavailable,
    team_added_to_org: unavailable,
    org_login_required: unavailable,
    missing_scope(body) {
      const needed = valueAt(body, 'needed')
      return typeof needed === 'string' ? { hint: `Give the token the scope ${needed}.` } : {}
    },
    channel_not_found: { hint: 'Check the id. A private channel has to invite the app first.' },
    not_in_channel: { hint: 'Call join_channel, or invite the app if the channel is private.' },
    is_archived: { hint: 'Unarchive the channel, or use another one.' },
    not_allowed_token_type: {
      hint: 'Use another kind of token: search_messages works with a user token (xoxp-) only.',
    },
    message_not_found: { hint: 'Check ts and channel: there is no such message in that channel.' },
    thread_not_found: { hint: 'Check ts and channel: there is no such thread in that channel.' },
    users_not_found: { hint: 'Check the address: no member of the workspace has it.' },
    user_not_found: { hint: 'Check the id; list_users returns it.' },
    msg_too_long: { hint: 'Shorten the text.' },
    time_in_past: { hint: 'Pass a post_at in the future: seconds since 1970, not milliseconds.' },
    time_too_far: { hint: 'Pass a post_at at most 120 days ahead.' },
  },
)
