import type { ConnectionOptions } from 'node:tls'
import { ConnectorError, kyTransport } from '@mcpclient/core'
import type { Transport, TransportRequest, TransportResponse } from '@mcpclient/core'
import { composed } from './compose.ts'
import { refusalOf } from './failure.ts'
import { SessionPool } from './session-pool.ts'
import { isSmtp, readSmtpRequest } from './smtp-request.ts'
import type { Server, SmtpRequest } from './smtp-request.ts'

export interface SmtpTransportOptions {
  /**
   * The mail servers that connections may use: exact, or `*.example.com` for the subdomains. A tenant may set the host of a
   * connection, so that every other one is refused.
   */
  readonly hosts: readonly string[]
  /** Sends the requests of all other connectors. @default kyTransport() */
  readonly http?: Transport | undefined
  /** Options of TLS, such as the certificate of a private authority (`ca`). */
  readonly tls?: ConnectionOptions | undefined
  /** The name of this host in EHLO. @default the name of this machine */
  readonly name?: string | undefined
  /** Time limit of connecting, and of the greeting. @default 30_000 */
  readonly connectTimeoutMs?: number | undefined
  /** Time after which a silent server counts as lost. @default 120_000 */
  readonly socketTimeoutMs?: number | undefined
  /** Time for which a session is kept open after a message. @default 30_000 */
  readonly idleMs?: number | undefined
  /** Messages after which a session is closed. @default 100 */
  readonly maxMessages?: number | undefined
}

/**
 * Returns a transport that sends the requests of `@mcpclient/smtp` over SMTP, with nodemailer, and all others over HTTP.
 *
 * It rejects as the port says: with `sent: false` if the server cannot have accepted the message, and with `sent: true` if the
 * connection was lost after the whole message was sent.
 *
 * @example
 * createMcpClient({ connectors, transport: smtpTransport({ hosts: ['smtp.example.com'], http: undiciTransport() }) })
 */
export function smtpTransport({ hosts, http = kyTransport(), ...options }: SmtpTransportOptions): Transport {
  const { connectTimeoutMs = 30_000, socketTimeoutMs = 120_000, idleMs = 30_000, maxMessages = 100 } = options
  const pool = new SessionPool({ ...options, connectTimeoutMs, socketTimeoutMs, idleMs, maxMessages })
  return {
    async send(request) {
      if (!isSmtp(request)) return http.send(request)
      request.signal?.throwIfAborted()
      const smtpRequest = readSmtpRequest(request)
      assertAllowed(smtpRequest.server, hosts)
      try {
        return responseOf(200, await sendSmtp(pool, smtpRequest, request))
      } catch (error) {
        const refusal = refusalOf(error)
        if (refusal === undefined) throw error
        return responseOf(refusal.status, refusal.body)
      }
    },
    prewarm: () => http.prewarm?.() ?? Promise.resolve(),
    async close() {
      pool.close()
      await http.close?.()
    },
  }
}

async function sendSmtp(
  pool: SessionPool,
  { server, email }: SmtpRequest,
  { signal }: TransportRequest,
): Promise<object> {
  if (email === undefined) {
    await pool.use(server, signal, () => Promise.resolve())
    return { username: server.login?.user }
  }
  const message = await composed(email)
  const info = await pool.use(server, signal, (session) => session.send(message, signal))
  return {
    messageId: message.messageId,
    accepted: info.accepted,
    rejected: info.rejected.map((address) => ({
      address,
      reply: info.rejectedErrors?.find(({ recipient }) => recipient === address)?.response,
    })),
    reply: info.response,
  }
}

const LOOPBACK = new Set(['localhost', '127.0.0.1'])

function assertAllowed({ host, security }: Server, hosts: readonly string[]): void {
  const isListed = hosts.some((each) => (each.startsWith('*.') ? host.endsWith(each.slice(1)) : each === host))
  if (!isListed) {
    throw new ConnectorError('PERMISSION_DENIED', `No mail may be sent through ${host}.`, {
      outcome: 'not_processed',
      hint: 'Add the host to smtpTransport({ hosts }).',
    })
  }
  if (security === 'none' && !LOOPBACK.has(host)) {
    throw new ConnectorError('CONFIGURATION_ERROR', `The connection to ${host} would not be encrypted.`, {
      outcome: 'not_processed',
      hint: "Set security to 'starttls' or 'tls'. 'none' is for a server on this machine.",
    })
  }
}

/** Returns a reply of a server in the form of an HTTP response. */
function responseOf(status: number, body: object): TransportResponse {
  const text = JSON.stringify(body)
  return {
    status,
    headers: { get: (name) => (name === 'content-type' ? 'application/json' : null) },
    text: () => Promise.resolve(text),
    bytes: () => Promise.resolve(new TextEncoder().encode(text)),
    stream: () => new Blob([text]).stream(),
  }
}
