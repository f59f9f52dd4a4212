import { TransportError } from '../ports/transport.ts'
import type { TransportFailureReason, TransportRequest } from '../ports/transport.ts'

/**
 * Classifies the failure of an HTTP request: never sent, with the reason, or possibly sent. For transports, and for
 * connectors that send their own requests.
 * @param error the error that the HTTP client threw before the response started
 * @returns the abort reason if the request was aborted, else a `TransportError`
 */
export function transportError(error: unknown, request: TransportRequest): unknown {
  if (request.signal?.aborted === true) return request.signal.reason
  if (!(error instanceof Error) || error.name === 'AbortError' || error instanceof TransportError) return error
  const reason = reasonFor(error, request)
  return new TransportError(error.message, { sent: reason === undefined, reason, cause: error })
}

function reasonFor(error: Error, request: TransportRequest): TransportFailureReason | undefined {
  if (!/^https?:/i.test(request.url)) return URL.canParse(request.url) ? 'unsupported_scheme' : 'invalid_request'
  const chain = chainOf(error)
  for (const { code, syscall } of chain) {
    if (typeof code !== 'string') continue
    const reason = codes.get(code) ?? tlsReason(code)
    if (reason !== undefined) return reason
    if (syscall === 'connect') return code === 'ETIMEDOUT' ? 'connect_timeout' : 'unreachable'
    // A system code outside the table, such as ECONNRESET: nothing proves that no byte left.
    if (/^E[A-Z]+$/.test(code)) break
  }
  // Messages differ between runtimes, but every runtime refuses to construct a request that it refuses to send.
  if (isRefusedByPlatform(request)) return 'invalid_request'
  for (const { message } of chain) {
    const reason = typeof message === 'string' && wordings.find(([pattern]) => pattern.test(message))?.[1]
    if (reason) return reason
  }
  return undefined
}

interface Link {
  readonly code?: unknown
  readonly syscall?: unknown
  readonly message?: unknown
}

/** Returns the error and its causes, because runtimes put the code at different depths. */
function chainOf(error: unknown): readonly Link[] {
  const chain: Link[] = []
  let link = error
  while (typeof link === 'object' && link !== null && chain.length < MAX_CAUSES) {
    chain.push(link)
    const { cause, errors } = link as { readonly cause?: unknown; readonly errors?: readonly unknown[] }
    link = cause ?? errors?.[0]
  }
  return chain
}

const MAX_CAUSES = 5

/** Codes of failures before the first byte of the request is sent: Node and undici, then Bun. */
const codes: ReadonlyMap<string, TransportFailureReason> = new Map([
  ['ECONNREFUSED', 'refused'],
  ['ENOTFOUND', 'name_not_found'],
  ['EAI_AGAIN', 'name_not_found'],
  ['EAI_NODATA', 'name_not_found'],
  ['ENETUNREACH', 'unreachable'],
  ['EHOSTUNREACH', 'unreachable'],
  ['EADDRNOTAVAIL', 'unreachable'],
  ['UND_ERR_CONNECT_TIMEOUT', 'connect_timeout'],
  ['UND_ERR_INVALID_ARG', 'invalid_request'],
  ['UND_ERR_NOT_SUPPORTED', 'invalid_request'],
  ['ERR_INVALID_URL', 'invalid_request'],
  ['ERR_INVALID_CHAR', 'invalid_request'],
  ['ERR_INVALID_HTTP_TOKEN', 'invalid_request'],
  ['ERR_HTTP_INVALID_HEADER_VALUE', 'invalid_request'],
  ['ERR_UNESCAPED_CHARACTERS', 'invalid_request'],
  ['ConnectionRefused', 'refused'],
  ['FailedToOpenSocket', 'unreachable'],
  ['UnsupportedProtocol', 'unsupported_scheme'],
])

/** OpenSSL's codes for a rejected certificate. */
const CERTIFICATE =
  /^(?:ERR_TLS_CERT_|CERT_|CRL_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|INVALID_(?:CA|PURPOSE)$|HOSTNAME_MISMATCH$|PATH_LENGTH_EXCEEDED$|ERROR_IN_(?:CERT|CRL)_|UNKNOWN_CERTIFICATE_VERIFICATION_ERROR$)/

/**
 * Failures of the handshake, before a request is sent. Other alerts of TLS 1.3, such as a missing client certificate, can
 * arrive after the request.
 */
const HANDSHAKE =
  /^ERR_(?:TLS_|SSL_(?:WRONG_VERSION_NUMBER|UNSUPPORTED_PROTOCOL|UNKNOWN_PROTOCOL|NO_|WRONG_SSL_VERSION|VERSION_TOO_LOW|(?:TLSV1|SSLV3)_(?:ALERT_)?(?:HANDSHAKE_FAILURE|PROTOCOL_VERSION|UNRECOGNIZED_NAME|INSUFFICIENT_SECURITY|NO_APPLICATION_PROTOCOL)))/

const tlsReason = (code: string): TransportFailureReason | undefined =>
  CERTIFICATE.test(code) ? 'certificate' : HANDSHAKE.test(code) ? 'tls' : undefined

/** Messages of failures without a code: Node's `fetch`, Deno, workerd. */
const wordings: readonly (readonly [RegExp, TransportFailureReason])[] = [
  [/^(?:bad|blocked|unsafe) port\b|\bport is (?:blocked|not allowed)/i, 'blocked_port'],
  [/\bunknown scheme\b|\bscheme\b.*\bnot supported|^not implemented\.\.\. yet/i, 'unsupported_scheme'],
  [/invalid peer certificate|certificate is not trusted|\bself[- ]signed certificate\b/i, 'certificate'],
  [/\bEPROTO\b.*(?:wrong version number|handshake failure|unsupported protocol|protocol version)/i, 'tls'],
  [/\(connect\): .*\b(?:tls|handshake)\b/i, 'tls'],
  [/\bdns error\b|\bdns lookup failed|failed to lookup address/i, 'name_not_found'],
  [/\bconnection refused\b/i, 'refused'],
  [/\(connect\): |before secure TLS connection was established/i, 'unreachable'],
]

function isRefusedByPlatform({ url, method, headers, body }: TransportRequest): boolean {
  try {
    return new Request(url, { method, headers, ...(body !== undefined && { body }) }).url === ''
  } catch {
    return true
  }
}
