import { Readable } from 'node:stream'
import type { ConnectionOptions } from 'node:tls'
import { ConnectorError, TransportError } from '@mcpclient/core'
import SMTPConnection from 'nodemailer/lib/smtp-connection'
import type { SMTPError, SentMessageInfo } from 'nodemailer/lib/smtp-connection'
import XOAuth2 from 'nodemailer/lib/xoauth2'
import type { Login, MailContext, MailServer } from '../mailer.ts'
import type { Composed } from './compose.ts'
import { failureReason } from './failure.ts'

export interface SessionOptions {
  /** Options of TLS, such as the certificate of a private authority (`ca`). */
  readonly tls?: ConnectionOptions | undefined
  /** The name of this host in EHLO. @default the name of this machine */
  readonly name?: string | undefined
  readonly connectTimeoutMs: number
  readonly socketTimeoutMs: number
}

const CHUNK_BYTES = 65_536

/** A message that reports when the server may have all of it. Without its end, a server must not deliver it (RFC 5321). */
class Content extends Readable {
  isComplete = false
  readonly #onComplete: () => void
  #rest: Buffer

  constructor(content: Buffer, onComplete: () => void) {
    super()
    this.#rest = content
    this.#onComplete = onComplete
  }

  override _read(): void {
    this.isComplete = this.#rest.length === 0
    if (this.isComplete) this.#onComplete()
    this.push(this.isComplete ? null : this.#rest.subarray(0, CHUNK_BYTES))
    this.#rest = this.#rest.subarray(CHUNK_BYTES)
  }
}

/** One connection to a mail server, which has said who it is. */
export class Session {
  readonly #connection: SMTPConnection
  readonly #address: string
  /** Called when the connection ends, with the reason. */
  #onEnd: (error: SMTPError) => void = () => undefined
  isOpen = true
  sent = 0

  private constructor(server: MailServer, options: SessionOptions) {
    const { host, port, security } = server
    this.#address = `${host}:${port}`
    this.#connection = new SMTPConnection({
      host,
      port,
      secure: security === 'tls',
      requireTLS: security === 'starttls',
      ignoreTLS: security === 'none',
      name: options.name,
      tls: options.tls,
      connectionTimeout: options.connectTimeoutMs,
      greetingTimeout: options.connectTimeoutMs,
      socketTimeout: options.socketTimeoutMs,
    })
    const end = (error: SMTPError): void => {
      this.isOpen = false
      this.#onEnd(error)
    }
    // It stays, because an error of a connection that nothing waits for must not end the process.
    this.#connection.on('error', end)
    this.#connection.once('end', () => {
      end(new Error('The connection ended.'))
    })
  }

  /**
   * Connects and logs in.
   * @throws TransportError or ConnectorError MCP_CONNECTION_ERROR if no reply arrives; nothing was sent
   * @throws SMTPError with the reply of the server
   */
  static async open(server: MailServer, options: SessionOptions, signal: AbortSignal | undefined): Promise<Session> {
    const session = new Session(server, options)
    try {
      await session.#until(signal, (done) => {
        session.#connection.connect(done)
      })
      const { login } = server
      if (login !== undefined) {
        await session.#until(signal, (done) => {
          session.#connection.login(credentialOf(login), done)
        })
      }
      return session
    } catch (error) {
      session.close()
      throw session.#neverSent(error)
    }
  }

  /**
   * Sends a message.
   * @throws TransportError or ConnectorError MCP_CONNECTION_ERROR if no reply arrives
   * @throws SMTPError with the reply of the server, which has not accepted the message
   */
  async send({ envelope, content }: Composed, { signal, sent }: MailContext): Promise<SentMessageInfo> {
    const message = new Content(content, () => {
      sent(true)
    })
    this.sent++
    try {
      return await this.#until<SentMessageInfo>(signal, (done) => {
        this.#connection.send(envelope, message, (error, info) => {
          done(error, info)
        })
      })
    } catch (error) {
      if (!message.isComplete) throw this.#neverSent(error)
      if (hasReply(error) || signal?.aborted === true) throw error
      throw new TransportError('The connection was lost before the server replied.', { sent: true, cause: error })
    }
  }

  /** Prepares the session for another message. Resolves to false if it cannot be used again. */
  async reset(): Promise<boolean> {
    return this.#until(undefined, (done) => {
      this.#connection.reset(done)
    }).then(
      () => this.isOpen,
      () => false,
    )
  }

  /** Says goodbye to the server, and closes the connection. */
  quit(): void {
    this.isOpen = false
    this.#connection.quit()
  }

  /** Closes the connection at once. */
  close(): void {
    this.isOpen = false
    this.#connection.close()
  }

  /** Returns a reply of the server as it is, and any other error as a failure before the message was sent. */
  #neverSent(error: unknown): unknown {
    if (hasReply(error) || ConnectorError.is(error) || !(error instanceof Error) || error.name === 'AbortError')
      return error
    const { code } = error as SMTPError
    // The server announced a smaller limit, or it needs another way to log in.
    if (code === 'EMESSAGE' || code === 'EAUTH' || code === 'EOAUTH2') return error
    const reason = failureReason(error)
    if (reason === 'certificate' || reason === 'tls') {
      return new TransportError(error.message, { sent: false, reason, cause: error })
    }
    return new ConnectorError(
      'MCP_CONNECTION_ERROR',
      `The mail server could not be reached at ${this.#address}.`,
      { reason, outcome: 'not_processed' },
      { cause: error },
    )
  }

  /** Waits for a callback, for the end of the connection, or for the caller's abort, which closes the connection. */
  #until<Result = unknown>(
    signal: AbortSignal | undefined,
    start: (done: (error?: SMTPError | null, result?: Result) => void) => void,
  ): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      const settle = (end: () => void): void => {
        signal?.removeEventListener('abort', onAbort)
        this.#onEnd = () => undefined
        end()
      }
      const onAbort = (): void => {
        settle(() => {
          reject(signal?.reason as Error)
        })
        this.close()
      }
      this.#onEnd = (error) => {
        settle(() => {
          reject(error)
        })
      }
      if (signal?.aborted === true) return onAbort()
      signal?.addEventListener('abort', onAbort)
      start((error, result) => {
        settle(() => {
          if (error) reject(error)
          else resolve(result as Result)
        })
      })
    })
  }
}

const credentialOf = (login: Login) =>
  'pass' in login
    ? login
    : { type: 'OAUTH2', method: 'XOAUTH2', user: login.user, oauth2: new XOAuth2({ ...login, expires: 0 }) }

const hasReply = (error: unknown): boolean => error instanceof Error && 'responseCode' in error && !!error.responseCode
