/** `@mcpclient/outlook-calendar`: the Outlook calendars of users who sign in with a Microsoft account. */
export { outlookCalendar } from './outlook-calendar.ts'
export type { OutlookCalendarTypes } from './outlook-calendar.ts'
