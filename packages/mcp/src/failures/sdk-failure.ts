import { ProtocolError, SdkError, SdkErrorCode, SdkHttpError } from '@modelcontextprotocol/client'
import { ConnectorError } from '@mcpclient/core'
import type { ErrorCode, ErrorDetails } from '@mcpclient/core'
import { refusedRequest } from './refusal.ts'
import { serverText, withWords, wordsIn } from './server-words.ts'
import type { ServerWords } from './server-words.ts'
import type { LossReason } from './session-lost.ts'
import { isUnknownSession } from './unknown-session.ts'
import type { SessionResponse } from './unknown-session.ts'

/** The `data` of an error response that was made on this side, not by the server. */
export class LocalRefusal {
  readonly error: ConnectorError
  constructor(error: ConnectorError) {
    this.error = error
  }
}

export interface RequestFailure {
  readonly error: ConnectorError
  /** Present if the session ended. */
  readonly lost?: LossReason | undefined
}

export interface FailureContext {
  /** The server's name in errors. */
  readonly serverId: string
  readonly modern: boolean
  /** Whether requests named a session of the server. */
  readonly hadSession: boolean
  /** Live values that must not appear in an error. */
  readonly secrets: readonly string[]
}

/** Maps an error of the SDK by its codes, never by its message. */
export function failureOf(error: unknown, context: FailureContext): RequestFailure {
  if (ConnectorError.is(error)) return { error }
  if (ProtocolError.isInstance(error)) return protocolFailure(error, context)
  if (SdkHttpError.isInstance(error)) return httpFailure(error, context)
  if (SdkError.isInstance(error)) return sdkFailure(error, context)
  const message = `The request to ${context.serverId} failed: ${words(error, context)}`
  return { error: failed('MCP_CONNECTION_ERROR', message, {}, error) }
}

const failed = (code: ErrorCode, message: string, details: ErrorDetails, cause: unknown): ConnectorError =>
  new ConnectorError(code, message, details, { cause })

const words = (error: unknown, { secrets }: FailureContext): string =>
  serverText(error instanceof Error ? error.message : String(error), secrets, 500)

// ---------------------------------------------------------------- errors of JSON-RPC
const UNSUPPORTED_VERSION = -32022
const MISSING_CAPABILITY = -32021
const URL_ELICITATION_REQUIRED = -32042
export const HEADER_MISMATCH = -32020
const METHOD_NOT_FOUND = -32601
const INVALID_PARAMS = -32602
const INTERNAL = -32603
/** Codes that JSON-RPC reserves for a server's own failures. */
const isServerError = (code: number): boolean => code <= -32000 && code >= -32019

function protocolFailure(error: ProtocolError, context: FailureContext): RequestFailure {
  if (error.data instanceof LocalRefusal) return { error: error.data.error }
  const { code } = error
  const details: ErrorDetails = { providerCode: String(code) }
  const message = `${context.serverId} returned error ${code}: ${words(error, context)}`
  const rpc = { code, message: error.message }
  if (!context.modern && context.hadSession && isUnknownSession({ status: 200, text: '', rpc })) {
    const said: ServerWords = { message: words(error, context), code: String(code), rpc }
    return { error: sessionExpired(context, said, undefined, error), lost: 'expired' }
  }
  if (code === UNSUPPORTED_VERSION) {
    return {
      error: failed('MCP_CLIENT_ERROR', message, { ...details, outcome: 'not_processed' }, error),
      lost: 'expired',
    }
  }
  if (code === MISSING_CAPABILITY || code === URL_ELICITATION_REQUIRED) {
    const hint = 'The server needs to ask the user: compose it with `elicit`.'
    return { error: failed('MCP_CLIENT_ERROR', message, { ...details, hint, outcome: 'not_processed' }, error) }
  }
  // Servers return these before anything runs. After any other error the request may have had an effect.
  const unread: ErrorDetails = { ...details, outcome: 'not_processed' }
  if (code === METHOD_NOT_FOUND) return { error: failed('TOOL_NOT_SUPPORTED', message, unread, error) }
  if (code === INVALID_PARAMS || code === HEADER_MISMATCH) {
    return { error: failed('MCP_CLIENT_ERROR', message, unread, error) }
  }
  const kind = code === INTERNAL || isServerError(code) ? 'MCP_SERVER_ERROR' : 'MCP_CLIENT_ERROR'
  return { error: failed(kind, message, { ...details, outcome: 'unknown' }, error) }
}

