import { Contact as Row } from '@mcpclient/shapes'
import { readFixtures } from '@mcpclient/testkit'
import { describe, expect, it } from 'vitest'
import type * as z from 'zod'
import { Contact } from '../src/contact.ts'
import { contacts } from '../src/mapping.ts'
import { setUp } from './sync-scene.ts'

type Item = Omit<z.output<typeof Contact>, 'resourceName' | 'metadata'>

/** Returns the contacts in a response. */
const peopleIn = (body: unknown): readonly object[] => {
  if (typeof body !== 'object' || body === null) return []
  return 'metadata' in body && 'resourceName' in body && String(body.resourceName).startsWith('people/')
    ? [body]
    : Object.values(body).flatMap(peopleIn)
}
const fixtures = readFixtures(import.meta.dirname)
  .flatMap(({ responses }) => responses.flatMap(({ json }) => peopleIn(json)))
  .flatMap((person) => {
    const parsed = Contact.safeParse(person)
    return parsed.success ? [parsed.data] : []
  })

/** A contact with everything that a row has, and with more of each. */
const full = {
  names: [
    {
      honorificPrefix: 'Dr',
      givenName: 'Ada',
      middleName: 'M',
      familyName: 'Reed',
      honorificSuffix: 'Jr',
      phoneticGivenName: 'Eida',
    },
  ],
  nicknames: [{ value: 'Egret' }, { value: 'Eggs', type: 'OTHER_NAME' }],
  emailAddresses: [
    { value: 'ada@marshes.example', type: 'work', displayName: 'Ada at work' },
    { value: 'ada@home.example', metadata: { sourcePrimary: true } },
  ],
  phoneNumbers: [
    { value: '1', type: 'workFax' },
    { value: '2', type: 'mobile' },
    { value: '2', type: 'home' },
  ],
  addresses: [
    {
      type: 'home',
      streetAddress: '1 Reed Way',
      extendedAddress: 'Hide 2',
      city: 'Cley',
      country: 'UK',
      countryCode: 'GB',
    },
    { formattedValue: 'The hide' },
  ],
  organizations: [
    { name: 'Herons', title: 'Ringer', type: 'work' },
    {
      name: 'Marshes Trust',
      department: 'Birds',
      title: 'Warden',
      startDate: { year: 2020 },
      metadata: { sourcePrimary: true },
    },
  ],
  birthdays: [{ date: { year: 1974, month: 5, day: 7 } }],
  biographies: [{ value: 'Rings herons', contentType: 'TEXT_PLAIN' }],
  urls: [
    { value: 'https://blog.example', type: 'blog' },
    { value: 'https://home.example', type: 'homePage' },
  ],
} satisfies Item

const rowOf = (item: Item): Row => contacts.toRow(item) ?? {}

