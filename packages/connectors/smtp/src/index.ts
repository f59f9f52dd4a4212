/** `@mcpclient/smtp`: e-mail through any mail server. `@mcpclient/smtp/node` has the transport that speaks SMTP. */
export { smtp, smtpXoauth2 } from './smtp.ts'
export type { SmtpTypes, SmtpXoauth2Types } from './smtp.ts'
