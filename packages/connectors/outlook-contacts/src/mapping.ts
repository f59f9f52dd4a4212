/** `@mcpclient/outlook-contacts/mapping`: contacts as rows that address books of several providers share. */
import { ConnectorError } from '@mcpclient/core/define'
import type { RowChanges, SyncMapping } from '@mcpclient/core/define'
import type { Contact } from '@mcpclient/shapes'
import type * as z from 'zod'
import type { Contact as ContactItem } from './contact.ts'

type Item = Omit<z.output<typeof ContactItem>, 'id' | '@odata.etag'>
type Emails = NonNullable<Contact['emails']>
type Phones = NonNullable<Contact['phones']>
type Addresses = NonNullable<Contact['addresses']>
type Slots = Pick<Item, 'homeAddress' | 'businessAddress' | 'otherAddress'>

/** Fields that have one name here and another one there. */
const names = {
  prefix: 'title',
  givenName: 'givenName',
  middleName: 'middleName',
  familyName: 'surname',
  suffix: 'generation',
  nickname: 'nickName',
  company: 'companyName',
  department: 'department',
  jobTitle: 'jobTitle',
  notes: 'personalNotes',
  website: 'businessHomePage',
} as const
type Named = keyof typeof names

// Graph refuses more: https://github.com/microsoftgraph/microsoft-graph-docs/issues/15276
const MAX_EMAILS = 3
const MAX_BUSINESS_PHONES = 2

/**
 * Translates the contacts of Outlook to {@link Contact} and back. E-mail addresses have no kinds there. A phone or address
 * of another kind than `home`, `work`, `mobile` and `other` goes to the nearest slot. A row that Outlook has no slot for is
 * refused. Categories and everything else that other address books lack stays in Outlook.
 */
export const contacts: SyncMapping<Contact, Item> = {
  fields: [...(Object.keys(names) as Named[]), 'emails', 'phones', 'addresses', 'birthday'],
  // An address has a name, which the row lacks.
  readFirst: ['emails'],
  toRow: (item) => ({
    ...Object.fromEntries(Object.entries(names).map(([field, name]) => [field, item[name]])),
    emails: item.emailAddresses?.flatMap(({ address: email }) => (email === undefined ? [] : [{ email }])),
    phones: phonesOf(item),
    addresses: addressesOf(item),
    birthday: item.birthday?.slice(0, 'yyyy-mm-dd'.length),
  }),
  toItem: ({ emails, phones, addresses, birthday, ...changes }, _row, current) => ({
    ...Object.fromEntries(Object.entries(changes).map(([field, value]) => [names[field as Named], value])),
    ...(emails !== undefined && { emailAddresses: emailsFor(emails ?? [], current?.emailAddresses) }),
    ...(phones !== undefined && phonesFor(phones ?? [])),
    ...(addresses !== undefined && addressesFor(addresses ?? [])),
    ...(birthday !== undefined && { birthday: birthdayFor(birthday) }),
  }),
}

const refused = (message: string, hint: string): ConnectorError =>
  new ConnectorError('INVALID_INPUT', message, { outcome: 'not_processed', hint })

const filledMembers = <Value extends object>(value: Value): Partial<Value> =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Partial<Value>

/** Returns undefined for an empty list: a field without entries is empty. */
const filled = <Entry>(list: readonly Entry[]): Entry[] | undefined => (list.length === 0 ? undefined : [...list])

/** Returns the addresses, each with the name that it has. */
function emailsFor(emails: Emails, current: Item['emailAddresses'] = []): NonNullable<Item['emailAddresses']> {
  if (emails.length > MAX_EMAILS) {
    throw refused(`Outlook has ${MAX_EMAILS} e-mail addresses for a contact.`, 'Remove an e-mail address from the row.')
  }
  const key = (address = ''): string => address.toLowerCase()
  return emails.map(({ email }) => {
    const known = current.find(({ address }) => key(address) === key(email))
    return { ...known, address: email }
  })
}

const phonesOf = ({ businessPhones = [], homePhones = [], mobilePhone }: Item): Phones | undefined =>
  filled([
    ...businessPhones.map((number) => ({ number, kind: 'work' })),
    ...homePhones.map((number) => ({ number, kind: 'home' })),
    ...(mobilePhone === undefined ? [] : [{ number: mobilePhone, kind: 'mobile' }]),
  ])

function phonesFor(phones: Phones): Pick<Item, 'businessPhones' | 'homePhones'> & { mobilePhone: string | null } {
  const of = (slot: string): string[] =>
    phones.filter(({ kind }) => phoneSlot(kind) === slot).map(({ number }) => number)
  const [businessPhones, [mobilePhone = null, ...others]] = [of('work'), of('mobile')]
  if (others.length > 0) {
    throw refused('Outlook has one mobile phone for a contact.', 'Give the other numbers of the row another kind.')
  }
  if (businessPhones.length > MAX_BUSINESS_PHONES) {
    throw refused(
      `Outlook has ${MAX_BUSINESS_PHONES} business phones for a contact.`,
      'Give the other numbers of the row another kind.',
    )
  }
  return { businessPhones, homePhones: of('home'), mobilePhone }
}

/** Returns the slot of a phone: of a business if its kind names one, and of the home otherwise. */
function phoneSlot(kind = ''): 'work' | 'home' | 'mobile' {
  if (/work|business|company|office|main/i.test(kind)) return 'work'
  return /mobile|cell/i.test(kind) ? 'mobile' : 'home'
}

function addressesOf({ homeAddress, businessAddress, otherAddress }: Item): Addresses | undefined {
  const slots = { home: homeAddress, work: businessAddress, other: otherAddress }
  return filled(
    Object.entries(slots).flatMap(([kind, address]) => {
      if (address === undefined) return []
      const { state: region, countryOrRegion: country, ...same } = address
      return [{ kind, ...same, region, country }]
    }),
  )
}

function addressesFor(addresses: Addresses): { readonly [Slot in keyof Slots]: Slots[Slot] | null } {
  const [homeAddress, businessAddress, otherAddress] = (['home', 'work', 'other'] as const).map((slot) => {
    const [address, ...others] = addresses.filter(({ kind }) => addressSlot(kind) === slot)
    if (others.length > 0) {
      throw refused(`Outlook has one address of the kind ${slot} for a contact.`, 'Change the kind of an address.')
    }
    if (address === undefined) return null
    const { kind: _kind, region: state, country: countryOrRegion, ...same } = address
    // A member that is absent is emptied, and one that is undefined would stay.
    return filledMembers({ ...same, state, countryOrRegion })
  })
  return { homeAddress, businessAddress, otherAddress }
}

function addressSlot(kind = ''): 'work' | 'home' | 'other' {
  if (/work|business|company|office/i.test(kind)) return 'work'
  return /home/i.test(kind) ? 'home' : 'other'
}

/** Returns a day as Outlook stores it: a time that is the same day in nearly every zone. */
function birthdayFor(birthday: RowChanges<Contact>['birthday']): string | null {
  if (birthday === null || birthday === undefined) return null
  if (/^\d{4}-\d{2}-\d{2}$/.test(birthday)) return `${birthday}T11:59:00Z`
  throw refused('Outlook has no birthdays without a year.', 'Add the year to the birthday of the row.')
}
