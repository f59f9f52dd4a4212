import type { ConnectionOptions } from 'node:tls'
import type { Mailer } from '../mailer.ts'
import { composed } from './compose.ts'
import { refusalOf } from './failure.ts'
import { SessionPool } from './session-pool.ts'

export interface SmtpMailerOptions {
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
 * Returns a mailer over nodemailer. Close it on shutdown, after the client.
 *
 * A message whose end the server cannot have was not sent. It may have been if the connection is lost afterwards.
 *
 * @example
 * const mailer = smtpMailer()
 * createMcpClient({ connectors: { mail: smtp({ mailer, host: 'smtp.example.com', username, password, from }) } })
 */
export function smtpMailer(options: SmtpMailerOptions = {}): Mailer {
  const { connectTimeoutMs = 30_000, socketTimeoutMs = 120_000, idleMs = 30_000, maxMessages = 100 } = options
  const pool = new SessionPool({ ...options, connectTimeoutMs, socketTimeoutMs, idleMs, maxMessages })
  const refused = (error: unknown): never => {
    throw refusalOf(error) ?? error
  }
  return {
    async verify(server, { signal }) {
      await pool.use(server, signal, () => Promise.resolve()).catch(refused)
    },
    async send(server, email, context) {
      const message = await composed(email)
      context.signal?.throwIfAborted()
      const sending = pool.use(server, context.signal, (session) => session.send(message, context))
      const info = await sending.catch(refused)
      return {
        messageId: message.messageId,
        accepted: info.accepted,
        rejected: info.rejected.map((address) => ({
          address,
          reply: info.rejectedErrors?.find(({ recipient }) => recipient === address)?.response,
        })),
        reply: info.response,
      }
    },
    close() {
      pool.close()
      return Promise.resolve()
    },
  }
}
