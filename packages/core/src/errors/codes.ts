/** One row of the table. No advice refers to a detail that an error may lack. */
interface Row {
  readonly type: string
  readonly status: number
  readonly retryable: boolean
  readonly advice: string
  /** The advice where the error has this detail. */
  readonly given?: {
    readonly detail: 'issues' | 'providerMessage' | 'requestId' | 'retryAfterMs'
    readonly advice: string
  }
}

/**
 * Every way a call can fail, in one table: the kind of failure, the HTTP status for a handler's response, whether
 * a later call can succeed, and what the reader can do about it.
 *
 * `retryable` describes the kind of failure. Whether a call may be *repeated* also depends on its effect and its outcome.
 */
export const codes = {
  /** The host composed something that cannot work. */
  CONFIGURATION_ERROR: {
    type: 'configuration',
    status: 500,
    retryable: false,
    advice: 'Fix the options passed at composition.',
  },
  /** No such connector, or more than one connection and none was named. */
  ROUTING_ERROR: { type: 'routing', status: 404, retryable: false, advice: 'Check server_id and the connection name.' },
  /** The connector has no such tool, sync or capability. */
  TOOL_NOT_SUPPORTED: {
    type: 'routing',
    status: 404,
    retryable: false,
    advice: 'List the tools and use one of those names.',
  },
  /** The input does not fit the schema, or cannot be turned into a request. */
  INVALID_INPUT: {
    type: 'validation',
    status: 400,
    retryable: false,
    advice: 'Correct the input.',
    given: { detail: 'issues', advice: 'Correct the input named in the issues.' },
  },
  /** A policy of the host, or its approver, refused the call. */
  PERMISSION_DENIED: { type: 'permission', status: 403, retryable: false, advice: 'Ask the host for this permission.' },
  /** The caller of this API did not prove who it is. */
  AUTHENTICATION_FAILURE_API: {
    type: 'authentication',
    status: 401,
    retryable: false,
    advice: 'Authenticate with this API.',
  },
  /** There is no credential for this connection, or the provider refused it. */
  MCP_AUTHENTICATION_FAILURE: {
    type: 'authentication',
    status: 401,
    retryable: false,
    advice: 'Connect the account again.',
  },
  /** A quota that the host set is used up. */
  QUOTA_EXCEEDED: { type: 'rate_limit', status: 429, retryable: true, advice: 'Wait for the quota to renew.' },
  /** The provider's rate limit, learnt from it or declared by its connector. */
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
  /** The breaker of this connection is open: nothing was sent. */
  CIRCUIT_OPEN: {
    type: 'connection',
    status: 503,
    retryable: true,
    advice: 'Wait; the provider is failing.',
    given: { detail: 'retryAfterMs', advice: 'Wait for retryAfterMs; the provider is failing.' },
  },
  /** No answer inside the time allowed. */
  TIMEOUT: { type: 'timeout', status: 504, retryable: true, advice: 'Allow more time or try again later.' },
  /** The caller, or the closing of the client, ended the call. */
  CANCELLED: { type: 'cancelled', status: 499, retryable: false, advice: 'Nothing to do: the caller ended it.' },
  /** The provider failed: 5xx, or an answer that says so. */
  MCP_SERVER_ERROR: { type: 'provider', status: 502, retryable: true, advice: 'Try again later.' },
  /** The provider refused this request: 4xx, or an answer that says so. */
  MCP_CLIENT_ERROR: {
    type: 'provider',
    status: 400,
    retryable: false,
    advice: 'Compare the input with the documentation of the provider.',
    given: { detail: 'providerMessage', advice: 'Correct what the provider names.' },
  },
  /** A write was sent, but no response arrived: it may or may not have happened. */
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
  /** A fault of this library, a host's stage or a connector. */
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
