/** `@mcpclient/google-contacts`: Google Contacts for users who sign in, or for a service account. */
export { googleContacts, googleContactsServiceAccount } from './google-contacts.ts'
export type { GoogleContactsServiceAccountTypes, GoogleContactsTypes } from './google-contacts.ts'
