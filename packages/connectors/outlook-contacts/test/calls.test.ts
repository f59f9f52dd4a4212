import { createMcpClient } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { createFakeClock, errorOf, scriptedTransport } from '@mcpclient/testing'
import type { ScriptedReply } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { outlookContacts } from '../src/index.ts'
import { Contact } from '../src/shapes.ts'

const TOKEN = 'eyJ0.canary-heron'
const contact = { json: { id: 'c1', '@odata.etag': 'W/"1"' } }
const list = { json: { value: [] } }

function start(script: readonly ScriptedReply[]) {
  const transport = scriptedTransport(script)
  const clock = createFakeClock()
  const connectors = { contacts: outlookContacts({ token: TOKEN }) }
  const mcp = createMcpClient({ connectors, vault: vault(), transport, clock, random: () => 0.5 })
  return { ada: mcp.as('ada').contacts, clock, mcp, transport }
}

const filterOf = (transport: ReturnType<typeof start>['transport']) =>
  new URL(transport.requests[0]?.url ?? '').searchParams.get('$filter')

describe('a change of a contact', () => {
  it('sends the fields that were passed, and no other one', async () => {
    const { ada, transport } = start([contact])
    await ada.call('update_contact', { contactId: 'c1', jobTitle: 'Warden', nickName: null })
    expect(transport.requests[0]?.json).toEqual({ jobTitle: 'Warden', nickName: null })
    expect(transport.requests[0]?.headers).not.toHaveProperty('if-match')
  })

  it.each(['emailAddresses', 'imAddresses', 'businessPhones', 'homePhones', 'children', 'categories'])(
    'empties the list %s with an empty list',
    async (field) => {
      const { ada, transport } = start([contact])
      await ada.call('update_contact', { contactId: 'c1', [field]: null })
      expect(transport.requests[0]?.json).toEqual({ [field]: [] })
    },
  )

  it.each(['homeAddress', 'businessAddress', 'otherAddress'])('replaces every part of %s', async (field) => {
    const { ada, transport } = start([contact])
    await ada.call('update_contact', { contactId: 'c1', [field]: { city: 'Ely' } })
    expect(transport.requests[0]?.json).toEqual({
      [field]: { street: null, city: 'Ely', state: null, postalCode: null, countryOrRegion: null },
    })
  })

  it.each([
    ['no field', { etag: 'W/"1"', folderId: 'f1' }],
    ['a day without a time', { birthday: '1974-07-22' }],
    ['an address that is no e-mail address', { emailAddresses: [{ address: 'marshes' }] }],
    ['a field that Graph derives', { fileAs: 'Reed' }],
  ])('is refused with %s', async (_what, input) => {
    const { mcp, transport } = start([])
    const call = mcp.client('contacts', 'ada').invoke('update_contact', { contactId: 'c1', ...input })
    expect((await errorOf(call)).code).toBe('INVALID_INPUT')
    expect(transport.requests).toEqual([])
  })
})

describe('a search', () => {
  it('looks for the beginning of each name', async () => {
    const { ada, transport } = start([list])
    await ada.call('search_contacts', { name: 'Ada' })
    expect(filterOf(transport)).toBe(
      "startswith(displayName,'Ada') or startswith(givenName,'Ada') or startswith(surname,'Ada')",
    )
  })

  it('cannot be extended by the text that is searched', async () => {
    const { ada, transport } = start([list])
    await ada.call('search_contacts', { email: "o'reed@marshes.example" })
    expect(filterOf(transport)).toBe("emailAddresses/any(a:a/address eq 'o''reed@marshes.example')")
  })

  it.each([{}, { name: 'Ada', email: 'ada@marshes.example' }, { name: '' }])('is refused with %j', async (input) => {
    const { ada } = start([])
    expect((await errorOf(ada.call('search_contacts', input))).code).toBe('INVALID_INPUT')
  })
})

