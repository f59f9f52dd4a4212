import { valueAt } from '@mcpclient/core/define'
import * as z from 'zod'
import { groupsOf } from './memberships.ts'

const text = z.string().optional()
const Day = z.looseObject({ year: z.number().optional(), month: z.number().optional(), day: z.number().optional() })
const valued = { value: text, type: text }

/** Members of an entry that Google derives from other ones. They are never sent. */
const DERIVED = new Set(['displayNameLastFirst', 'formattedType', 'formattedProtocol', 'canonicalForm'])

interface EntryOptions {
  /** The member that holds the whole entry as one text. Google derives it as well if the entry has parts. */
  readonly whole?: string
  /** A further member that Google derives. */
  readonly derived?: string
}

/** Describes a list of entries as a row has it: what Google derives is left out, and everything else stays, so that a write keeps it. */
const entries = <Shape extends z.ZodRawShape>(shape: Shape, options: EntryOptions = {}) =>
  z.preprocess((list) => entriesOf(list, options), z.array(z.looseObject(shape))).optional()

function entriesOf(list: unknown, { whole, derived }: EntryOptions): unknown {
  if (!Array.isArray(list)) return list
  return list.map((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null) return entry
    const { metadata, ...members } = entry as Readonly<Record<string, unknown>>
    const own = Object.entries(members).filter(([name]) => !DERIVED.has(name) && name !== derived)
    const hasParts = own.some(([name]) => name !== whole && name !== 'type')
    // Which of several entries is the default one.
    const isDefault = list.length > 1 && valueAt(metadata, 'sourcePrimary') === true
    return {
      ...Object.fromEntries(own.filter(([name]) => !hasParts || name !== whole)),
      ...(isDefault && { metadata: { sourcePrimary: true } }),
    }
  })
}

/** Returns the part of a contact's metadata that an update sends back, as one string. */
const sourceOf = (metadata: unknown): unknown => {
  const sources = valueAt(metadata, 'sources')
  const source: unknown = Array.isArray(sources)
    ? sources.find((each: unknown) => valueAt(each, 'type') === 'CONTACT')
    : undefined
  return source === undefined ? undefined : JSON.stringify(source)
}

/** Returns the metadata of an update that is based on this version. */
export const metadataOf = (version: string | undefined): object => ({
  sources: version === undefined ? [] : [JSON.parse(version) as unknown],
})

/** Returns the time of the last change, in milliseconds since the epoch. */
export const updatedAt = ({ metadata }: { readonly metadata: string }): number | undefined =>
  Date.parse(String(valueAt(JSON.parse(metadata), 'updateTime'))) || undefined

/** Returns whether a contact of a page was deleted. */
export const isDeleted = (person: unknown): boolean => valueAt(person, 'metadata.deleted') === true

/** Returns the resource names that a contact had before: a new link with a profile changes it. */
export const formerNames = (contact: unknown): readonly string[] => {
  const names = valueAt(contact, 'metadata.previousResourceNames')
  return Array.isArray(names) ? names.map(String) : []
}

/** The fields of a row: Google's names and shapes, but groups are their resource names. `metadata` is the version. */
export const Contact = z.object({
  resourceName: z.string().min(1),
  metadata: z.preprocess(sourceOf, z.string()),
  names: entries(
    {
      givenName: text,
      middleName: text,
      familyName: text,
      honorificPrefix: text,
      honorificSuffix: text,
      unstructuredName: text,
    },
    { whole: 'unstructuredName', derived: 'displayName' },
  ),
  nicknames: entries(valued),
  emailAddresses: entries({ ...valued, displayName: text }),
  phoneNumbers: entries(valued),
  addresses: entries(
    {
      type: text,
      streetAddress: text,
      extendedAddress: text,
      poBox: text,
      city: text,
      region: text,
      postalCode: text,
      country: text,
      countryCode: text,
      formattedValue: text,
    },
    { whole: 'formattedValue' },
  ),
  organizations: entries({ name: text, title: text, department: text, type: text }),
  occupations: entries({ value: text }),
  birthdays: entries({ date: Day.optional(), text }, { whole: 'text' }),
  events: entries({ date: Day.optional(), type: text }),
  biographies: entries({ value: text, contentType: text }),
  urls: entries(valued),
  relations: entries({ person: text, type: text }),
  imClients: entries({ username: text, protocol: text, type: text }),
  userDefined: entries({ key: text, value: text }),
  memberships: z.preprocess(groupsOf, z.array(z.string())).optional(),
  photos: entries({ url: text }),
})
