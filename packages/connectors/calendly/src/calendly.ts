import { defineConnector, get, oauth2 } from '@mcpclient/core/define'
import type { NamedFactory, TypesOfFactory } from '@mcpclient/core/define'
import { errors } from './errors.ts'
import { events, subscriptions } from './events.ts'
import { availability } from './tools/availability.ts'
import { eventTypes } from './tools/event-types.ts'
import { invitees } from './tools/invitees.ts'
import { scheduledEvents } from './tools/scheduled-events.ts'
import { users } from './tools/users.ts'

// Sources: https://developer.calendly.com/docs/authentication/scopes and .../create-an-oauth-app
const auth = oauth2({
  label: 'Personal access token',
  description: 'A token of https://calendly.com/integrations/api_webhooks.',
  authorizationUrl: 'https://auth.calendly.com/oauth/authorize',
  tokenUrl: 'https://auth.calendly.com/oauth/token',
  revocationUrl: 'https://auth.calendly.com/oauth/revoke',
  clientAuthentication: 'post',
  covers: (granted, wanted) => granted.replace(/:write$/, ':read') === wanted,
  // A used refresh token ends with invalid_grant.
  refresh: { rotation: 'single_use' },
})

const definition = defineConnector({
  id: 'calendly',
  name: 'Calendly',
  description: 'Read the schedule of a Calendly user, cancel events, and create scheduling links.',
  docs: 'https://developer.calendly.com/api-docs',
  baseUrl: 'https://api.calendly.com/',
  auth,
  errors,
  // Of a user with a paid plan; 50 with a free one. Source: https://developer.calendly.com/api-docs/overview/rate-limits
  limits: [{ requests: 500, perMs: 60_000 }],
  limitHeaders: { reset: 'seconds' },
  check: { request: get('users/me'), account: { id: 'resource.uri', name: 'resource.email' } },
  tools: { ...users, ...eventTypes, ...availability, ...scheduledEvents, ...invitees },
  events,
  webhook: subscriptions,
})

/** The tools and credential of Calendly, under one name for editors. */
export interface CalendlyTypes extends TypesOfFactory<typeof definition> {}

/**
 * Connects to Calendly, for users who sign in or with one token.
 *
 * @example
 * const mcp = createMcpClient({ connectors: { calendly: calendly({ token: env.CALENDLY_TOKEN }) } })
 * await mcp.as('ada').calendly.call('get_current_user', {})
 */
export const calendly: NamedFactory<typeof definition, CalendlyTypes> = definition
