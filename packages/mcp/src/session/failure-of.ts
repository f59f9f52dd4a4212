import { ProtocolError, SdkError, SdkErrorCode, SdkHttpError } from '@modelcontextprotocol/client'
import { ConnectorError } from '@mcpclient/core'
import type { ErrorCode, ErrorDetails } from '@mcpclient/core'
import { refusedRequest } from '../http/refusal.ts'
import { withWords, wordsIn } from '../http/server-words.ts'
import type { ServerWords } from '../http/server-words.ts'
import { isUnknownSession } from '../http/unknown-session.ts'
import type { SessionAnswer } from '../http/unknown-session.ts'
import { serverText } from '../server-text.ts'
import type { LossReason } from './supervisor.ts'
import { LocalRefusal } from './watched-transport.ts'

/** What went wrong with a request to a server. */
export interface Failure {
  readonly error: ConnectorError
  /**
   * `forgotten`: the server does not know the session any more, and did not run the request; `closed`: the connection
   * is gone.
   */
  readonly lost?: LossReason | undefined
}

export interface About {
  /** The server's name in errors. */
  readonly serverId: string
  readonly modern: boolean
  /** Whether requests named a session that the server had given. */
  readonly hadSession: boolean
  /** Live values that no error may hold. */
  readonly secrets: readonly string[]
}

/** Reads an error of the SDK by its codes, never by its words. */
export function failureOf(error: unknown, about: About): Failure {
  if (ConnectorError.is(error)) return { error }
  if (ProtocolError.isInstance(error)) return protocolFailure(error, about)
  if (SdkHttpError.isInstance(error)) return httpFailure(error, about)
  if (SdkError.isInstance(error)) return sdkFailure(error, about)
  return {
    error: failed('MCP_CONNECTION_ERROR', `${about.serverId} cannot be talked to: ${words(error, about)}`, {}, error),
  }
}

const failed = (code: ErrorCode, message: string, details: ErrorDetails, cause: unknown): ConnectorError =>
  new ConnectorError(code, message, details, { cause })

const words = (error: unknown, { secrets }: About): string =>
  serverText(error instanceof Error ? error.message : String(error), secrets, 500)

// ---------------------------------------------------------------- what the server answered (JSON-RPC)
const UNSUPPORTED_VERSION = -32022
const MISSING_CAPABILITY = -32021
const URL_ELICITATION_REQUIRED = -32042
export const HEADER_MISMATCH = -32020
const METHOD_NOT_FOUND = -32601
const INVALID_PARAMS = -32602
const INTERNAL = -32603
/** Left by JSON-RPC to servers for failures of their own. */
const isServersOwn = (code: number): boolean => code <= -32000 && code >= -32019

function protocolFailure(error: ProtocolError, about: About): Failure {
  if (error.data instanceof LocalRefusal) return { error: error.data.error }
  const { code } = error
  const details: ErrorDetails = { providerCode: String(code) }
  const said = `${about.serverId} answered with error ${code}: ${words(error, about)}`
  const rpc = { code, message: error.message }
  if (!about.modern && about.hadSession && isUnknownSession({ status: 200, text: '', rpc })) {
    const heard: ServerWords = { message: words(error, about), code: String(code), rpc }
    return { error: forgotten(about, heard, undefined, error), lost: 'forgotten' }
  }
  if (code === UNSUPPORTED_VERSION) {
    return {
      error: failed('MCP_CLIENT_ERROR', said, { ...details, outcome: 'not_processed' }, error),
      lost: 'forgotten',
    }
  }
  if (code === MISSING_CAPABILITY || code === URL_ELICITATION_REQUIRED) {
    const hint = 'The server needs to ask a person: compose it with `elicit`.'
    return { error: failed('MCP_CLIENT_ERROR', said, { ...details, hint, outcome: 'not_processed' }, error) }
  }
  // These are given before anything runs; after any other error the request may have done something.
  const unread: ErrorDetails = { ...details, outcome: 'not_processed' }
  if (code === METHOD_NOT_FOUND) return { error: failed('TOOL_NOT_SUPPORTED', said, unread, error) }
  if (code === INVALID_PARAMS || code === HEADER_MISMATCH)
    return { error: failed('MCP_CLIENT_ERROR', said, unread, error) }
  const ran: ErrorDetails = { ...details, outcome: 'unknown' }
  return {
    error: failed(code === INTERNAL || isServersOwn(code) ? 'MCP_SERVER_ERROR' : 'MCP_CLIENT_ERROR', said, ran, error),
  }
}

