import { createMcpClient } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { createFakeClock, errorOf, scriptedTransport } from '@mcpclient/testing'
import type { ScriptedReply } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { googleContacts } from '../src/index.ts'
import { personFields } from '../src/requests.ts'

const TOKEN = 'ya29.canary-heron'
const sources = [{ type: 'CONTACT', id: '5a1c', etag: '#1' }]

function start(script: readonly ScriptedReply[]) {
  const transport = scriptedTransport(script)
  const clock = createFakeClock()
  const connectors = { contacts: googleContacts({ token: TOKEN }) }
  const mcp = createMcpClient({ connectors, vault: vault(), transport, clock, random: () => 0.5 })
  return { ada: mcp.as('ada').contacts, clock, mcp, transport }
}

const person = { json: { resourceName: 'people/c1', etag: '%E' } }
const queryOf = (transport: ReturnType<typeof start>['transport'], index = 0) =>
  new URL(transport.requests[index]?.url ?? '').searchParams

describe('a change of a contact', () => {
  it('names the fields that were passed, and no other one', async () => {
    const { ada, transport } = start([person])
    await ada.call('update_contact', {
      resourceName: 'people/c1',
      sources,
      emailAddresses: [{ value: 'ada@marshes.example' }],
      birthdays: [],
    })
    expect(queryOf(transport).get('updatePersonFields')).toBe('emailAddresses,birthdays')
    expect(transport.requests[0]?.json).toEqual({
      emailAddresses: [{ value: 'ada@marshes.example' }],
      birthdays: [],
      metadata: { sources },
    })
  })

  it.each([
    ['no field', { sources }],
    ['no source', { sources: [], nicknames: [] }],
    ['two names', { sources, names: [{ givenName: 'Ada' }, { givenName: 'Bo' }] }],
    ['two birthdays', { sources, birthdays: [{ text: '17 May' }, { text: '18 May' }] }],
  ])('is refused with %s', async (_what, input) => {
    const { ada, transport } = start([])
    const error = await errorOf(ada.call('update_contact', { resourceName: 'people/c1', ...input }))
    expect(error.code).toBe('INVALID_INPUT')
    expect(transport.requests).toEqual([])
  })

  it('is not sent twice after a lost response', async () => {
    const { ada, clock, transport } = start([{ status: 503, json: {} }])
    const error = await errorOf(
      clock.until(ada.call('update_contact', { resourceName: 'people/c1', sources, nicknames: [] })),
    )
    expect(error).toMatchObject({ code: 'MCP_SERVER_ERROR', details: { outcome: 'unknown' } })
    expect(transport.requests).toHaveLength(1)
  })
})

describe('a batch of changes', () => {
  const change = (id: string, more: object) => ({ resourceName: `people/${id}`, sources, ...more })

  it('is refused if one mask would remove a field from a contact that was not to lose it', async () => {
    const { ada, transport } = start([])
    const contacts = [change('c1', { nicknames: [{ value: 'Heron' }] }), change('c2', { urls: [] })]
    const error = await errorOf(ada.call('batch_update_contacts', { contacts }))
    expect(error.code).toBe('INVALID_INPUT')
    expect(error.message).toContain('Pass the same fields for each contact.')
    expect(transport.requests).toEqual([])
  })

  it('is refused without a field', async () => {
    const { ada } = start([])
    const error = await errorOf(ada.call('batch_update_contacts', { contacts: [change('c1', {})] }))
    expect(error.code).toBe('INVALID_INPUT')
  })

  it('has at most as many contacts as Google accepts', async () => {
    const { ada } = start([])
    const names = (count: number) => Array.from({ length: count }, (_, each) => `people/c${each}`)
    for (const call of [
      ada.call('batch_get_contacts', { resourceNames: names(201) }),
      ada.call('batch_delete_contacts', { resourceNames: names(501) }),
      ada.call('batch_create_contacts', { contacts: names(201).map((value) => ({ nicknames: [{ value }] })) }),
    ]) {
      expect((await errorOf(call)).code).toBe('INVALID_INPUT')
    }
  })
})

describe('a resource name', () => {
  it.each(['c1', 'people/', 'people/a/b', 'people/..', 'people/c1:deleteContact', 'people/c1?x=1', 'contactGroups/c1'])(
    'is refused if it would address something else: %s',
    async (resourceName) => {
      const { ada, transport } = start([])
      expect((await errorOf(ada.call('get_contact', { resourceName }))).code).toBe('INVALID_INPUT')
      expect((await errorOf(ada.call('delete_contact', { resourceName }))).code).toBe('INVALID_INPUT')
      expect(transport.requests).toEqual([])
    },
  )
})

