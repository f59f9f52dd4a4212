/** `@mcpclient/mailchimp`: audiences and campaigns of Mailchimp, and e-mail over Mailchimp Transactional. */
export { mailchimp, mailchimpApiKey } from './mailchimp.ts'
export type { MailchimpApiKeyTypes, MailchimpTypes } from './mailchimp.ts'
export { mailchimpTransactional } from './mailchimp-transactional.ts'
export type { MailchimpTransactionalTypes } from './mailchimp-transactional.ts'
