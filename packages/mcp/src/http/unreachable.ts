import { ConnectorError } from '@mcpclient/core'
import type { ErrorCode } from '@mcpclient/core'

/** Why no response came, in words, and whether it proves that nothing was sent. */
interface Cause {
  readonly reason: string
  readonly why: string
  readonly hint: string
  /** CONFIGURATION_ERROR is for what no second attempt makes good. */
  readonly code: ErrorCode
}

const network = (reason: string, why: string): Cause => ({
  reason,
  why,
  hint: 'Check that the server runs, and that its host and port are right.',
  code: 'MCP_CONNECTION_ERROR',
})

const CERTIFICATE: Cause = {
  reason: 'certificate',
  why: 'its certificate was not accepted',
  hint: 'Fix the certificate, or let this process trust its authority (NODE_EXTRA_CA_CERTS in Node).',
  code: 'MCP_CONNECTION_ERROR',
}
const TLS: Cause = {
  reason: 'tls',
  why: 'the TLS handshake failed',
  hint: 'Check that the port speaks https, and the TLS versions that both sides allow.',
  code: 'MCP_CONNECTION_ERROR',
}
const BLOCKED_PORT: Cause = {
  reason: 'blocked_port',
  why: 'fetch does not connect to its port',
  hint: 'Serve it on another port, or pass a `fetch` that connects to this one.',
  code: 'CONFIGURATION_ERROR',
}
const NO_SUCH_HOST: Cause = {
  reason: 'name_not_found',
  why: 'there is no such host',
  hint: 'Check the host name in the url.',
  code: 'CONFIGURATION_ERROR',
}

/** Failures that come before a byte of the request has left. */
const causes: ReadonlyMap<string, Cause> = new Map([
  ['ECONNREFUSED', network('refused', 'the connection was refused')],
  ['ConnectionRefused', network('refused', 'the connection was refused')],
  ['ENOTFOUND', NO_SUCH_HOST],
  ['EAI_AGAIN', network('name_not_found', 'its host name could not be resolved')],
  ['ENETUNREACH', network('unreachable', 'there is no route to its network')],
  ['EHOSTUNREACH', network('unreachable', 'there is no route to its host')],
  ['UND_ERR_CONNECT_TIMEOUT', network('connect_timeout', 'it did not accept the connection in time')],
])

const IS_CERTIFICATE = /^(?:CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_CERT|HOSTNAME_MISMATCH)/u
const IS_TLS = /^(?:ERR_SSL_|ERR_TLS_|EPROTO$)/u

/** Depth to which a runtime hides the system's code inside an error. */
const MAX_DEPTH = 4

/** Returns the error for a request without a response: with its cause where the runtime tells. */
export function unreachable(error: unknown, serverId: string): ConnectorError {
  const cause = causeIn(error)
  if (cause === undefined) {
    return new ConnectorError('MCP_CONNECTION_ERROR', `${serverId} could not be reached.`, {}, { cause: error })
  }
  const { code, reason, why, hint } = cause
  const details = { reason, outcome: 'not_processed', hint } as const
  return new ConnectorError(code, `${serverId} could not be reached: ${why}.`, details, { cause: error })
}

function causeIn(error: unknown, depth = 0): Cause | undefined {
  if (typeof error !== 'object' || error === null || depth > MAX_DEPTH) return undefined
  const { code, cause, errors, message } = error as {
    code?: unknown
    cause?: unknown
    errors?: readonly unknown[]
    message?: unknown
  }
  if (typeof code === 'string') {
    return causes.get(code) ?? (IS_CERTIFICATE.test(code) ? CERTIFICATE : IS_TLS.test(code) ? TLS : undefined)
  }
  if (message === 'bad port') return BLOCKED_PORT
  return causeIn(cause ?? errors?.[0], depth + 1)
}
