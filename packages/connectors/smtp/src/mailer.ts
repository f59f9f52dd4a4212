import type { Email } from '@mcpclient/shapes'

/** A mail server, how to encrypt the connection, and the account. */
export interface MailServer {
  readonly host: string
  readonly port: number
  readonly security: 'starttls' | 'tls' | 'none'
  /** Undefined if the server wants no credential. */
  readonly login: Login | undefined
}

export type Login =
  | { readonly user: string; readonly pass: string }
  | { readonly user: string; readonly accessToken: string }

export type OutgoingEmail = Email & { readonly from: NonNullable<Email['from']> }

export interface MailContext {
  readonly signal: AbortSignal | undefined
  /** Sets whether the server may have the whole message. */
  sent(seen: boolean): void
}

/** The response of a server that accepted a message. */
export interface SentEmail {
  readonly messageId: string
  readonly accepted: string[]
  readonly rejected: { readonly address: string; readonly reply?: string | undefined }[]
  readonly reply: string
}

/** Speaks SMTP. `smtpMailer` of `@mcpclient/smtp/node` returns one. */
export interface Mailer {
  /** Connects and logs in. */
  verify(server: MailServer, context: MailContext): Promise<void>
  /**
   * Sends a message, and calls `context.sent(true)` before the server can have its end.
   * @throws TransportError or ConnectorError if the server did not accept the message, or may have
   */
  send(server: MailServer, email: OutgoingEmail, context: MailContext): Promise<SentEmail>
  /** Closes the idle sessions. */
  close(): Promise<void>
}
