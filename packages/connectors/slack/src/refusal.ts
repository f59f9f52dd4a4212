import { valueAt } from '@mcpclient/core/define'
import type { ErrorCode, Failure, Reply } from '@mcpclient/core/define'

/**
 * Slack's words for what is not the request's own fault. Any other means that the request has to change.
 * Source: the errors on the page of each method, such as https://docs.slack.dev/reference/methods/auth.test
 */
const codes: ReadonlyMap<string, ErrorCode> = new Map(
  Object.entries({
    invalid_auth: 'MCP_AUTHENTICATION_FAILURE',
    not_authed: 'MCP_AUTHENTICATION_FAILURE',
    token_revoked: 'MCP_AUTHENTICATION_FAILURE',
    token_expired: 'MCP_AUTHENTICATION_FAILURE',
    account_inactive: 'MCP_AUTHENTICATION_FAILURE',
    ratelimited: 'MCP_RATE_LIMIT_EXCEEDED',
    rate_limited: 'MCP_RATE_LIMIT_EXCEEDED',
    internal_error: 'MCP_SERVER_ERROR',
    fatal_error: 'MCP_SERVER_ERROR',
    service_unavailable: 'MCP_SERVER_ERROR',
    team_added_to_org: 'MCP_SERVER_ERROR',
    org_login_required: 'MCP_SERVER_ERROR',
  }),
)

/** What to do about the words that people meet most. */
const advice: ReadonlyMap<string, string> = new Map(
  Object.entries({
    channel_not_found:
      'There is no such channel, or this token cannot see it: a private one has to invite the app first.',
    not_in_channel: 'The app is not in that channel: use join_channel, or invite it if the channel is private.',
    is_archived: 'The channel is archived.',
    not_allowed_token_type:
      'This tool needs another kind of token: search_messages works with a user token (xoxp-) only.',
    message_not_found: 'There is no message with that ts in that channel.',
    thread_not_found: 'There is no thread with that ts in that channel.',
    users_not_found: 'Nobody in the workspace has that email address.',
    user_not_found: 'There is no such user.',
    msg_too_long: 'The text is too long.',
    time_in_past: 'post_at is in the past; it is in seconds since 1970, not milliseconds.',
    time_too_far: 'post_at is more than 120 days ahead.',
  }),
)

/** Says what an answer with `ok: false` means: Slack refuses with HTTP 200, so the status tells nothing. */
export function refusal({ status, body }: Reply): Failure | undefined {
  if (valueAt(body, 'ok') !== false) return undefined
  const error = textAt(body, 'error', /^\w{1,64}$/) ?? 'unknown_error'
  const code = codes.get(error) ?? codeOf(status)
  const detail = adviceOn(error, body)
  return {
    code,
    message: `Slack said ${error}.${detail === undefined ? '' : ` ${detail}`}`,
    providerCode: error,
    // "The request has been ratelimited. Refer to the Retry-After header for when to retry the request": Slack's own
    // SDK sends any method again after it.
    ...(code === 'MCP_RATE_LIMIT_EXCEEDED' && { notProcessed: true }),
  }
}

function adviceOn(error: string, body: unknown): string | undefined {
  const needed = textAt(body, 'needed', /^[\w:.,|-]{1,200}$/)
  if (needed !== undefined) return `The token needs the scope ${needed}.`
  // Such as "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text]".
  return advice.get(error) ?? textAt(body, 'response_metadata.messages.0', /^\[ERROR\] .{1,200}$/)
}

/** Only what looks as expected: a proxy may answer anything, and an error is read by people and logs. */
function textAt(body: unknown, path: string, form: RegExp): string | undefined {
  const value = valueAt(body, path)
  return typeof value === 'string' && form.test(value) ? value : undefined
}

function codeOf(status: number): ErrorCode {
  if (status === 429) return 'MCP_RATE_LIMIT_EXCEEDED'
  if (status === 401) return 'MCP_AUTHENTICATION_FAILURE'
  return status >= 500 ? 'MCP_SERVER_ERROR' : 'MCP_CLIENT_ERROR'
}
