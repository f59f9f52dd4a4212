import * as z from 'zod'
import { personFields } from './requests.ts'

const resourceName = (collection: 'people' | 'contactGroups') =>
  z.string().regex(new RegExp(`^${collection}/[A-Za-z0-9_-]+$`), `It looks like ${collection}/c123.`)

export const person = resourceName('people').describe(
  'Resource name of the contact, as list_contacts and search_contacts return it.',
)
export const group = resourceName('contactGroups').describe(
  'Resource name of the group: contactGroups/1a2b or contactGroups/starred.',
)

export const fields = z
  .array(z.enum(personFields))
  .min(1)
  .default([...personFields])
  .describe('The fields to return. Default: all of these.')

export const sources = z
  .array(z.object({ type: z.string(), id: z.string().optional(), etag: z.string(), updateTime: z.string().optional() }))
  .min(1)
  .describe(
    'metadata.sources of the contact as it was read. Google refuses the change if the contact has changed since.',
  )

const text = z.string().optional()
const label = z.string().optional().describe('home, work, other, or a label of your own.')
const Day = z
  .object({ year: z.number().int().optional(), month: z.number().int().optional(), day: z.number().int().optional() })
  .describe('The year may be left out.')
const valued = z.object({ value: z.string().min(1), type: label })

/** The fields of a contact that can be written. */
export const contact = {
  names: z
    .array(
      z.object({
        givenName: text,
        middleName: text,
        familyName: text,
        honorificPrefix: text,
        honorificSuffix: text,
        unstructuredName: text.describe('The whole name, instead of its parts.'),
      }),
    )
    .max(1),
  nicknames: z.array(z.object({ value: z.string().min(1) })),
  emailAddresses: z.array(valued.extend({ displayName: text })),
  phoneNumbers: z.array(valued),
  addresses: z.array(
    z.object({
      type: label,
      streetAddress: text,
      extendedAddress: text,
      poBox: text,
      city: text,
      region: text,
      postalCode: text,
      country: text,
      countryCode: text,
      formattedValue: text.describe('The whole address, instead of its parts.'),
    }),
  ),
  organizations: z.array(
    z.object({
      name: text,
      title: text,
      department: text,
      type: label,
      current: z.boolean().optional(),
      startDate: Day.optional(),
      endDate: Day.optional(),
    }),
  ),
  occupations: z.array(z.object({ value: z.string().min(1) })),
  birthdays: z.array(z.object({ date: Day.optional(), text })).max(1),
  events: z.array(z.object({ date: Day, type: z.string().optional().describe('anniversary, other, or a label.') })),
  biographies: z
    .array(z.object({ value: z.string() }))
    .max(1)
    .describe('The notes.'),
  urls: z.array(valued),
  relations: z.array(z.object({ person: z.string().min(1), type: label })),
  imClients: z.array(z.object({ username: z.string().min(1), protocol: text, type: label })),
  userDefined: z.array(z.object({ key: z.string().min(1), value: z.string() })).describe('Fields of your own.'),
  memberships: z
    .array(group)
    .describe('Resource names of all groups of the contact. Without one, it belongs to contactGroups/myContacts.'),
}
