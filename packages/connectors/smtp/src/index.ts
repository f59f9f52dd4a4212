/** `@mcpclient/smtp`: e-mail through any mail server. `@mcpclient/smtp/node` has the mailer that speaks SMTP. */
export { smtp, smtpXoauth2 } from './smtp.ts'
export type { MailerOptions, SmtpOptions, SmtpTypes, SmtpXoauth2Options, SmtpXoauth2Types } from './smtp.ts'
export type { Login, MailContext, Mailer, MailServer, OutgoingEmail, SentEmail } from './mailer.ts'
