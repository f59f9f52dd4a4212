import { apiKey, defineConnector, errorTable, post, withSigningSecret } from '@mcpclient/core/define'
import type { ErrorRow, NamedFactory, TypesOfFactory } from '@mcpclient/core/define'
import { messageEvents, messageWebhook } from './transactional/events.ts'
import { messages } from './transactional/messages.ts'
import { sendEmail } from './transactional/send-email.ts'
import { Settings } from './transactional/shapes.ts'

const refused: ErrorRow = { code: 'MCP_CLIENT_ERROR', notProcessed: true }

// Most errors have the status 500, so the name decides. Source: https://mandrillapp.com/api/docs/messages.html
const errors = errorTable(
  { code: 'name', message: 'message' },
  {
    Invalid_Key: { code: 'MCP_AUTHENTICATION_FAILURE', notProcessed: true },
    'ValidationError Unknown_Message': refused,
    Unknown_Template: { ...refused, hint: 'Check template_name: list_templates returns it as slug.' },
    Unknown_Subaccount: { ...refused, hint: 'Check subaccount: the account has none with this id.' },
    PaymentRequired: { code: 'QUOTA_EXCEEDED', notProcessed: true, hint: 'Upgrade the plan.' },
  },
)

const definition = defineConnector({
  id: 'mailchimp-transactional',
  name: 'Mailchimp Transactional',
  description: 'Send e-mail and templates with Mailchimp Transactional (Mandrill), and find what was sent.',
  docs: 'https://mailchimp.com/developer/transactional/api/',
  settings: Settings,
  baseUrl: 'https://mandrillapp.com/api/1.0/',
  auth: withSigningSecret(
    apiKey({ member: 'key', description: 'An API key of Mailchimp Transactional, which begins with md-.' }),
    { label: 'Webhook key', description: 'The key of the webhook, as Mailchimp Transactional shows it.' },
  ),
  check: { request: post('users/info', {}), account: { id: 'public_id', name: 'username' } },
  errors,
  tools: { ...sendEmail, ...messages },
  events: messageEvents,
  webhook: messageWebhook,
})

/** The tools, settings, events and credential of Mailchimp Transactional, under one name for editors. */
export interface MailchimpTransactionalTypes extends TypesOfFactory<typeof definition> {}

/**
 * Connects to Mailchimp Transactional (Mandrill) with an API key, which is another one than that of Mailchimp.
 *
 * @example
 * const mail = mailchimpTransactional({ apiKey: env.MANDRILL_API_KEY, from: 'ada@example.com' })
 * await createMcpClient({ connectors: { mail } })
 *   .as('user_ada')
 *   .mail.call('send_email', { to: ['bo@example.com'], subject: 'Count', text: '12 egrets.' })
 */
export const mailchimpTransactional: NamedFactory<typeof definition, MailchimpTransactionalTypes> = definition
