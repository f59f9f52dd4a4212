import { errorTable, valueAt } from '@mcpclient/core/define'
import type { ErrorRow } from '@mcpclient/core/define'

/** These have the status 429, and waiting does not help. */
const exhausted: ErrorRow = {
  code: 'MCP_CLIENT_ERROR',
  hint: "Add credits, or raise the limit on OpenAI's billing page. Waiting does not help.",
}
/** OpenAI counts each model separately, so only the tool waits. */
const limited: ErrorRow = { code: 'MCP_RATE_LIMIT_EXCEEDED', notProcessed: true, blocks: 'method' }

/**
 * OpenAI's codes that their status does not express, and advice for the most frequent ones. An error of a stream arrives as
 * an event, after the status 200. Source: https://developers.openai.com/api/docs/guides/error-codes
 */
export const errors = errorTable(
  {
    code: ['error.code', 'error.type'],
    message: 'error.message',
    // A response of the status `failed` has an error, too; in any other one it is null.
    refused: (body) => ['object', 'string'].includes(typeof (valueAt(body, 'error') ?? undefined)),
  },
  {
    'insufficient_quota credit_balance_exhausted project_spend_limit_exceeded': exhausted,
    'organization_spend_limit_exceeded organization_usage_limit_exceeded': exhausted,
    'rate_limit_exceeded slow_down 429': limited,
    // The model had no capacity to process the request, and OpenAI asks to send it again.
    server_is_overloaded: { code: 'MCP_SERVER_ERROR', notProcessed: true },
    server_error: { code: 'MCP_SERVER_ERROR' },
    model_not_found: { hint: 'Check the id of the model with list_models, and that the project may use it.' },
    context_length_exceeded: { hint: 'Shorten the conversation, or choose a model with a longer context.' },
    'unsupported_parameter unsupported_value': {
      hint: 'Leave out what OpenAI names: this model does not accept it.',
    },
  },
)
