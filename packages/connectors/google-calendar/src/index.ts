/** `@mcpclient/google-calendar`: Google Calendar for users who sign in, or for a service account. */
export { googleCalendar, googleCalendarServiceAccount } from './google-calendar.ts'
export type { GoogleCalendarServiceAccountTypes, GoogleCalendarTypes } from './google-calendar.ts'
