/** One row of the table. Advice never refers to a detail that the error may not have. */
interface Row {
  readonly type: string
  readonly status: number
  readonly retryable: boolean
  readonly advice: string
  /** The advice for an error that has this detail. */
  readonly given?: {
    readonly detail: 'issues' | 'providerMessage' | 'requestId' | 'retryAfterMs'
    readonly advice: string
  }
}

/**
 * The table of error codes: the type of failure, the HTTP status for a handler's response, whether a later call can
 * succeed, and advice.
 *
 * `retryable` describes the type of failure. Whether a call can be repeated also depends on its effect and its outcome.
 */
export const codes = {
  /** The host's options or the connector's definition are invalid. */
  CONFIGURATION_ERROR: {
    type: 'configuration',
    status: 500,
    retryable: false,
    advice: 'Fix the options passed at composition.',
  },
  /** No connector has this server id, or the tenant has no connection with this name. */
  ROUTING_ERROR: { type: 'routing', status: 404, retryable: false, advice: 'Check server_id and the connection name.' },
  /** The connector has no such tool, sync or capability. */
  TOOL_NOT_SUPPORTED: {
    type: 'routing',
    status: 404,
    retryable: false,
    advice: 'List the tools and use one of those names.',
  },
  /** The input does not match the schema, or cannot be encoded as a request. */
  INVALID_INPUT: {
    type: 'validation',
    status: 400,
    retryable: false,
    advice: 'Correct the input.',
    given: { detail: 'issues', advice: 'Correct the input named in the issues.' },
  },
  /** A policy of the host, or its approver, denied the call. */
  PERMISSION_DENIED: { type: 'permission', status: 403, retryable: false, advice: 'Ask the host for this permission.' },
  /** The caller of the host's API is not authenticated. */
  AUTHENTICATION_FAILURE_API: {
    type: 'authentication',
    status: 401,
    retryable: false,
    advice: 'Authenticate with this API.',
  },
  /** This connection has no credential, or the provider rejected it. */
  MCP_AUTHENTICATION_FAILURE: {
    type: 'authentication',
    status: 401,
    retryable: false,
    advice: 'Connect the account again.',
  },
  /** A quota of the host is exhausted. */
  QUOTA_EXCEEDED: { type: 'rate_limit', status: 429, retryable: true, advice: 'Wait for the quota to renew.' },
  /** The provider's rate limit is reached. The provider returned it, or its connector declares it. */
  MCP_RATE_LIMIT_EXCEEDED: {
    type: 'rate_limit',
    status: 429,
    retryable: true,
    advice: 'Wait before sending it again.',
    given: { detail: 'retryAfterMs', advice: 'Wait for retryAfterMs.' },
  },
  /** The provider could not be reached. */
  MCP_CONNECTION_ERROR: {
    type: 'connection',
    status: 502,
    retryable: true,
    advice: 'Check the network and the address.',
  },
  /** The circuit breaker of this connection is open. Nothing was sent. */
  CIRCUIT_OPEN: {
    type: 'connection',
    status: 503,
    retryable: true,
    advice: 'Wait; the provider is failing.',
    given: { detail: 'retryAfterMs', advice: 'Wait for retryAfterMs; the provider is failing.' },
  },
  /** No response arrived within the time limit. */
  TIMEOUT: { type: 'timeout', status: 504, retryable: true, advice: 'Allow more time or try again later.' },
  /** The caller cancelled the call, or the client was closed. */
  CANCELLED: { type: 'cancelled', status: 499, retryable: false, advice: 'Do nothing: the caller cancelled it.' },
  /** The provider failed: a 5xx, or a response that reports a failure. */
  MCP_SERVER_ERROR: { type: 'provider', status: 502, retryable: true, advice: 'Try again later.' },
  /** The provider rejected this request: a 4xx, or a response that reports a rejection. */
  MCP_CLIENT_ERROR: {
    type: 'provider',
    status: 400,
    retryable: false,
    advice: "Compare the input with the provider's documentation.",
    given: { detail: 'providerMessage', advice: 'Correct what the provider names.' },
  },
  /** A write was sent, but no response arrived. It may or may not have happened. */
  OUTCOME_UNKNOWN: {
    type: 'provider',
    status: 502,
    retryable: false,
    advice: 'Check at the provider whether the write happened before you send it again.',
  },
  /** The response does not match the connector's schema. */
  DATA_TRANSFORMATION_ERROR: {
    type: 'transformation',
    status: 502,
    retryable: false,
    advice: "Report it to the connector's author.",
  },
  /** This library, a stage of the host or a connector has a bug. */
  API_INTERNAL_ERROR: {
    type: 'internal',
    status: 500,
    retryable: false,
    advice: 'Report it to the maintainers.',
    given: { detail: 'requestId', advice: 'Report it with the request id.' },
  },
} as const satisfies Record<string, Row>

export type ErrorCode = keyof typeof codes
export type ErrorType = (typeof codes)[ErrorCode]['type']
