import { mark } from '@mcpclient/core/define'
import * as z from 'zod'

// Every tool needs this scope: https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_tokens_scopes.htm
const scopes = ['api']
export const reads = { effect: 'read', scopes } as const
export const writes = { effect: 'write', scopes } as const
export const destroys = { effect: 'destroy', scopes } as const

const NAME = /^[A-Za-z]\w{0,254}$/
/** Up to five relationships lead to a field, as in Contact.Account.Owner.Name. */
const PATH = /^[A-Za-z]\w{0,254}(?:\.[A-Za-z]\w{0,254}){0,5}$/

export const name = z.string().regex(NAME, 'An API name has letters, digits and underscores only.')
export const object = name.describe('API name of the object, such as Account or Invoice__c: list_objects returns it.')
/** The object that a write goes to, which others in the org see. */
export const to = mark(object, { destination: 'channel' })
export const id = z
  .string()
  .regex(/^(?:[A-Za-z0-9]{15}|[A-Za-z0-9]{18})$/, 'An id has 15 or 18 letters and digits.')
  .describe('Id of the record.')
export const fieldPath = z
  .string()
  .regex(PATH, 'A field is a name such as Name, or a path such as Owner.Name.')
  .describe('Name of a field, or a path such as Owner.Name.')
export const values = z
  .record(name, z.unknown())
  .refine((fields) => Object.keys(fields).length > 0, 'Pass at least one field.')
  .describe('Values by the API name of the field. null empties a field.')

/** A time as queries and the lists of changes take it. */
export const dateTime = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?(?:Z|[+-]\d\d:\d\d)$/, 'A time looks like 2026-11-02T14:10:00Z.')
  .describe('Such as 2026-11-02T14:10:00Z.')

/** Records in one response. https://developer.salesforce.com/docs/platform/api-rest/guide/headers-queryoptions.html */
export const batchSize = z
  .number()
  .int()
  .min(200)
  .max(2000)
  .optional()
  .describe('Records in one page, 200 to 2000. Salesforce may send fewer.')
export const allOrNone = z.boolean().default(false).describe('Whether one failure rolls back all records.')
