import type { Attempt } from './call.ts'
import { secretsOf } from './call.ts'
import type { Failure } from '../connector/error-table.ts'
import type { Reply } from '../connector/reply.ts'
import { redactText } from '../redaction/redact-text.ts'
import type { ErrorCode } from '../errors/codes.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import { providerText } from '../errors/provider-text.ts'
import type { ConnectorContext } from './connector-context.ts'
import type { ResponseHeaders } from '../ports/transport.ts'
import { readLimitHeaders } from '../resilience/limit-headers.ts'
import { MAX_WAIT_MS } from '../resilience/reset-time.ts'
import { providerWords } from './provider-words.ts'

const MAX_MESSAGE = 300
const MAX_FAILURE_MESSAGE = 600
const MAX_CODE = 80
const MAX_PATH = 200

/**
 * Returns the failure of a response, or undefined if it is a success. The connector's `failure` decides first, then the
 * status. The provider's own message and code are added to both.
 * @param url the URL of the request, without its signature
 */
export function failureIn(
  reply: Reply,
  attempt: Attempt,
  scope: ConnectorContext,
  url: string,
): ConnectorError | undefined {
  const { profile, serverId, credentials } = scope
  const { status } = reply
  const given = declaredFailure(reply, scope, attempt)
  attempt.blocks = given?.blocks
  if (given === undefined && status < 400) return undefined
  const clean = (text: string | undefined, maxLength: number) =>
    text === undefined ? undefined : providerText(text, { maxLength, redact: (seen) => withoutSecrets(attempt, seen) })
  const words = providerWords(reply.body)
  const providerMessage = clean(given?.providerMessage ?? words.message, MAX_MESSAGE) || undefined
  const providerCode = clean(given?.providerCode ?? words.code, MAX_CODE) || undefined
  const { method } = attempt.request
  const path = clean(URL.canParse(url) ? new URL(url).pathname : undefined, MAX_PATH)
  const code = given?.code ?? codeOf(status)
  const message =
    clean(given?.message, MAX_FAILURE_MESSAGE) ??
    sentence(
      `${profile.name} ${code === 'MCP_SERVER_ERROR' ? 'failed to process' : 'rejected'} ${attempt.call.toolName} (${status}, ${method} ${path})`,
      providerMessage ?? providerCode,
    )
  const isLimit = code === 'MCP_RATE_LIMIT_EXCEEDED'
  // Slack returns rate limits with a 200, on which Retry-After would mean a polling interval.
  const asked = isLimit && status < 300 ? 429 : status
  const retryAfterMs =
    boundedWait(given?.retryAfterMs) ??
    (isLimit || status >= 500 ? retryAfterOf(asked, reply.headers, scope) : undefined)
  return new ConnectorError(code, message, {
    serverId,
    status,
    method,
    path,
    providerCode,
    providerMessage,
    retryAfterMs,
    outcome: attempt.effect !== 'read' && given?.notProcessed === true ? 'not_processed' : undefined,
    hint:
      retryAfterMs === MAX_WAIT_MS
        ? VERY_LONG
        : code === 'MCP_AUTHENTICATION_FAILURE' && credentials.isShared
          ? appCredentialHint(scope)
          : clean(given?.hint, MAX_MESSAGE),
  })
}

const VERY_LONG = 'Do not retry: the provider requires a wait of 365 days or more. Ask the provider for the reason.'

/**
 * Returns the wait in the response headers in milliseconds, in the dialect of this provider.
 * @param status the status that gives the headers their meaning, which may differ from the HTTP status
 */
export const retryAfterOf = (
  status: number,
  headers: ResponseHeaders,
  { profile, clock }: ConnectorContext,
): number | undefined =>
  readLimitHeaders(headers, { status, nowMs: clock.now(), dialect: profile.limitHeaders }).retryAfterMs

/** Bounds the wait that a connector returned, like that of the headers. */
const boundedWait = (ms: number | undefined): number | undefined =>
  ms !== undefined && ms >= 0 ? Math.min(ms, MAX_WAIT_MS) : undefined

/**
 * Returns the failure that the connector's own `failure` returns.
 * @throws ConnectorError API_INTERNAL_ERROR if it throws on a success
 */
function declaredFailure(
  reply: Reply,
  { profile, serverId }: ConnectorContext,
  { call }: Attempt,
): Failure | undefined {
  try {
    return profile.failure?.(reply)
  } catch (error) {
    if (reply.status >= 400) return undefined
    throw new ConnectorError(
      'API_INTERNAL_ERROR',
      `The connector of ${serverId} failed to read the response to ${call.toolName}.`,
      { hint: "Report it to the connector's author." },
      { cause: error },
    )
  }
}

/** Removes secrets. Must run before the text is cut, because half a secret is not recognized. */
const withoutSecrets = ({ call }: Attempt, text: string): string => redactText(text, secretsOf(call.progress.signers))

const sentence = (what: string, words: string | undefined): string =>
  words === undefined ? `${what}.` : `${what}: ${words}${/[.!?…]$/.test(words) ? '' : '.'}`

const appCredentialHint = ({ profile: { auth } }: ConnectorContext): string =>
  Object.keys(auth.fields).length === 0
    ? 'Use a connector with credentials: this one sends none, but the service requires one.'
    : 'Check the credential passed at composition.'

function codeOf(status: number): ErrorCode {
  if (status === 401) return 'MCP_AUTHENTICATION_FAILURE'
  if (status === 429) return 'MCP_RATE_LIMIT_EXCEEDED'
  if (status === 408) return 'TIMEOUT'
  return status >= 500 ? 'MCP_SERVER_ERROR' : 'MCP_CLIENT_ERROR'
}