describe('the mapping of contacts', () => {
  it('reads contacts of the fixtures', () => {
    expect(fixtures.length).toBeGreaterThan(2)
  })

  it.each([...fixtures, full].map((item, at) => [at, item] as const))('loses nothing of a contact: %i', (_at, item) => {
    const row = rowOf(item)
    expect(Row.parse(row)).toEqual(row)
    const sent = contacts.toItem(row, row, item)
    expect(item).toMatchObject(sent)
    expect(rowOf(sent)).toEqual(row)
    expect(rowOf(contacts.toItem(row, row))).toEqual(row)
  })

  it('has the main entry of what rows have once', () => {
    expect(rowOf(full)).toMatchObject({
      ...{ prefix: 'Dr', givenName: 'Ada', middleName: 'M', familyName: 'Reed', suffix: 'Jr', nickname: 'Egret' },
      ...{ company: 'Marshes Trust', department: 'Birds', jobTitle: 'Warden', website: 'https://blog.example' },
      ...{ birthday: '1974-05-07', notes: 'Rings herons' },
    })
  })

  it('names every field of a contact, or leaves it to Google', () => {
    const left = [
      'resourceName',
      'metadata',
      'occupations',
      'events',
      'relations',
      'imClients',
      'userDefined',
      'memberships',
    ]
    expect(new Set([...left, 'photos', ...Object.keys(full)])).toEqual(new Set(Object.keys(Contact.shape)))
    expect(new Set(contacts.fields)).toEqual(new Set(Object.keys(Row.shape)))
    for (const field of Object.keys(full))
      expect(rowOf({ [field]: (full as Item)[field as keyof Item] })).not.toEqual(rowOf({}))
  })

  it('changes one member of an entry, and keeps the other ones and the other entries', () => {
    expect(contacts.toItem({ company: 'Reserve', familyName: null, nickname: 'Gret' }, {}, full)).toEqual({
      organizations: [full.organizations?.[0], { ...full.organizations?.[1], name: 'Reserve' }],
      names: [
        { honorificPrefix: 'Dr', givenName: 'Ada', middleName: 'M', honorificSuffix: 'Jr', phoneticGivenName: 'Eida' },
      ],
      nicknames: [{ value: 'Gret' }, { value: 'Eggs', type: 'OTHER_NAME' }],
    })
  })

  it('removes an entry whose last member is emptied, and empties a field without entries', () => {
    expect(contacts.toItem({ nickname: null, notes: null, birthday: null, phones: null }, {}, full)).toEqual({
      nicknames: [{ value: 'Eggs', type: 'OTHER_NAME' }],
      biographies: null,
      birthdays: null,
      phoneNumbers: null,
    })
  })

  it.each([
    [
      'added',
      [
        { email: 'new@marshes.example', kind: 'work' },
        { email: 'Ada@Marshes.example', kind: 'work' },
      ],
      [undefined, 'Ada at work'],
    ],
    ['without the kind that Google has', [{ email: 'ada@marshes.example' }], ['Ada at work']],
    [
      'edited in place',
      [{ email: 'ada@reserve.example', kind: 'work' }, { email: 'ada@home.example' }],
      ['Ada at work', undefined],
    ],
    ['replaced by fewer', [{ email: 'ada@reserve.example' }], [undefined]],
  ])('keeps the rest of an entry of a list: %s', (_how, emails, names) => {
    const { emailAddresses = [] } = contacts.toItem({ emails }, {}, full) as Item
    expect(emailAddresses.map(({ displayName }) => displayName)).toEqual(names)
    expect(emailAddresses.map(({ value }) => value)).toEqual(emails.map(({ email }) => email))
    for (const { displayName, type } of emailAddresses) if (displayName !== undefined) expect(type).toBe('work')
  })

  it('keeps an entry that has nothing to show in a row', () => {
    const current = { emailAddresses: [{ type: 'work' }, { value: 'ada@home.example' }] }
    expect(contacts.toItem({ emails: [{ email: 'b@home.example' }] }, {}, current)).toEqual({
      emailAddresses: [{ value: 'b@home.example' }, { type: 'work' }],
    })
  })

  it('keeps the code of a country that stays', () => {
    const [home, hide] = rowOf(full).addresses ?? []
    const sent = (address: object) => contacts.toItem({ addresses: [{ ...home, ...address }, hide ?? {}] }, {}, full)
    expect(sent({ city: 'Ely' })).toEqual({
      addresses: [{ ...full.addresses?.[0], city: 'Ely' }, { formattedValue: 'The hide' }],
    })
    expect(sent({ country: 'USA' })).not.toMatchObject({ addresses: [{ countryCode: 'GB' }, {}] })
  })

  it.each([
    [{ month: 5, day: 17 }, '--05-17'],
    [{ year: 0, month: 12, day: 1 }, '--12-01'],
    [{ year: 1974 }, undefined],
  ])('has the birthday of a row: %o', (date, birthday) => {
    expect(rowOf({ birthdays: [{ date }] }).birthday).toBe(birthday)
  })

  it('refuses a birthday that is no day', () => {
    expect(() => contacts.toItem({ birthday: '17 May' }, {})).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT' }),
    )
  })
})

describe('a plan with the mapping of contacts', () => {
  it('keeps a table of shared rows equal with the contacts, both ways, and loses nothing that rows lack', async () => {
    const { google, table, settle, both, writes } = setUp({ plan: { mapping: contacts } })
    google.insert({ ...full, userDefined: [{ key: 'ring', value: '17' }] })
    await settle()
    expect(table.rows()).toMatchObject([{ givenName: 'Ada', company: 'Marshes Trust' }])
    table.edit(
      table.idWhere(({ givenName }) => givenName === 'Ada'),
      { company: 'Reserve', notes: null },
    )
    table.edit('mine', {
      givenName: 'Bo',
      emails: [{ email: 'bo@marshes.example', kind: 'home' }],
      birthday: '--05-17',
    })
    expect(await settle()).toMatchObject({ success: true })
    const [ada, bo] = google.contacts()
    expect(ada).toMatchObject({
      organizations: [{ name: 'Herons' }, { name: 'Reserve', title: 'Warden', startDate: { year: 2020 } }],
      userDefined: [{ key: 'ring', value: '17' }],
    })
    expect(ada).not.toHaveProperty('biographies')
    expect(bo).toMatchObject({ names: [{ givenName: 'Bo' }], birthdays: [{ date: { month: 5, day: 17 } }] })
    writes()
    const rows = table.writes
    await both()
    expect([writes(), table.writes]).toEqual([[], rows])
  })
})
