import { basic, defineConnector, oauth2, post } from '@mcpclient/core/define'
import type { NamedFactory, TypesOfFactory } from '@mcpclient/core/define'
import { errors } from './errors.ts'
import { sendEmail } from './send-email.ts'
import { baseUrl, SMTP_JSON, Settings, Xoauth2Settings } from './settings.ts'

const service = {
  name: 'SMTP',
  description: 'Send e-mail through a mail server.',
  docs: 'https://www.rfc-editor.org/rfc/rfc5321',
  jsonType: SMTP_JSON,
  errors,
  // Servers limit connections to a handful for each user.
  limits: [{ concurrent: 5 }],
  // A server may take minutes to accept a message. Source: RFC 5321, section 4.5.3.2
  timeoutMs: 120_000,
  tools: sendEmail,
} as const

const account = { id: 'username', name: 'username' } as const

const definition = defineConnector({
  ...service,
  id: 'smtp',
  settings: Settings,
  baseUrl,
  auth: basic(),
  check: { request: post('verify', {}), account },
})

const xoauth2 = defineConnector({
  ...service,
  id: 'smtp-xoauth2',
  settings: Xoauth2Settings,
  baseUrl,
  // The endpoints of Google: the host passes those of another provider.
  // Source: https://developers.google.com/workspace/gmail/imap/xoauth2-protocol
  auth: oauth2({
    label: 'Access token',
    authorizationUrl: 'https://accounts.google.com/o/oauth2/v2/auth',
    tokenUrl: 'https://oauth2.googleapis.com/token',
    scopes: ['https://mail.google.com/'],
    authorize: { params: { access_type: 'offline', prompt: 'consent' } },
    refresh: { rotation: 'rotate' },
    revoke: false,
  }),
  check: { request: ({ settings: { username } }) => post('verify', { username }), account },
})

/** The tools, settings and credential of a mail server, under one name for editors. */
export interface SmtpTypes extends TypesOfFactory<typeof definition> {}
/** The same with OAuth tokens. */
export interface SmtpXoauth2Types extends TypesOfFactory<typeof xoauth2> {}

/**
 * Connects to a mail server with a user name and a password. Compose `smtpTransport` of `@mcpclient/smtp/node` as the
 * transport of the client.
 *
 * @example
 * const mcp = createMcpClient({
 *   connectors: { mail: smtp({ host: 'smtp.example.com', username, password, from: 'ada@example.com' }) },
 *   transport: smtpTransport({ hosts: ['smtp.example.com'] }),
 * })
 * await mcp.as('user_ada').mail.call('send_email', { to: ['bo@example.com'], subject: 'Count', text: '12 egrets.' })
 */
export const smtp: NamedFactory<typeof definition, SmtpTypes> = definition

/**
 * Connects to a mail server with OAuth tokens (XOAUTH2), such as those of Google and Microsoft.
 *
 * @example
 * smtpXoauth2({ host: 'smtp.gmail.com', username: 'ada@example.com', from: 'ada@example.com', clientId, clientSecret })
 */
export const smtpXoauth2: NamedFactory<typeof xoauth2, SmtpXoauth2Types> = xoauth2
