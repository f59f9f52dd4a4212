import { bearer, defineConnector, get, withSigningSecret } from '@mcpclient/core/define'
import type { NamedFactory, TypesOfFactory } from '@mcpclient/core/define'
import { errors } from './errors.ts'
import { eventWebhook, events } from './events.ts'
import { Settings } from './shapes.ts'
import { account } from './tools/account.ts'
import { eventWebhooks } from './tools/event-webhooks.ts'
import { scheduledEmail } from './tools/scheduled-email.ts'
import { sendEmail } from './tools/send-email.ts'
import { suppressions } from './tools/suppressions.ts'
import { templates } from './tools/templates.ts'

const HOSTS = { global: 'api.sendgrid.com', eu: 'api.eu.sendgrid.com' } as const

const definition = defineConnector({
  id: 'sendgrid',
  name: 'SendGrid',
  description: 'Send e-mail and templates, schedule them, and work with suppressions, templates and statistics.',
  docs: 'https://www.twilio.com/docs/sendgrid/api-reference',
  settings: Settings,
  baseUrl: ({ settings: { region } }) => `https://${HOSTS[region]}/v3/`,
  auth: withSigningSecret(bearer({ label: 'API key', description: 'An API key of SendGrid, which begins with SG.' }), {
    label: 'Verification key',
    description: 'The public key of the event webhook.',
    secret: false,
  }),
  // Any key may read its own scopes, and a key that only sends can read nothing else.
  check: { request: get('scopes') },
  errors,
  // Source: https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/rate-limits
  limitHeaders: { reset: 'epoch-seconds' },
  tools: { ...sendEmail, ...scheduledEmail, ...templates, ...suppressions, ...account, ...eventWebhooks },
  events,
  webhook: eventWebhook,
})

/** The tools, settings, events and credential of SendGrid, under one name for editors. */
export interface SendgridTypes extends TypesOfFactory<typeof definition> {}

/**
 * Connects to SendGrid with an API key.
 *
 * @example
 * const mcp = createMcpClient({ connectors: { mail: sendgrid({ token: env.SENDGRID_API_KEY, from: 'ada@example.com' }) } })
 * await mcp.as('user_ada').mail.call('send_email', { to: ['bo@example.com'], subject: 'Count', text: '12 egrets.' })
 */
export const sendgrid: NamedFactory<typeof definition, SendgridTypes> = definition
