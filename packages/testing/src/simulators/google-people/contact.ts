import { invalidArgument } from './failure.ts'

type Fields = Readonly<Record<string, unknown>>

/** A contact in Google's form. The named fields are those that the simulator reads; it stores every other one, too. */
export interface SimulatedContact {
  readonly [field: string]: unknown
  readonly resourceName?: string | undefined
  readonly etag?: string | undefined
  readonly metadata?: unknown
  readonly names?: readonly Fields[] | undefined
  readonly emailAddresses?: readonly Fields[] | undefined
  readonly phoneNumbers?: readonly Fields[] | undefined
  readonly memberships?: readonly Fields[] | undefined
}

export const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The fields that a client can write. Source: https://developers.google.com/people/api/rest/v1/people/updateContact */
export const WRITABLE: ReadonlySet<string> = new Set(
  (
    'addresses biographies birthdays calendarUrls clientData emailAddresses events externalIds genders imClients ' +
    'interests locales locations memberships miscKeywords names nicknames occupations organizations phoneNumbers ' +
    'relations sipAddresses urls userDefined'
  ).split(' '),
)
const READABLE: ReadonlySet<string> = new Set([...WRITABLE, 'ageRanges', 'coverPhotos', 'metadata', 'photos', 'skills'])
/** Fields with at most one entry of a contact. */
const SINGLETONS = ['biographies', 'birthdays', 'genders', 'names']
/** Fields of a body that Google ignores. */
const IGNORED = new Set(['resourceName', 'etag', 'metadata', 'photos', 'coverPhotos', 'fileAses'])

export const MY_CONTACTS = 'contactGroups/myContacts'

/** Returns the fields of a mask, or throws if one of them does not exist. */
export function maskOf(mask: unknown, name: string, allowed = READABLE): ReadonlySet<string> {
  const fields = typeof mask === 'string' ? mask.split(',').filter(Boolean) : []
  if (fields.length === 0) throw invalidArgument(`${name} mask is required. Please specify one or more valid paths.`)
  const unknown = fields.find((field) => !allowed.has(field))
  if (unknown !== undefined) throw invalidArgument(`Invalid ${name} mask path: "${unknown}".`)
  return new Set(fields)
}

/** Returns the mask of what a write returns. Without one, it returns all fields. */
export const readMask = (mask: unknown, name: string): ReadonlySet<string> =>
  mask === null || mask === undefined || mask === '' ? READABLE : maskOf(mask, name)

/** Returns the writable content of a body, as Google stores it. */
export function contentOf(body: Fields): SimulatedContact {
  const unknown = Object.keys(body).find((field) => !WRITABLE.has(field) && !IGNORED.has(field))
  if (unknown !== undefined) throw invalidArgument(`Invalid JSON payload received. Unknown name "${unknown}".`)
  const content = new Map<string, readonly Fields[]>()
  for (const field of WRITABLE) {
    const list = body[field]
    if (list === undefined || list === null) continue
    if (!Array.isArray(list) || !list.every(isObject)) throw invalidArgument(`Invalid value at '${field}'.`)
    if (SINGLETONS.includes(field) && list.length > 1) {
      throw invalidArgument(`Only one ${field} is allowed for a contact source.`)
    }
    if (list.length > 0)
      content.set(
        field,
        list.map((entry) => entryOf(field, entry)),
      )
  }
  return Object.fromEntries(content)
}

/** Members that Google derives from other ones. */
const DERIVED = ['formattedType', 'formattedProtocol', 'canonicalForm', 'displayNameLastFirst']

/** Returns an entry as Google stores it: without what it derives, and with what it fills in. */
function entryOf(field: string, { metadata, ...entry }: Fields): Fields {
  if (field === 'memberships') return membershipOf(entry)
  const own = Object.fromEntries(
    Object.entries(entry).filter(
      ([name, value]) =>
        value !== null && value !== '' && !DERIVED.includes(name) && !(field === 'names' && name === 'displayName'),
    ),
  )
  const isDefault = isObject(metadata) && metadata['sourcePrimary'] === true
  return {
    ...(field === 'names' ? nameOf(own) : own),
    ...(field === 'biographies' && { contentType: own['contentType'] ?? 'TEXT_PLAIN' }),
    ...(isDefault && { metadata: { sourcePrimary: true } }),
  }
}

/** Returns a name by its parts, which Google finds in a whole name. */
function nameOf({ unstructuredName, ...parts }: Fields): Fields {
  if (Object.keys(parts).length > 0 || typeof unstructuredName !== 'string') return parts
  const [givenName, ...others] = unstructuredName.split(' ')
  return { givenName, ...(others.length > 0 && { familyName: others.join(' ') }) }
}

function membershipOf({ contactGroupMembership }: Fields): Fields {
  const name = isObject(contactGroupMembership) ? contactGroupMembership['contactGroupResourceName'] : undefined
  if (typeof name !== 'string') throw invalidArgument('contactGroupResourceName is required.')
  return memberOf(name)
}

/** Returns a membership in a group. */
export const memberOf = (group: string): Fields => ({
  contactGroupMembership: {
    contactGroupId: group.slice(group.lastIndexOf('/') + 1),
    contactGroupResourceName: group,
  },
})

/** Returns the groups of a contact. */
export const groupsOf = ({ memberships = [] }: SimulatedContact): readonly string[] =>
  memberships.map(({ contactGroupMembership: group }) =>
    String(isObject(group) ? group['contactGroupResourceName'] : ''),
  )
