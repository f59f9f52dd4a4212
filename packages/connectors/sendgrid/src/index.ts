/** `@mcpclient/sendgrid`: e-mail over SendGrid's Web API v3, with an API key. */
export { sendgrid } from './sendgrid.ts'
export type { SendgridTypes } from './sendgrid.ts'