// ---------------------------------------------------------------- what the HTTP server answered
function httpFailure(error: SdkHttpError, about: About): Failure {
  const { status, data } = error
  const { serverId, modern, secrets } = about
  const text = typeof data['text'] === 'string' ? data['text'] : ''
  const words = wordsIn(text, secrets)
  const lost = isForgotten({ status, text, rpc: words.rpc }, about) ? 'forgotten' : undefined
  if (lost === 'forgotten' && !modern) return { error: forgotten(about, words, status, error), lost }
  if (status < 500) return { error: refusedRequest(serverId, status, words, error), lost }
  const message = withWords(`${serverId} returned ${status}`, words)
  return { error: failed('MCP_SERVER_ERROR', message, { status, providerCode: words.code }, error), lost }
}

const forgotten = ({ serverId }: About, words: ServerWords, status: number | undefined, cause: unknown) =>
  failed(
    'MCP_CONNECTION_ERROR',
    withWords(`${serverId} does not know the session any more`, words),
    { status, providerCode: words.code, outcome: 'not_processed' },
    cause,
  )

/** Statuses by which a server that was modern says that it no longer is. */
const notModern = new Set([400, 404, 405, 406, 415])

function isForgotten(answer: SessionAnswer, { modern, hadSession }: About): boolean {
  if (modern) return notModern.has(answer.status)
  // A 401 that is about a credential was an error before it came here.
  return hadSession && (answer.status === 401 || isUnknownSession(answer))
}

// ---------------------------------------------------------------- what the SDK found by itself
function sdkFailure(error: SdkError, about: About): Failure {
  const { serverId } = about
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
      return { error: failed('TIMEOUT', `${serverId} did not answer in time.`, {}, error) }
    case SdkErrorCode.EraNegotiationFailed:
      if (ConnectorError.is(cause)) return { error: cause }
      return {
        error: failed('MCP_CONNECTION_ERROR', `${serverId} cannot be connected: ${words(error, about)}`, {}, error),
      }
    case SdkErrorCode.InvalidResult:
    case SdkErrorCode.UnsupportedResultType:
    case SdkErrorCode.ClientHttpUnexpectedContent: {
      const message = `${serverId} answered with something that MCP does not know: ${words(error, about)}`
      return { error: failed('DATA_TRANSFORMATION_ERROR', message, {}, error) }
    }
    case SdkErrorCode.ListPaginationExceeded:
      return {
        error: failed('DATA_TRANSFORMATION_ERROR', `${serverId} answered a list with pages without end.`, {}, error),
      }
    case SdkErrorCode.CapabilityNotSupported: {
      const hint = 'If the server wants to ask a person, compose it with `elicit`.'
      return { error: failed('TOOL_NOT_SUPPORTED', `${serverId}: ${words(error, about)}`, { hint }, error) }
    }
    case SdkErrorCode.MethodNotSupportedByProtocolVersion:
      return { error: failed('TOOL_NOT_SUPPORTED', `${serverId}: ${words(error, about)}`, {}, error) }
    case SdkErrorCode.InputRequiredRoundsExceeded:
      return { error: failed('MCP_CLIENT_ERROR', `${serverId} never stopped asking for input.`, {}, error) }
    case SdkErrorCode.AlreadyConnected:
    case SdkErrorCode.ClientHttpNotImplemented:
    case SdkErrorCode.ClientHttpAuthentication:
    case SdkErrorCode.ClientHttpForbidden:
    case SdkErrorCode.ClientHttpFailedToOpenStream:
    case SdkErrorCode.ClientHttpFailedToTerminateSession:
      return { error: failed('MCP_CONNECTION_ERROR', `${serverId}: ${words(error, about)}`, {}, error) }
  }
}
