/** `@mcpclient/gmail`: Gmail for users who sign in, or for a service account that acts for a user. */
export { gmail, gmailServiceAccount } from './gmail.ts'
export type { GmailServiceAccountTypes, GmailTypes } from './gmail.ts'
