import { defineConnector, get } from '@mcpclient/core/define'
import type { NamedFactory, TypesOfFactory } from '@mcpclient/core/define'
import { google, googleErrors, googleServiceAccount } from '@mcpclient/google'
import { includes } from './scopes.ts'
import { eventChannels, events as eventSync, isDeleted } from './sync.ts'
import { calendars } from './tools/calendars.ts'
import { events } from './tools/events.ts'

const service = {
  description: 'Read and write events, find free times, and keep calendars equal with tables of your own.',
  docs: 'https://developers.google.com/workspace/calendar/api/guides/overview',
  baseUrl: 'https://www.googleapis.com/calendar/v3/',
  // Source: https://developers.google.com/workspace/calendar/api/guides/quota
  limits: [
    { requests: 600, perMs: 60_000 },
    { requests: 10_000, perMs: 60_000, scope: 'app' },
  ],
  check: { request: get('users/me/calendarList/primary'), account: { id: 'id', name: 'summary' } },
  errors: googleErrors({
    // Google returns a deleted event with HTTP 200.
    code: 'status',
    refused: isDeleted,
    rows: { cancelled: { hint: 'Use another event: this one was deleted.' } },
  }),
  tools: { ...calendars, ...events },
  syncs: { events: eventSync },
  webhook: eventChannels,
} as const

const definition = defineConnector({
  ...service,
  id: 'google-calendar',
  name: 'Google Calendar',
  auth: google({ includes }),
})

const serviceAccount = defineConnector({
  ...service,
  id: 'google-calendar-service-account',
  name: 'Google Calendar',
  auth: googleServiceAccount(),
})

/** The tools, syncs and credential of Google Calendar, under one name for editors. */
export interface GoogleCalendarTypes extends TypesOfFactory<typeof definition> {}
/** The same with the credential of a service account. */
export interface GoogleCalendarServiceAccountTypes extends TypesOfFactory<typeof serviceAccount> {}

/**
 * Connects to the Google Calendars of users who sign in.
 *
 * @example
 * const mcp = createMcpClient({ connectors: { calendar: googleCalendar({ clientId, clientSecret }) }, vault: accounts })
 * const { items } = await mcp.as('user_ada').calendar.call('list_events', { timeMin: '2026-11-02T00:00:00Z' })
 */
export const googleCalendar: NamedFactory<typeof definition, GoogleCalendarTypes> = definition

/**
 * Connects to Google Calendar with a service account, for its own calendars or, with `subject`, for those of a user.
 *
 * @example
 * googleCalendarServiceAccount({ clientEmail: key.client_email, privateKey: key.private_key, subject: 'ada@example.com' })
 */
export const googleCalendarServiceAccount: NamedFactory<typeof serviceAccount, GoogleCalendarServiceAccountTypes> =
  serviceAccount
