import { createMcpClient, fetchTransport } from '@mcpclient/core'
import { bodyOf, listen, readFixtures } from '@mcpclient/testkit'
import type { LoopbackServer } from '@mcpclient/testkit'
import { Client } from '@microsoft/microsoft-graph-client'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { outlookContacts } from '../src/index.ts'

const fixtures = readFixtures(import.meta.dirname)
const TOKEN = 'eyJ0.recorded'

interface Seen {
  readonly method: string
  readonly path: string
  readonly query: readonly string[]
  readonly authorization: string | undefined
  readonly ifMatch: string | undefined
  readonly prefer: string | undefined
  readonly body: unknown
}

let seen: Seen[] = []
let response: { readonly status?: number; readonly json?: unknown } = {}
let server: LoopbackServer

beforeAll(async () => {
  server = await listen((request, reply) => {
    void bodyOf(request).then((body) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1')
      const { authorization, 'if-match': ifMatch, prefer } = request.headers
      seen.push({
        method: request.method ?? '',
        path: decodeURIComponent(pathname),
        query: [...searchParams].map(([name, value]) => `${name}=${value}`).toSorted(),
        authorization,
        ifMatch,
        prefer: [prefer].flat().join(),
        body: body === '' ? undefined : JSON.parse(body),
      })
      reply.writeHead(response.status ?? 200, { 'content-type': 'application/json' })
      reply.end(response.json === undefined ? undefined : JSON.stringify(response.json))
    })
  })
})

beforeEach(() => {
  seen = []
})

afterAll(() => server[Symbol.asyncDispose]())

/** The input of a fixture, as far as the calls below take it apart. */
interface Input {
  readonly contactId: string
  readonly folderId?: string
  readonly parentFolderId?: string
  readonly etag?: string
  readonly orderBy?: string
  readonly name: string
  readonly email?: string
  readonly pageSize?: number
}
type Call = (sdk: Client, input: Input) => Promise<unknown>

const contactsIn = (folderId: string | undefined) =>
  folderId === undefined ? '/me/contacts' : `/me/contactFolders/${folderId}/contacts`
const filterFor = ({ name, email }: Input): string => {
  const value = name?.replaceAll("'", "''")
  return email === undefined
    ? `startswith(displayName,'${value}') or startswith(givenName,'${value}') or startswith(surname,'${value}')`
    : `emailAddresses/any(a:a/address eq '${email}')`
}
const EMPTY = { street: null, city: null, state: null, postalCode: null, countryOrRegion: null }

/** The changes of the fixtures as Graph takes them. */
const changes: Readonly<Record<string, object>> = {
  'fields that change and fields that are removed, if the contact has not changed': {
    jobTitle: 'Head warden',
    mobilePhone: '+1 918 555 0102',
    department: null,
    businessPhones: [],
    businessAddress: EMPTY,
    homeAddress: { ...EMPTY, city: 'Ely' },
  },
  'without a condition': { personalNotes: 'Rings herons' },
}

/** Sends the same request with Microsoft's own client. The defaults are those of the tools. */
const callsFor = (fixture: string): Readonly<Record<string, Call>> => ({
  list_contacts(sdk, { folderId, orderBy, pageSize = 100 }) {
    const request = sdk.api(contactsIn(folderId)).top(pageSize)
    return (orderBy === undefined ? request : request.orderby(orderBy)).get()
  },
  search_contacts: (sdk, input) =>
    sdk
      .api(contactsIn(input.folderId))
      .filter(filterFor(input))
      .top(input.pageSize ?? 100)
      .get(),
  get_contact: (sdk, { contactId, folderId }) => sdk.api(`${contactsIn(folderId)}/${contactId}`).get(),
  create_contact: (sdk, { folderId, ...contact }) => sdk.api(contactsIn(folderId)).post(contact),
  update_contact: (sdk, { contactId, folderId, etag }) =>
    conditional(sdk.api(`${contactsIn(folderId)}/${contactId}`), etag).patch(changes[fixture]),
  delete_contact: (sdk, { contactId, folderId, etag }) =>
    conditional(sdk.api(`${contactsIn(folderId)}/${contactId}`), etag).delete(),
  list_contact_folders: (sdk, { parentFolderId, pageSize = 100 }) =>
    sdk
      .api(parentFolderId === undefined ? '/me/contactFolders' : `/me/contactFolders/${parentFolderId}/childFolders`)
      .top(pageSize)
      .get(),
})

const conditional = (request: ReturnType<Client['api']>, etag: string | undefined) =>
  etag === undefined ? request : request.header('If-Match', etag)

const succeeding = fixtures.filter((fixture) => 'output' in fixture)

describe("beside Microsoft's own client", () => {
  it('compares every tool', () => {
    expect(new Set(succeeding.map(({ tool }) => tool))).toEqual(new Set(Object.keys(callsFor(''))))
    expect(Object.keys(callsFor('')).toSorted()).toEqual(Object.keys(outlookContacts.tools).toSorted())
  })

  it.each(succeeding.map((fixture) => [`${fixture.tool}: ${fixture.name}`, fixture] as const))(
    'sends the same request for %s',
    async (_name, { tool, name, input, responses }) => {
      response = responses[0] ?? {}
      const mcp = createMcpClient({
        connectors: { contacts: outlookContacts({ token: TOKEN, baseUrl: `${server.url}/v1.0/` }) },
        transport: fetchTransport(),
      })
      await mcp.client('contacts', 'ada').invoke(tool, input, { maxPages: 1 })
      await mcp.close()

      const sdk = Client.init({
        baseUrl: server.url,
        // It sends its own token over https only.
        authProvider: (done) => done(null, TOKEN),
        fetchOptions: { headers: { authorization: `Bearer ${TOKEN}`, prefer: 'IdType="ImmutableId"' } },
      })
      await callsFor(name)[tool]?.(sdk, input as unknown as Input)
      const [ours, theirs] = seen
      expect(seen).toHaveLength(2)
      expect(ours).toEqual(theirs)
    },
  )
})
