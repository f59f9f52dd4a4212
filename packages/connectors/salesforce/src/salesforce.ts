import { defineConnector, get, valueAt } from '@mcpclient/core/define'
import type { NamedFactory, TypesOfFactory } from '@mcpclient/core/define'
import { accountIn, serverKey, signIn } from './auth.ts'
import { errors } from './errors.ts'
import { baseUrl, Settings } from './settings.ts'
import { collections } from './tools/collections.ts'
import { composite } from './tools/composite.ts'
import { org } from './tools/org.ts'
import { queries } from './tools/queries.ts'
import { records } from './tools/records.ts'

const service = {
  description: 'Find, read and change the records of a Salesforce org, standard and custom objects alike.',
  docs: 'https://developer.salesforce.com/docs/platform/api-rest/guide/intro-rest.html',
  baseUrl,
  settings: Settings,
  errors,
  // The resources of a version, which any token may list. They name the user.
  check: { request: get(''), account: (body: unknown) => accountIn(valueAt(body, 'identity')) },
  tools: { ...queries, ...records, ...collections, ...composite, ...org },
} as const

const definition = defineConnector({ ...service, id: 'salesforce', name: 'Salesforce', auth: signIn })

const jwt = defineConnector({ ...service, id: 'salesforce-jwt', name: 'Salesforce', auth: serverKey })

/** The tools, settings and credential of Salesforce, under one name for editors. */
export interface SalesforceTypes extends TypesOfFactory<typeof definition> {}
/** The same with the credential of a server. */
export interface SalesforceJwtTypes extends TypesOfFactory<typeof jwt> {}

/**
 * Connects to the Salesforce org of users who sign in, or with one token.
 *
 * @example
 * const mcp = createMcpClient({ connectors: { crm: salesforce({ clientId, clientSecret }) }, vault: accounts })
 * await mcp.as('user_ada').crm.call('create_record', { object: 'Account', fields: { Name: 'Heron Fisheries' } })
 */
export const salesforce: NamedFactory<typeof definition, SalesforceTypes> = definition

/**
 * Connects to a Salesforce org from a server, with the private key of an app that an administrator approved.
 *
 * @example
 * salesforceJwt({ clientId: consumerKey, privateKey, subject: 'ada@marshes.example', loginHost: 'acme.my.salesforce.com' })
 */
export const salesforceJwt: NamedFactory<typeof jwt, SalesforceJwtTypes> = jwt
