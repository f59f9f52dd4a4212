/** `@mcpclient/google-contacts/mapping`: contacts as rows that address books of several providers share. */
import { ConnectorError } from '@mcpclient/core/define'
import type { SyncMapping } from '@mcpclient/core/define'
import type { Contact } from '@mcpclient/shapes'
import type * as z from 'zod'
import type { Contact as ContactItem } from './contact.ts'
import { entriesFor, filled, mainOf, rowsOf, withMain } from './lists.ts'
import type { EntryMapping } from './lists.ts'

type Item = Omit<z.output<typeof ContactItem>, 'resourceName' | 'metadata'>
type EntryOf<Field extends keyof Item> = NonNullable<Item[Field]>[number]
type PartOf<Field extends keyof Contact> = Extract<Contact[Field], readonly unknown[]>[number]

const nameParts = {
  prefix: 'honorificPrefix',
  givenName: 'givenName',
  middleName: 'middleName',
  familyName: 'familyName',
  suffix: 'honorificSuffix',
} as const
const jobParts = { company: 'name', department: 'department', jobTitle: 'title' } as const
const addressParts = {
  street: 'streetAddress',
  city: 'city',
  region: 'region',
  postalCode: 'postalCode',
  country: 'country',
} as const

type MemberNames = Readonly<Record<string, string>>

