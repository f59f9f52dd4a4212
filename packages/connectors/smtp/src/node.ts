/** `@mcpclient/smtp/node`: the transport that sends the requests of `@mcpclient/smtp` over SMTP, in Node. */
export { smtpTransport } from './node/smtp-transport.ts'
export type { SmtpTransportOptions } from './node/smtp-transport.ts'
