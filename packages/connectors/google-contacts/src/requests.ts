import { cursorPages, path } from '@mcpclient/core/define'
import type { Pages } from '@mcpclient/core/define'
import { membershipsOf } from './memberships.ts'

/** The fields of a contact that this connector reads. Those after `memberships` cannot be written. */
export const personFields = [
  'names',
  'nicknames',
  'emailAddresses',
  'phoneNumbers',
  'addresses',
  'organizations',
  'occupations',
  'birthdays',
  'events',
  'biographies',
  'urls',
  'relations',
  'imClients',
  'userDefined',
  'memberships',
  'photos',
] as const

/** Returns a field mask. The metadata has the etag, so that what is read can be changed. */
export const maskOf = (fields: readonly string[] = personFields): string => [...fields, 'metadata'].join(',')

const lastSegment = (resourceName: string): string => resourceName.slice(resourceName.lastIndexOf('/') + 1)

/** Returns the path of a contact or of a method of it. Paths start with the version, because `people:` would be a URL scheme. */
export const personAt = (resourceName: string, method?: 'updateContact' | 'deleteContact'): string =>
  `${path`v1/people/${lastSegment(resourceName)}`}${method === undefined ? '' : `:${method}`}`
export const groupAt = (resourceName: string): string => path`v1/contactGroups/${lastSegment(resourceName)}`
export const peopleMethod = (method: string): string => `v1/people:${method}`

/** The list of a user's contacts. */
export const connections = 'v1/people/me/connections'

/** Paginates the items. */
export const pagesOf = (items: string): Pages => cursorPages({ items, next: 'nextPageToken', param: 'pageToken' })

type Fields = Readonly<Record<string, unknown>>

/** Returns the body of a contact. A field without a value is left out: named in a mask, it is emptied. */
export function personOf({
  memberships,
  ...fields
}: Fields & { readonly memberships?: readonly string[] | null | undefined }): Fields {
  const known = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined))
  return memberships === undefined ? known : { ...known, memberships: membershipsOf(memberships ?? []) }
}