/** Returns the members of an entry under the names of a row. */
const shown = (parts: MemberNames, entry: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, string>> =>
  filled(Object.fromEntries(Object.entries(parts).map(([field, name]) => [field, entry[name]]))) as Readonly<
    Record<string, string>
  >

/** Returns the members of a row under the names of an entry: those that it has, or all. */
const written = (parts: MemberNames, row: object, names: readonly string[] = Object.keys(row)): object =>
  Object.fromEntries(
    Object.entries(parts)
      .filter(([field]) => names.includes(field))
      .map(([field, name]) => [name, (row as Readonly<Record<string, unknown>>)[field]]),
  )

/** Returns a name by its parts. A name without parts is a given name in a row. */
function nameOf({ unstructuredName, ...parts }: EntryOf<'names'>): EntryOf<'names'> {
  const hasParts = Object.values(nameParts).some((part) => parts[part] !== undefined)
  return hasParts || unstructuredName === undefined ? parts : { ...parts, givenName: unstructuredName }
}

const typeFor = (kind: string | undefined): object => (kind === undefined ? {} : { type: kind })

const email: EntryMapping<PartOf<'emails'>, EntryOf<'emailAddresses'>> = {
  toRow: ({ value, type: kind }) => (value === undefined ? undefined : { email: value, kind }),
  toEntry: ({ email: value, kind }, entry) => ({ ...entry, value, ...typeFor(kind) }),
  keyOf: (row) => row.email.toLowerCase(),
}
const phone: EntryMapping<PartOf<'phones'>, EntryOf<'phoneNumbers'>> = {
  toRow: ({ value, type: kind }) => (value === undefined ? undefined : { number: value, kind }),
  toEntry: ({ number: value, kind }, entry) => ({ ...entry, value, ...typeFor(kind) }),
  keyOf: ({ number }) => number,
}
const address: EntryMapping<PartOf<'addresses'>, EntryOf<'addresses'>> = {
  toRow: (entry) => ({ kind: entry.type, ...shown(addressParts, addressOf(entry)) }),
  toEntry({ kind, ...row }, entry = {}) {
    if (address.keyOf(row) === address.keyOf(address.toRow(entry) ?? {})) return { ...entry, ...typeFor(kind) }
    const { countryCode, ...known } = addressOf(entry)
    return filled({
      ...known,
      ...(row.country === known.country && { countryCode }),
      ...written(addressParts, row, Object.keys(addressParts)),
      ...typeFor(kind),
    })
  },
  keyOf: ({ kind: _kind, ...row }) =>
    Object.keys(addressParts)
      .map((part) => row[part as keyof typeof row])
      .join('\n'),
}

/** Returns an address by its parts. An address without parts is a street in a row. */
function addressOf({ formattedValue, ...parts }: EntryOf<'addresses'>): EntryOf<'addresses'> {
  const hasParts = Object.keys(parts).some((name) => name !== 'type' && name !== 'metadata')
  return hasParts || formattedValue === undefined ? parts : { ...parts, streetAddress: formattedValue }
}

const single = {
  nickname: 'nicknames',
  notes: 'biographies',
  website: 'urls',
} as const

const fields = [
  ...(Object.keys(nameParts) as (keyof typeof nameParts)[]),
  ...(Object.keys(jobParts) as (keyof typeof jobParts)[]),
  ...(Object.keys(single) as (keyof typeof single)[]),
  ...(['emails', 'phones', 'addresses', 'birthday'] as const),
]

/**
 * Translates Google's contacts to {@link Contact} and back. A row has the default one of several organizations, nicknames
 * and websites, and the other ones stay. An e-mail address, phone or address without a kind keeps the one that it has at
 * Google. Groups and everything else that other address books lack stays at Google.
 */
export const contacts: SyncMapping<Contact, Item> = {
  fields,
  // Google replaces whole lists.
  readFirst: fields,
  toRow: (item) => ({
    ...shown(nameParts, nameOf(mainOf(item.names) ?? {})),
    ...shown(jobParts, mainOf(item.organizations)),
    ...Object.fromEntries(Object.entries(single).map(([field, list]) => [field, mainOf(item[list])?.value])),
    emails: rowsOf(item.emailAddresses, email),
    phones: rowsOf(item.phoneNumbers, phone),
    addresses: rowsOf(item.addresses, address),
    birthday: dayOf(mainOf(item.birthdays)?.date),
  }),
  toItem(changes, _row, current) {
    const names = written(nameParts, changes)
    const job = written(jobParts, changes)
    const values = Object.entries(single).flatMap(([field, list]) => {
      const value = changes[field as keyof typeof single]
      return value === undefined ? [] : [[list, withMain(current?.[list], { value })] as const]
    })
    const { emails, phones, addresses, birthday } = changes
    return {
      ...(isFilled(names) && { names: withMain(current?.names?.map(nameOf), names) }),
      ...(isFilled(job) && { organizations: withMain(current?.organizations, job) }),
      ...Object.fromEntries(values),
      ...(emails !== undefined && { emailAddresses: entriesFor(emails ?? [], current?.emailAddresses, email) }),
      ...(phones !== undefined && { phoneNumbers: entriesFor(phones ?? [], current?.phoneNumbers, phone) }),
      ...(addresses !== undefined && { addresses: entriesFor(addresses ?? [], current?.addresses, address) }),
      ...(birthday !== undefined && { birthdays: birthday === null ? null : [{ date: dateFor(birthday) }] }),
    }
  },
}

const isFilled = (members: object): boolean => Object.keys(members).length > 0

const digits = (number: number, length: number): string => String(number).padStart(length, '0')

/** Returns a day as a row has it. A year of 0 is none, and a date without a day is no birthday of a row. */
function dayOf({ year = 0, month = 0, day = 0 }: NonNullable<EntryOf<'birthdays'>['date']> = {}): string | undefined {
  if (month === 0 || day === 0) return undefined
  return `${year === 0 ? '-' : digits(year, 4)}-${digits(month, 2)}-${digits(day, 2)}`
}

function dateFor(birthday: string): object {
  const [, year, month, day] = /^(\d{4}|-)-(\d{2})-(\d{2})$/.exec(birthday) ?? []
  if (month === undefined || day === undefined) {
    throw new ConnectorError('INVALID_INPUT', 'The birthday of a row is no day.', {
      outcome: 'not_processed',
      hint: 'Write it as 1815-12-10, or as --12-10 without a year.',
    })
  }
  return { ...(year !== '-' && { year: Number(year) }), month: Number(month), day: Number(day) }
}
