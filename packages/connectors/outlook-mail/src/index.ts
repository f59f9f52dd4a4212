/** `@mcpclient/outlook-mail`: Outlook Mail for users who sign in with a Microsoft account. */
export { outlookMail } from './outlook-mail.ts'
export type { OutlookMailTypes } from './outlook-mail.ts'
