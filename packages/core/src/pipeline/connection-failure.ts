import { ConnectorError } from '../errors/connector-error.ts'
import { TransportError } from '../ports/transport.ts'

/**
 * Converts the failure of a transport to the caller's error. The message of the failure is omitted, because it may contain
 * a header.
 * @param at the destination of the request, such as its origin
 */
export function connectionFailure(failure: unknown, serverId: string, at?: string): ConnectorError {
  const reason = failure instanceof TransportError ? failure.reason : undefined
  const place = at ?? serverId
  const options = { cause: failure }
  switch (reason) {
    case 'invalid_request':
      return new ConnectorError(
        'CONFIGURATION_ERROR',
        `The request to ${serverId} cannot be written as HTTP.`,
        { reason, outcome: 'not_processed', hint: 'Check the headers, the method and the path of the connector.' },
        options,
      )
    case 'blocked_port':
    case 'unsupported_scheme':
      return new ConnectorError(
        'CONFIGURATION_ERROR',
        `fetch does not connect to ${place}: its ${reason === 'blocked_port' ? 'port is blocked' : 'scheme is unsupported'}.`,
        { reason, outcome: 'not_processed', hint: 'Use another address, or another transport.' },
        options,
      )
    case 'certificate':
    case 'tls': {
      const why = reason === 'tls' ? 'the TLS handshake failed' : certificateProblem(failure)
      return new ConnectorError(
        'MCP_CONNECTION_ERROR',
        `${serverId} could not be reached securely at ${place}: ${why}.`,
        { reason, hint: 'Fix the certificate, or let this process trust its authority (NODE_EXTRA_CA_CERTS in Node).' },
        options,
      )
    }
    case 'name_not_found':
    case 'refused':
    case 'unreachable':
    case 'connect_timeout':
    case undefined:
      return new ConnectorError(
        'MCP_CONNECTION_ERROR',
        at === undefined ? `${serverId} could not be reached.` : `${serverId} could not be reached at ${at}.`,
        { reason },
        options,
      )
  }
}

/** Messages and OpenSSL codes of certificate problems, as the runtimes spell them. */
const problems: readonly (readonly [RegExp, string])[] = [
  [/SELF_SIGNED|self[- ]signed/i, 'self-signed certificate'],
  [/CERT_HAS_EXPIRED|expired/i, 'the certificate has expired'],
  [/NOT_YET_VALID|not yet valid/i, 'the certificate is not valid yet'],
  [/ALTNAME|HOSTNAME|NotValidForName|not valid for/i, 'the certificate belongs to another host name'],
  [/REVOKED|revoked/i, 'the certificate has been revoked'],
  [/UNABLE_TO|UNTRUSTED|UnknownIssuer|not trusted/i, 'the certificate comes from an unknown authority'],
]

function certificateProblem(failure: unknown): string {
  let link = failure
  for (let depth = 0; depth < 5 && link instanceof Error; depth++) {
    const text = `${String((link as { readonly code?: unknown }).code)} ${link.message}`
    const known = problems.find(([pattern]) => pattern.test(text))
    if (known) return known[1]
    link = link.cause
  }
  return 'the certificate was not accepted'
}