// ---------------------------------------------------------------- statuses of HTTP
function httpFailure(error: SdkHttpError, context: FailureContext): RequestFailure {
  const { status, data } = error
  const { serverId, modern, secrets } = context
  const text = typeof data['text'] === 'string' ? data['text'] : ''
  const said = wordsIn(text, secrets)
  const lost = isExpired({ status, text, rpc: said.rpc }, context) ? 'expired' : undefined
  if (lost === 'expired' && !modern) return { error: sessionExpired(context, said, status, error), lost }
  if (status < 500) return { error: refusedRequest(serverId, status, said, error), lost }
  const message = withWords(`${serverId} returned ${status}`, said)
  return { error: failed('MCP_SERVER_ERROR', message, { status, providerCode: said.code }, error), lost }
}

const sessionExpired = ({ serverId }: FailureContext, said: ServerWords, status: number | undefined, cause: unknown) =>
  failed(
    'MCP_CONNECTION_ERROR',
    withWords(`${serverId} does not know the session any more`, said),
    { status, providerCode: said.code, outcome: 'not_processed' },
    cause,
  )

/** Statuses that a server returns if it spoke a modern revision before and does not any more. */
const notModern = new Set([400, 404, 405, 406, 415])

function isExpired(response: SessionResponse, { modern, hadSession }: FailureContext): boolean {
  if (modern) return notModern.has(response.status)
  // A 401 about a credential became an error before this point.
  return hadSession && (response.status === 401 || isUnknownSession(response))
}

// ---------------------------------------------------------------- the SDK's own errors
function sdkFailure(error: SdkError, context: FailureContext): RequestFailure {
  const { serverId } = context
  const { cause } = error
  switch (error.code) {
    case SdkErrorCode.ConnectionClosed:
      return { error: failed('MCP_CONNECTION_ERROR', `${serverId} closed the connection.`, {}, error), lost: 'closed' }
    case SdkErrorCode.NotConnected:
    case SdkErrorCode.NotInitialized:
    case SdkErrorCode.SendFailed: {
      const message = `${serverId} is not connected.`
      return { error: failed('MCP_CONNECTION_ERROR', message, { outcome: 'not_processed' }, error), lost: 'closed' }
    }
    case SdkErrorCode.RequestTimeout:
      return { error: failed('TIMEOUT', `${serverId} did not respond in time.`, {}, error) }
    case SdkErrorCode.EraNegotiationFailed: {
      if (ConnectorError.is(cause)) return { error: cause }
      const message = `The connection to ${serverId} failed: ${words(error, context)}`
      return { error: failed('MCP_CONNECTION_ERROR', message, {}, error) }
    }
    case SdkErrorCode.InvalidResult:
    case SdkErrorCode.UnsupportedResultType:
    case SdkErrorCode.ClientHttpUnexpectedContent: {
      const message = `${serverId} returned a message that is not MCP: ${words(error, context)}`
      return { error: failed('DATA_TRANSFORMATION_ERROR', message, {}, error) }
    }
    case SdkErrorCode.ListPaginationExceeded:
      return { error: failed('DATA_TRANSFORMATION_ERROR', `${serverId} returned a list without an end.`, {}, error) }
    case SdkErrorCode.CapabilityNotSupported: {
      const hint = 'If the server needs to ask the user, compose it with `elicit`.'
      return { error: failed('TOOL_NOT_SUPPORTED', `${serverId}: ${words(error, context)}`, { hint }, error) }
    }
    case SdkErrorCode.MethodNotSupportedByProtocolVersion:
      return { error: failed('TOOL_NOT_SUPPORTED', `${serverId}: ${words(error, context)}`, {}, error) }
    case SdkErrorCode.InputRequiredRoundsExceeded:
      return { error: failed('MCP_CLIENT_ERROR', `${serverId} asked for input too often.`, {}, error) }
    case SdkErrorCode.AlreadyConnected:
    case SdkErrorCode.ClientHttpNotImplemented:
    case SdkErrorCode.ClientHttpAuthentication:
    case SdkErrorCode.ClientHttpForbidden:
    case SdkErrorCode.ClientHttpFailedToOpenStream:
    case SdkErrorCode.ClientHttpFailedToTerminateSession:
      return { error: failed('MCP_CONNECTION_ERROR', `${serverId}: ${words(error, context)}`, {}, error) }
  }
}
