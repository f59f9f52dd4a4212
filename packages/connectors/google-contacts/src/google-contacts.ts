import { defineConnector, get } from '@mcpclient/core/define'
import type { NamedFactory, TypesOfFactory } from '@mcpclient/core/define'
import { google, googleErrors, googleServiceAccount } from '@mcpclient/google'
import { includes } from './scopes.ts'
import { contacts as contactSync } from './sync.ts'
import { batches } from './tools/batches.ts'
import { contacts } from './tools/contacts.ts'
import { groups } from './tools/groups.ts'

const service = {
  description: 'Read and write contacts and contact groups, and keep contacts equal with tables of your own.',
  docs: 'https://developers.google.com/people/v1/contacts',
  baseUrl: 'https://people.googleapis.com/',
  check: { request: get('v1/people/me', { personFields: 'metadata' }), account: { id: 'resourceName' } },
  errors: googleErrors(),
  tools: { ...contacts, ...batches, ...groups },
  syncs: { contacts: contactSync },
} as const

const definition = defineConnector({
  ...service,
  id: 'google-contacts',
  name: 'Google Contacts',
  auth: google({ includes }),
})

const serviceAccount = defineConnector({
  ...service,
  id: 'google-contacts-service-account',
  name: 'Google Contacts',
  auth: googleServiceAccount(),
})

/** The tools, syncs and credential of Google Contacts, under one name for editors. */
export interface GoogleContactsTypes extends TypesOfFactory<typeof definition> {}
/** The same with the credential of a service account. */
export interface GoogleContactsServiceAccountTypes extends TypesOfFactory<typeof serviceAccount> {}

/**
 * Connects to the Google Contacts of users who sign in.
 *
 * @example
 * const mcp = createMcpClient({ connectors: { contacts: googleContacts({ clientId, clientSecret }) }, vault: accounts })
 * const { results } = await mcp.as('user_ada').contacts.call('search_contacts', { query: 'ada' })
 */
export const googleContacts: NamedFactory<typeof definition, GoogleContactsTypes> = definition

/**
 * Connects to the Google Contacts of users of a domain with a service account, which acts for `subject`.
 *
 * @example
 * googleContactsServiceAccount({ clientEmail: key.client_email, privateKey: key.private_key, subject: 'ada@example.com' })
 */
export const googleContactsServiceAccount: NamedFactory<typeof serviceAccount, GoogleContactsServiceAccountTypes> =
  serviceAccount
