import { defineConnector, get } from '@mcpclient/core/define'
import type { NamedFactory, TypesOfFactory } from '@mcpclient/core/define'
import { GRAPH_URL, graphErrors, MAILBOX_LIMITS, microsoft, microsoftSettings, prefer } from '@mcpclient/microsoft'
import { folderChanges, messages as messageSync } from './sync.ts'
import { attachments } from './tools/attachments.ts'
import { drafts } from './tools/drafts.ts'
import { folders } from './tools/folders.ts'
import { messages } from './tools/messages.ts'
import { sendEmail } from './tools/send-email.ts'

const definition = defineConnector({
  id: 'outlook-mail',
  name: 'Outlook Mail',
  description: 'Send, search and read e-mail, work with folders and drafts, and keep messages in your own tables.',
  docs: 'https://learn.microsoft.com/graph/outlook-mail-concept-overview',
  baseUrl: GRAPH_URL,
  headers: prefer(),
  auth: microsoft(),
  settings: microsoftSettings,
  limits: MAILBOX_LIMITS,
  check: { request: get('me/mailFolders/inbox', { $select: 'id' }) },
  errors: graphErrors({
    rows: {
      ErrorFolderExists: { hint: 'Use the folder with this name: it exists.' },
      ErrorInvalidRecipients: { hint: 'Check the addresses of the recipients.' },
      ErrorSendAsDenied: { hint: 'Leave out `from`, or use an address that the account may send as.' },
      ErrorMessageSizeExceeded: { hint: 'Send fewer or smaller attachments.' },
    },
  }),
  tools: { ...sendEmail, ...messages, ...attachments, ...folders, ...drafts },
  syncs: { messages: messageSync },
  webhook: folderChanges,
})

/** The tools, syncs and credential of Outlook Mail, under one name for editors. */
export interface OutlookMailTypes extends TypesOfFactory<typeof definition> {}

/**
 * Connects to the Outlook mailboxes of users who sign in, of organizations and personal ones.
 *
 * @example
 * const mcp = createMcpClient({ connectors: { mail: outlookMail({ clientId, clientSecret }) }, vault: accounts })
 * await mcp.as('user_ada').mail.call('send_email', { to: ['bo@example.com'], subject: 'Count', text: '12 egrets.' })
 */
export const outlookMail: NamedFactory<typeof definition, OutlookMailTypes> = definition
