import { Contact as Row } from '@mcpclient/shapes'
import { GRAPH_TOKEN, graphScene, readFixtures } from '@mcpclient/testkit'
import { describe, expect, it } from 'vitest'
import type * as z from 'zod'
import { Contact } from '../src/contact.ts'
import { outlookContacts } from '../src/index.ts'
import { contacts } from '../src/mapping.ts'

type Item = Omit<z.output<typeof Contact>, 'id' | '@odata.etag'>

/** Returns the contacts in a response. */
const contactsIn = (body: unknown): readonly object[] => {
  if (typeof body !== 'object' || body === null) return []
  return 'emailAddresses' in body ? [body] : Object.values(body).flatMap(contactsIn)
}
const fixtures = readFixtures(import.meta.dirname)
  .flatMap(({ responses }) => responses.flatMap(({ json }) => contactsIn(json)))
  .flatMap((contact) => {
    const parsed = Contact.safeParse(contact)
    return parsed.success ? [parsed.data] : []
  })

const home = { street: '1 Reed Way', city: 'Cley', state: 'Norfolk', postalCode: 'NR25', countryOrRegion: 'UK' }

/** A contact with everything that a row has. */
const full: Item = {
  ...{ title: 'Dr', givenName: 'Ada', middleName: 'M', surname: 'Reed', generation: 'Jr', nickName: 'Egret' },
  ...{ companyName: 'Marshes Trust', department: 'Birds', jobTitle: 'Warden' },
  emailAddresses: [{ address: 'ada@marshes.example', name: 'Ada at work' }, { address: 'ada@home.example' }],
  businessPhones: ['1', '2'],
  homePhones: ['3', '4', '5'],
  mobilePhone: '6',
  homeAddress: home,
  businessAddress: { city: 'Ely' },
  otherAddress: { street: 'The hide' },
  birthday: '1974-07-22T11:59:00Z',
  personalNotes: 'Rings herons',
  businessHomePage: 'https://home.example',
}

const rowOf = (item: Item): Row => contacts.toRow(item) ?? {}
/** Returns the fields of an item that have a value. */
const filled = (item: object) =>
  Object.fromEntries(Object.entries(item).filter(([, value]) => value !== null && JSON.stringify(value) !== '[]'))

describe('the mapping of contacts', () => {
  it('reads contacts of the fixtures', () => {
    expect(fixtures.length).toBeGreaterThan(2)
  })

  it.each([...fixtures, full].map((item, at) => [at, item] as const))('loses nothing of a contact: %i', (_at, item) => {
    const row = rowOf(item)
    expect(Row.parse(row)).toEqual(row)
    const sent = filled(contacts.toItem(row, row, item))
    expect(item).toMatchObject(sent)
    expect(rowOf(sent)).toEqual(row)
    expect(rowOf(filled(contacts.toItem(row, row)))).toEqual(row)
  })

  it('names every field of a contact, or leaves it to Outlook', () => {
    const left = ['id', '@odata.etag', 'displayName', 'imAddresses', 'profession', 'officeLocation', 'manager']
    const more = ['assistantName', 'spouseName', 'children', 'categories']
    const texts = Object.fromEntries([...left, 'assistantName', 'spouseName'].map((name) => [name, 'x']))
    const parsed = Contact.safeParse({
      ...full,
      ...texts,
      imAddresses: ['x'],
      children: ['x'],
      categories: ['x'],
    })
    expect(new Set([...left, ...more, ...Object.keys(full)])).toEqual(
      new Set(Object.keys(parsed.success ? parsed.data : {})),
    )
    expect(new Set(contacts.fields)).toEqual(new Set(Object.keys(Row.shape)))
    for (const field of Object.keys(full)) expect(rowOf({ [field]: full[field as keyof Item] })).not.toEqual(rowOf({}))
  })

  it('has the kinds of phones and addresses', () => {
    const { phones, addresses } = rowOf(full)
    expect(phones?.map(({ number, kind }) => `${number} ${kind ?? ''}`)).toEqual([
      '1 work',
      '2 work',
      '3 home',
      '4 home',
      '5 home',
      '6 mobile',
    ])
    expect(addresses?.map(({ kind }) => kind)).toEqual(['home', 'work', 'other'])
  })

  it.each([
    ['workFax', { businessPhones: ['1'] }],
    ['workMobile', { businessPhones: ['1'] }],
    ['main', { businessPhones: ['1'] }],
    ['cell', { mobilePhone: '1' }],
    ['homeFax', { homePhones: ['1'] }],
    ['other', { homePhones: ['1'] }],
    [undefined, { homePhones: ['1'] }],
  ])('puts a phone of the kind %s into the nearest slot', (kind, slot) => {
    const empty = { businessPhones: [], homePhones: [], mobilePhone: null }
    expect(contacts.toItem({ phones: [{ number: '1', kind }] }, {})).toEqual({ ...empty, ...slot })
  })

  it.each([
    ['office', 'businessAddress'],
    ['holiday home', 'homeAddress'],
    ['summer', 'otherAddress'],
    [undefined, 'otherAddress'],
  ])('puts an address of the kind %s into the nearest slot', (kind, slot) => {
    const empty = { homeAddress: null, businessAddress: null, otherAddress: null }
    const sent = contacts.toItem({ addresses: [{ kind, city: 'Ely', country: 'UK' }] }, {})
    expect(sent).toEqual({ ...empty, [slot]: { city: 'Ely', countryOrRegion: 'UK' } })
  })

  it.each([
    [
      'two mobile phones',
      {
        phones: [
          { number: '1', kind: 'mobile' },
          { number: '2', kind: 'cell' },
        ],
      },
    ],
    ['three business phones', { phones: ['1', '2', '3'].map((number) => ({ number, kind: 'work' })) }],
    ['two addresses of one kind', { addresses: [{ city: 'Ely' }, { kind: 'other', city: 'Cley' }] }],
    ['four e-mail addresses', { emails: ['a', 'b', 'c', 'd'].map((name) => ({ email: `${name}@marshes.example` })) }],
    ['a birthday without a year', { birthday: '--05-17' }],
  ])('refuses %s, so that nothing is dropped', (_what, changes) => {
    expect(() => contacts.toItem(changes, changes)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }))
  })

  it('keeps the name of an e-mail address that stays', () => {
    const emails = [{ email: 'new@marshes.example' }, { email: 'Ada@marshes.example', kind: 'work' }]
    expect(contacts.toItem({ emails }, {}, full)).toEqual({
      emailAddresses: [{ address: 'new@marshes.example' }, { address: 'Ada@marshes.example', name: 'Ada at work' }],
    })
  })

  it('sends only what changed, and empties what a row empties', () => {
    expect(contacts.toItem({ familyName: 'Marsh', notes: null }, {})).toEqual({ surname: 'Marsh', personalNotes: null })
    expect(contacts.toItem({ emails: null, phones: null, birthday: null }, {}, full)).toEqual({
      ...{ emailAddresses: [], businessPhones: [], homePhones: [], mobilePhone: null, birthday: null },
    })
  })
})