describe('a list', () => {
  const next = 'https://graph.microsoft.com/v1.0/me/contacts?$skiptoken=2'

  it('is one page unless the caller asks for more, and reports that there is more', async () => {
    const { ada, transport } = start([{ json: { value: [{ id: 'a' }], '@odata.nextLink': next } }])
    expect(await ada.call('list_contacts', {})).toEqual({ value: [{ id: 'a' }], complete: false })
    transport.verify()
  })

  it('follows a link after an empty page (S4)', async () => {
    const { ada } = start([{ json: { value: [], '@odata.nextLink': next } }, { json: { value: [{ id: 'b' }] } }])
    expect(await ada.call('list_contacts', {}, { maxPages: 5 })).toEqual({ value: [{ id: 'b' }], complete: true })
  })
})

it('asks for immutable ids in every request', async () => {
  const { ada, transport } = start([contact, list, { status: 204 }])
  await ada.call('get_contact', { contactId: 'c1' })
  await ada.call('list_contact_folders', {})
  await ada.call('delete_contact', { contactId: 'c1' })
  for (const { headers } of transport.requests) expect(headers['prefer']).toBe('IdType="ImmutableId"')
})

it('escapes ids', async () => {
  const { ada, transport } = start([contact])
  await ada.call('get_contact', { contactId: '../me?x#', folderId: 'a/b=' })
  expect(transport.requests[0]?.path).toBe('/v1.0/me/contactFolders/a%2Fb%3D/contacts/..%2Fme%3Fx%23')
})

it('does not repeat a create whose response was lost, and says how to check', async () => {
  const { ada, clock, transport } = start([{ status: 503, json: { error: { code: 'ServiceUnavailable' } } }])
  const error = await errorOf(clock.until(ada.call('create_contact', { givenName: 'Ada' })))
  expect(error).toMatchObject({ details: { outcome: 'unknown' } })
  expect(error.advice).toMatch(/lastModifiedDateTime desc/)
  transport.verify()
})

describe('connecting', () => {
  it('verifies a token with the contacts', async () => {
    const transport = scriptedTransport([{ json: { value: [] } }])
    const connectors = { contacts: outlookContacts() }
    const mcp = createMcpClient({ connectors, vault: vault(), transport, clock: createFakeClock() })
    expect(await mcp.as('ada').contacts.connect({ token: TOKEN })).toEqual({ status: 'connected' })
    expect(transport.requests).toMatchObject([
      { path: '/v1.0/me/contacts', headers: { authorization: `Bearer ${TOKEN}` } },
    ])
  })

  it('asks for the one scope that includes the other', () => {
    const scopes = outlookContacts.profile.auth.flow?.scopes
    expect(scopes).toEqual(['openid', 'profile', 'email', 'offline_access', 'Contacts.ReadWrite'])
  })
})

it.each([
  [{ displayName: 'Dr Reed', givenName: 'Ada' }, 'Dr Reed'],
  [{ givenName: 'Ada', surname: 'Reed' }, 'Ada Reed'],
  [{ emailAddresses: [{ address: 'ada@marshes.example' }] }, 'ada@marshes.example'],
  [{ companyName: 'Marshes Trust' }, 'Marshes Trust'],
  [{ personalNotes: 'Warden' }, 'without a name'],
])('names a contact in the preview: %j', (contact, name) => {
  const { input, preview } = outlookContacts.tools['create_contact'] ?? {}
  const parsed = input?.safeParse(contact)
  if (parsed?.success !== true) throw new Error('The input does not fit.')
  expect(preview?.(parsed.data as never, {} as never)).toBe(`Create the contact ${name}.`)
})

it('marks what is private, and what others may have written', async () => {
  const { ada } = start([])
  const marks = (await ada.listTools()).find(({ name }) => name === 'get_contact')?.outputMarks ?? []
  const marked = (kind: 'private' | 'untrusted') =>
    new Set(marks.filter((mark) => mark[kind] === true).map(({ path }) => path[0] ?? ''))
  const open = ['id', '@odata.etag', 'parentFolderId', 'createdDateTime', 'lastModifiedDateTime', 'categories']
  const numbers = ['imAddresses', 'businessPhones', 'homePhones', 'mobilePhone', 'birthday']
  const secrets = Object.keys(Contact.shape).filter((field) => !open.includes(field))
  expect(marked('private')).toEqual(new Set(secrets))
  expect(marked('untrusted')).toEqual(new Set(secrets.filter((field) => !numbers.includes(field))))
})
