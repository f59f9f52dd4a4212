import { defineConnector } from '@mcpclient/core/define'
import type { NamedFactory, TypesOfFactory } from '@mcpclient/core/define'
import { google, googleErrors, googleServiceAccount } from '@mcpclient/google'
import { getProfile } from './requests.ts'
import { includes } from './scopes.ts'
import { mailboxPush, messages as messageSync, Settings } from './sync.ts'
import { drafts } from './tools/drafts.ts'
import { labels } from './tools/labels.ts'
import { mailbox } from './tools/mailbox.ts'
import { messages } from './tools/messages.ts'
import { sendEmail } from './tools/send-email.ts'
import { threads } from './tools/threads.ts'

const service = {
  description:
    'Send, search and read e-mail, work with labels, threads and drafts, and keep messages in your own tables.',
  docs: 'https://developers.google.com/workspace/gmail/api/guides',
  baseUrl: 'https://gmail.googleapis.com/gmail/v1/',
  settings: Settings,
  // Quota units, which every request names as its cost. Source: https://developers.google.com/workspace/gmail/api/reference/quota
  limits: [
    { requests: 15_000, perMs: 60_000 },
    { requests: 1_200_000, perMs: 60_000, scope: 'app' },
  ],
  check: { request: getProfile, account: { id: 'emailAddress', name: 'emailAddress' } },
  errors: googleErrors({
    rows: {
      domainPolicy: { hint: "Ask the domain's administrator: Gmail is switched off for apps or for this user." },
    },
  }),
  tools: { ...sendEmail, ...messages, ...threads, ...labels, ...drafts, ...mailbox },
  syncs: { messages: messageSync },
  webhook: mailboxPush,
} as const

const definition = defineConnector({ ...service, id: 'gmail', name: 'Gmail', auth: google({ includes }) })

const serviceAccount = defineConnector({
  ...service,
  id: 'gmail-service-account',
  name: 'Gmail',
  auth: googleServiceAccount(),
})

/** The tools, syncs and credential of Gmail, under one name for editors. */
export interface GmailTypes extends TypesOfFactory<typeof definition> {}
/** The same with the credential of a service account. */
export interface GmailServiceAccountTypes extends TypesOfFactory<typeof serviceAccount> {}

/**
 * Connects to the Gmail of users who sign in.
 *
 * @example
 * const mcp = createMcpClient({ connectors: { mail: gmail({ clientId, clientSecret }) }, vault: accounts })
 * await mcp.as('user_ada').mail.call('send_email', { to: ['bo@example.com'], subject: 'Count', text: '12 egrets.' })
 */
export const gmail: NamedFactory<typeof definition, GmailTypes> = definition

/**
 * Connects to the Gmail of a user of a domain with a service account. `subject` is the user.
 *
 * @example
 * gmailServiceAccount({ clientEmail: key.client_email, privateKey: key.private_key, subject: 'ada@example.com' })
 */
export const gmailServiceAccount: NamedFactory<typeof serviceAccount, GmailServiceAccountTypes> = serviceAccount