describe('a plan with the mapping of contacts', () => {
  const setUp = () =>
    graphScene(outlookContacts({ token: GRAPH_TOKEN }), { sync: 'contacts', plan: { mapping: contacts } })

  it('keeps a table of shared rows equal with a folder, both ways, and loses nothing that rows lack', async () => {
    const { graph, table, settle, both, writes } = setUp()
    const people = graph.contacts()
    await people.insert({ ...full, categories: ['Ringers'] })
    await settle()
    expect(table.rows()).toMatchObject([{ givenName: 'Ada', emails: [{ email: 'ada@marshes.example' }, {}] }])
    const emails = [{ email: 'ada@marshes.example', kind: 'work' }]
    const addresses = [{ kind: 'home', city: 'Ely' }]
    table.edit(
      table.idWhere(({ givenName }) => givenName === 'Ada'),
      { emails, addresses },
    )
    table.edit('mine', {
      givenName: 'Bo',
      phones: [
        { number: '7', kind: 'mobile' },
        { number: '8', kind: 'other' },
      ],
    })
    expect(await settle()).toMatchObject({ success: true })
    const byName = (name: string) => people.all().find(({ givenName }) => givenName === name)
    expect(byName('Ada')).toMatchObject({
      emailAddresses: [{ address: 'ada@marshes.example', name: 'Ada at work' }],
      categories: ['Ringers'],
    })
    expect([byName('Ada')?.['homeAddress'], byName('Ada')?.['otherAddress']]).toEqual([{ city: 'Ely' }, {}])
    expect(byName('Bo')).toMatchObject({ mobilePhone: '7', homePhones: ['8'] })
    writes()
    const rows = table.writes
    await both()
    expect([writes(), table.writes]).toEqual([[], rows])
    // Kinds that Outlook lacks stay in the table.
    expect(table.rows()).toMatchObject([{ emails }, { phones: [{ kind: 'mobile' }, { kind: 'other' }] }])
  })

  it('parks a row that does not fit, and sends it once it does', async () => {
    const { graph, table, both, parked } = setUp()
    const phones = ['1', '2'].map((number) => ({ number, kind: 'mobile' }))
    table.edit('mine', { givenName: 'Bo', phones })
    for (let runs = 0; runs < 4; runs++) await both()
    expect((await parked()).map(({ reason }) => reason)).toEqual([expect.stringContaining('one mobile phone')])
    expect(graph.contacts().all()).toEqual([])
    table.edit('mine', { phones: phones.slice(1) })
    await both()
    expect(graph.contacts().all()).toMatchObject([{ mobilePhone: '2' }])
  })
})
