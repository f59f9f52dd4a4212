import { errorTable, valueAt } from '@mcpclient/core/define'

/**
 * Anthropic's error types, which an event of a stream has without a status, and advice for the most frequent ones.
 * Source: https://platform.claude.com/docs/en/api/errors
 */
export const errors = errorTable(
  {
    code: ['error.details.error_code', 'error.type'],
    message: 'error.message',
    refused: (body) => valueAt(body, 'type') === 'error',
  },
  {
    // The monthly spend limit of a usage tier is a 429 without Retry-After, until the first day of the next month.
    'enforced_spend_limit_reached billing_error': {
      code: 'MCP_CLIENT_ERROR',
      hint: 'Check the credits and the spend limit in the Claude Console. Waiting does not help.',
    },
    // Anthropic limits messages and the counting of tokens separately, so only the tool waits.
    'rate_limit_error 429': { code: 'MCP_RATE_LIMIT_EXCEEDED', notProcessed: true, blocks: 'method' },
    // Anthropic's own SDKs send the request again. Anthropic does not say whether a rejected one is charged.
    'overloaded_error 529': { code: 'MCP_SERVER_ERROR', notProcessed: true },
    api_error: { code: 'MCP_SERVER_ERROR' },
    timeout_error: { code: 'MCP_SERVER_ERROR', hint: 'Stream the response, or ask for a shorter one.' },
    authentication_error: { code: 'MCP_AUTHENTICATION_FAILURE' },
    permission_error: { hint: 'Check in the Claude Console what the workspace of this key may use.' },
    not_found_error: { hint: 'Check the id of the model with list_models.' },
    request_too_large: { hint: 'Send less than 32 MB: shorten the conversation, or pass images by URL.' },
  },
)
