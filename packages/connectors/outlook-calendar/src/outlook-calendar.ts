import { defineConnector, get } from '@mcpclient/core/define'
import type { NamedFactory, TypesOfFactory } from '@mcpclient/core/define'
import { GRAPH_URL, graphErrors, MAILBOX_LIMITS, microsoft, microsoftSettings, prefer } from '@mcpclient/microsoft'
import { includes } from './scopes.ts'
import { eventNotifications, events as eventSync } from './sync.ts'
import { calendars } from './tools/calendars.ts'
import { events } from './tools/events.ts'

const definition = defineConnector({
  id: 'outlook-calendar',
  name: 'Outlook Calendar',
  description:
    'Read and write events, respond to invitations, find free times, and keep calendars equal with tables of your own.',
  docs: 'https://learn.microsoft.com/graph/outlook-calendar-concept-overview',
  baseUrl: GRAPH_URL,
  headers: prefer(),
  auth: microsoft({ includes }),
  settings: microsoftSettings,
  limits: MAILBOX_LIMITS,
  check: { request: get('me/calendar'), account: { id: 'owner.address', name: 'owner.name' } },
  errors: graphErrors(),
  tools: { ...calendars, ...events },
  syncs: { events: eventSync },
  webhook: eventNotifications,
})

/** The tools, syncs and credential of Outlook Calendar, under one name for editors. */
export interface OutlookCalendarTypes extends TypesOfFactory<typeof definition> {}

/**
 * Connects to the Outlook calendars of users who sign in with a Microsoft account.
 *
 * @example
 * const mcp = createMcpClient({ connectors: { calendar: outlookCalendar({ clientId, clientSecret }) }, vault: accounts })
 * const { value } = await mcp.as('user_ada').calendar.call('list_events', { startDateTime, endDateTime })
 */
export const outlookCalendar: NamedFactory<typeof definition, OutlookCalendarTypes> = definition
