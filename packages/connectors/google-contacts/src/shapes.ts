import { mark, nullable } from '@mcpclient/core/define'
import * as z from 'zod'
import { groupsOf } from './memberships.ts'

const text = nullable(z.string())
const flag = nullable(z.boolean())
const count = nullable(z.number())
const personal = nullable(mark(z.string(), { private: true }))
/** A text that may come from a profile, which its owner writes. */
const written = nullable(mark(z.string(), { untrusted: true, private: true }))
const list = <Entry extends z.ZodType>(entry: Entry) => nullable(z.array(entry))

const Day = nullable(z.object({ year: count, month: count, day: count })).describe('A year of 0 or none is unknown.')

const Source = z.object({ type: text, id: text, etag: text, updateTime: text })

export const Person = z.object({
  resourceName: z.string(),
  etag: text,
  metadata: nullable(z.object({ sources: list(Source), deleted: flag })).describe(
    'Pass sources to update_contact: Google refuses to change a newer version.',
  ),
  names: list(
    z.object({
      displayName: written,
      givenName: written,
      middleName: written,
      familyName: written,
      honorificPrefix: written,
      honorificSuffix: written,
    }),
  ),
  nicknames: list(z.object({ value: written, type: text })),
  emailAddresses: list(z.object({ value: personal, type: text, displayName: written })),
  phoneNumbers: list(z.object({ value: personal, type: text, canonicalForm: personal })),
  addresses: list(
    z.object({
      type: text,
      formattedValue: written,
      streetAddress: written,
      extendedAddress: written,
      poBox: written,
      city: written,
      region: written,
      postalCode: written,
      country: written,
      countryCode: text,
    }),
  ),
  organizations: list(
    z.object({
      name: written,
      title: written,
      department: written,
      type: text,
      current: flag,
      startDate: Day,
      endDate: Day,
    }),
  ),
  occupations: list(z.object({ value: written })),
  birthdays: list(z.object({ date: mark(Day, { private: true }), text: written })),
  events: list(z.object({ date: mark(Day, { private: true }), type: text })),
  biographies: list(z.object({ value: written, contentType: text })).describe('The notes.'),
  urls: list(z.object({ value: written, type: text })),
  relations: list(z.object({ person: written, type: text })),
  imClients: list(z.object({ username: personal, protocol: text, type: text })),
  userDefined: list(z.object({ key: written, value: written })),
  memberships: nullable(z.preprocess(groupsOf, z.array(z.string()))).describe('Resource names of the groups.'),
  photos: list(z.object({ url: text, default: flag })),
})

/** One result of a batch. */
export const PersonResponse = z.object({
  requestedResourceName: text,
  person: nullable(Person),
  httpStatusCode: count,
  status: nullable(z.object({ code: count, message: text })).describe('Present if this one failed.'),
})

export const Group = z.object({
  resourceName: z.string(),
  etag: text,
  name: written,
  formattedName: written,
  groupType: text.describe('USER_CONTACT_GROUP or SYSTEM_CONTACT_GROUP.'),
  memberCount: count,
  memberResourceNames: list(z.string()),
  metadata: nullable(z.object({ updateTime: text, deleted: flag })),
})

/** Google returns an empty object. */
export const Deleted = z.preprocess(
  (body) => (typeof body === 'object' && body !== null ? { deleted: true } : body),
  z.object({ deleted: z.literal(true) }),
)
