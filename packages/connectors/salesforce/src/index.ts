/** `@mcpclient/salesforce`: the records of a Salesforce org, for users who sign in, for servers with a key, or with a token. */
export { salesforce, salesforceJwt } from './salesforce.ts'
export type { SalesforceJwtTypes, SalesforceTypes } from './salesforce.ts'
