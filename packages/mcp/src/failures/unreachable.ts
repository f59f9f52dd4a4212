import { ConnectorError, TransportError } from '@mcpclient/core'
import { transportError } from '@mcpclient/core/transports'
import type { ErrorCode, TransportFailureReason } from '@mcpclient/core'

/** The reason why a request was never sent. `CONFIGURATION_ERROR` marks causes that no second attempt can fix. */
interface Cause {
  readonly why: string
  readonly hint: string
  readonly code: ErrorCode
}

const network = (why: string): Cause => ({
  why,
  hint: 'Check that the server runs, and that its host and port are right.',
  code: 'MCP_CONNECTION_ERROR',
})

const causes: Readonly<Record<TransportFailureReason, Cause>> = {
  refused: network('the connection was refused'),
  unreachable: network('there is no route to it'),
  connect_timeout: network('it did not accept the connection in time'),
  name_not_found: {
    why: 'there is no such host',
    hint: 'Check the host name in the url.',
    code: 'CONFIGURATION_ERROR',
  },
  certificate: {
    why: 'its certificate was not accepted',
    hint: 'Fix the certificate, or let this process trust its authority (NODE_EXTRA_CA_CERTS in Node).',
    code: 'MCP_CONNECTION_ERROR',
  },
  tls: {
    why: 'the TLS handshake failed',
    hint: 'Check that the port speaks https, and the TLS versions that both sides allow.',
    code: 'MCP_CONNECTION_ERROR',
  },
  blocked_port: {
    why: 'fetch does not connect to its port',
    hint: 'Serve it on another port, or pass a `fetch` that connects to this one.',
    code: 'CONFIGURATION_ERROR',
  },
  unsupported_scheme: {
    why: 'fetch does not support the scheme of its url',
    hint: 'Pass an https: or http: url.',
    code: 'CONFIGURATION_ERROR',
  },
  invalid_request: {
    why: 'the request cannot be written as HTTP',
    hint: 'Check `headers` and the credential: neither may hold line breaks or characters beyond Latin-1.',
    code: 'CONFIGURATION_ERROR',
  },
}

const LOOKUP_FAILED = network('its host name could not be resolved')

/** Returns the error for a request without a response, with its cause if the runtime names one. */
export function unreachable(error: unknown, url: URL, init: RequestInit, serverId: string): ConnectorError {
  const { method = 'GET', headers, body } = init
  const request = {
    url: url.href,
    method,
    headers: Object.fromEntries(new Headers(headers)),
    body: typeof body === 'string' ? body : undefined,
  }
  const failure = transportError(error, request)
  const reason = failure instanceof TransportError ? failure.reason : undefined
  if (reason === undefined) {
    return new ConnectorError('MCP_CONNECTION_ERROR', `${serverId} could not be reached.`, {}, { cause: error })
  }
  const { code, why, hint } = reason === 'name_not_found' && mayPass(error) ? LOOKUP_FAILED : causes[reason]
  const details = { reason, outcome: 'not_processed', hint } as const
  return new ConnectorError(code, `${serverId} could not be reached: ${why}.`, details, { cause: error })
}

/** Returns whether the resolver failed (EAI_AGAIN) instead of not knowing the name. */
function mayPass(error: unknown): boolean {
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: { readonly code?: unknown } }
  return (code ?? cause?.code) === 'EAI_AGAIN'
}