describe('a search', () => {
  it('does not search if the warm-up fails', async () => {
    const { ada, transport } = start([{ status: 403, json: { error: { code: 403, status: 'PERMISSION_DENIED' } } }])
    const error = await errorOf(ada.call('search_contacts', { query: 'ada' }))
    expect(error).toMatchObject({ details: { status: 403, providerCode: 'PERMISSION_DENIED' } })
    transport.verify()
  })
})

describe('a list of contacts', () => {
  it('retries a page that exceeds a quota', async () => {
    const limited = { status: 429, json: { error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'Quota.' } } }
    const { ada, clock, transport } = start([limited, { json: { connections: [person.json] } }])
    expect(await clock.until(ada.call('list_contacts', {}))).toMatchObject({
      connections: [{ resourceName: 'people/c1' }],
    })
    transport.verify()
  })

  it('follows a token after an empty page (S4)', async () => {
    const { ada } = start([{ json: { nextPageToken: 'p2' } }, { json: { connections: [person.json] } }])
    const { connections, complete } = await ada.call('list_contacts', {})
    expect([connections.length, complete]).toEqual([1, true])
  })

  it('leaves memberships of a domain out', async () => {
    const memberships = [
      { contactGroupMembership: { contactGroupId: 'a', contactGroupResourceName: 'contactGroups/a' } },
      { domainMembership: { inViewerDomain: true } },
    ]
    const { ada } = start([{ json: { connections: [{ ...person.json, memberships }] } }])
    const { connections } = await ada.call('list_contacts', {})
    expect(connections).toMatchObject([{ memberships: ['contactGroups/a'] }])
  })
})

describe('connecting', () => {
  it('verifies a token with the own profile, and reads the account', async () => {
    const transport = scriptedTransport([{ json: { resourceName: 'people/110417', etag: '%E' } }])
    const connectors = { contacts: googleContacts() }
    const mcp = createMcpClient({ connectors, vault: vault(), transport, clock: createFakeClock() })
    expect(await mcp.as('ada').contacts.connect({ token: TOKEN })).toEqual({
      status: 'connected',
      account: { id: 'people/110417' },
    })
    expect(transport.requests).toMatchObject([{ path: '/v1/people/me', headers: { authorization: `Bearer ${TOKEN}` } }])
  })

  it('asks for the one scope that includes the other', () => {
    const scopes = googleContacts.profile.auth.flow?.scopes
    expect(scopes).toEqual(['openid', 'https://www.googleapis.com/auth/contacts'])
  })
})

it('shows what a preview creates', () => {
  const { input, preview } = googleContacts.tools['create_contact'] ?? {}
  const shown = (contact: object): unknown => {
    const parsed = input?.safeParse(contact)
    if (parsed?.success !== true) throw new Error('The input does not fit.')
    return preview?.(parsed.data as never, {} as never)
  }
  expect(shown({ names: [{ givenName: 'Ada', familyName: 'Reed' }] })).toBe('Create the contact Ada Reed.')
  expect(shown({ names: [{ unstructuredName: 'Dr Reed' }] })).toBe('Create the contact Dr Reed.')
  expect(shown({ emailAddresses: [{ value: 'ada@marshes.example' }] })).toBe('Create the contact ada@marshes.example.')
  expect(shown({ organizations: [{ name: 'Marshes Trust' }] })).toBe('Create the contact Marshes Trust.')
  expect(shown({ urls: [{ value: 'https://marshes.example' }] })).toBe('Create the contact without a name.')
})

it('marks what is private, and what others may have written', async () => {
  const { ada } = start([])
  const tools = await ada.listTools()
  const marks = tools.find(({ name }) => name === 'get_contact')?.outputMarks ?? []
  const paths = (isTaken: (mark: (typeof marks)[number]) => boolean) =>
    new Set(marks.filter(isTaken).map(({ path }) => path[0]))
  expect(paths(({ private: isPrivate }) => isPrivate === true)).toEqual(
    new Set(personFields.filter((field) => !['memberships', 'photos'].includes(field))),
  )
  expect(paths(({ untrusted }) => untrusted === true)).toEqual(
    new Set([
      'names',
      'nicknames',
      'emailAddresses',
      'addresses',
      'organizations',
      'occupations',
      'birthdays',
      'biographies',
      'urls',
      'relations',
      'userDefined',
    ]),
  )
})
