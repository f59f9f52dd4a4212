/** `@mcpclient/outlook-contacts`: the contacts of Outlook, for users who sign in with a Microsoft account. */
export { outlookContacts } from './outlook-contacts.ts'
export type { OutlookContactsTypes } from './outlook-contacts.ts'
