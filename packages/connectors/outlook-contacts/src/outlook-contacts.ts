import { defineConnector, get } from '@mcpclient/core/define'
import type { NamedFactory, TypesOfFactory } from '@mcpclient/core/define'
import { GRAPH_URL, graphErrors, MAILBOX_LIMITS, microsoft, microsoftSettings, prefer } from '@mcpclient/microsoft'
import { contactChanges, contacts as contactSync } from './sync.ts'
import { contacts } from './tools/contacts.ts'
import { folders } from './tools/folders.ts'

const definition = defineConnector({
  id: 'outlook-contacts',
  name: 'Outlook contacts',
  description: 'Read and write the contacts of Outlook, and keep them equal with tables of your own.',
  docs: 'https://learn.microsoft.com/graph/api/resources/contact',
  baseUrl: GRAPH_URL,
  headers: prefer(),
  auth: microsoft(),
  settings: microsoftSettings,
  limits: MAILBOX_LIMITS,
  check: { request: get('me/contacts', { $top: 1, $select: 'id' }) },
  errors: graphErrors(),
  tools: { ...contacts, ...folders },
  syncs: { contacts: contactSync },
  webhook: contactChanges,
})

/** The tools, syncs and credential of Outlook contacts, under one name for editors. */
export interface OutlookContactsTypes extends TypesOfFactory<typeof definition> {}

/**
 * Connects to the Outlook contacts of users who sign in with a Microsoft account.
 *
 * @example
 * const mcp = createMcpClient({ connectors: { contacts: outlookContacts({ clientId, clientSecret }) }, vault: accounts })
 * const { value } = await mcp.as('user_ada').contacts.call('search_contacts', { name: 'Ada' })
 */
export const outlookContacts: NamedFactory<typeof definition, OutlookContactsTypes> = definition
