/** `@mcpclient/smtp/node`: the mailer that speaks SMTP, in Node. */
export { smtpMailer } from './node/smtp-mailer.ts'
export type { SmtpMailerOptions } from './node/smtp-mailer.ts'
