import { people_v1 } from '@googleapis/people'
import { createMcpClient, fetchTransport } from '@mcpclient/core'
import { bodyOf, listen, readFixtures } from '@mcpclient/testkit'
import type { LoopbackServer } from '@mcpclient/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { googleContacts } from '../src/index.ts'
import { maskOf, personOf } from '../src/requests.ts'

const fixtures = readFixtures(import.meta.dirname)
const TOKEN = 'ya29.recorded'

interface Seen {
  readonly method: string
  readonly path: string
  readonly query: readonly string[]
  readonly authorization: string | undefined
  readonly body: unknown
}

let seen: Seen[] = []
let responses: { readonly json?: unknown }[] = []
let server: LoopbackServer

beforeAll(async () => {
  server = await listen((request, reply) => {
    void bodyOf(request).then((body) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1')
      seen.push({
        method: request.method ?? '',
        path: pathname,
        query: [...searchParams].map(([name, value]) => `${name}=${value}`).toSorted(),
        authorization: request.headers.authorization,
        body: body === '' ? undefined : JSON.parse(body),
      })
      reply.writeHead(200, { 'content-type': 'application/json' })
      reply.end(JSON.stringify(responses.shift()?.json ?? {}))
    })
  })
})

beforeEach(() => {
  seen = []
})

afterAll(() => server[Symbol.asyncDispose]())

/** The input of a fixture, as far as the calls below take it apart. */
interface Input {
  readonly resourceName: string
  readonly resourceNames: string[]
  readonly sources: object[]
  readonly contacts: readonly Input[]
  readonly personFields?: readonly string[]
  readonly name: string
  readonly query: string
  readonly warmUp?: boolean
  readonly pageSize?: number
}
type Call = (sdk: people_v1.People, input: Input) => Promise<unknown>

const groupFields = 'clientData,groupType,memberCount,metadata,name'
const readGroupFields = 'groupType,metadata,name'
const changesOf = ({ resourceName: _name, sources: _sources, ...changes }: Input) => changes
const namesOf = (input: Input): string => Object.keys(changesOf(input)).toSorted().join(',')
const updateOf = (input: Input) => ({ ...personOf(changesOf(input)), metadata: { sources: input.sources } })

/** The same call by Google's own client. The defaults are those of the tools. */
const calls: Readonly<Record<string, Call>> = {
  list_contacts: (sdk, { personFields, ...query }) =>
    sdk.people.connections.list({
      pageSize: 100,
      ...(query as object),
      resourceName: 'people/me',
      personFields: maskOf(personFields),
    }),
  async search_contacts(sdk, { query, personFields, pageSize = 10, warmUp = true }) {
    const readMask = maskOf(personFields)
    if (warmUp) await sdk.people.searchContacts({ query: '', readMask })
    return sdk.people.searchContacts({ query, readMask, pageSize })
  },
  get_contact: (sdk, { resourceName, personFields }) =>
    sdk.people.get({ resourceName, personFields: maskOf(personFields) }),
  create_contact: (sdk, input) =>
    sdk.people.createContact({ personFields: maskOf(), requestBody: personOf({ ...input }) }),
  update_contact: (sdk, input) =>
    sdk.people.updateContact({
      resourceName: input.resourceName,
      updatePersonFields: Object.keys(changesOf(input)).join(','),
      personFields: maskOf(),
      requestBody: updateOf(input),
    }),
  delete_contact: (sdk, { resourceName }) => sdk.people.deleteContact({ resourceName }),
  batch_get_contacts: (sdk, { resourceNames, personFields }) =>
    sdk.people.getBatchGet({ resourceNames, personFields: maskOf(personFields) }),
  batch_create_contacts: (sdk, { contacts }) =>
    sdk.people.batchCreateContacts({
      requestBody: { contacts: contacts.map((each) => ({ contactPerson: personOf({ ...each }) })), readMask: maskOf() },
    }),
  batch_update_contacts: (sdk, { contacts }) =>
    sdk.people.batchUpdateContacts({
      requestBody: {
        contacts: Object.fromEntries(contacts.map((each) => [each.resourceName, updateOf(each)])),
        updateMask: contacts.slice(0, 1).map(namesOf).join(','),
        readMask: maskOf(),
      },
    }),
  batch_delete_contacts: (sdk, { resourceNames }) => sdk.people.batchDeleteContacts({ requestBody: { resourceNames } }),
  list_contact_groups: (sdk, query) => sdk.contactGroups.list({ pageSize: 100, ...(query as object), groupFields }),
  get_contact_group: (sdk, input) => sdk.contactGroups.get({ maxMembers: 1000, ...(input as object), groupFields }),
  create_contact_group: (sdk, { name }) =>
    sdk.contactGroups.create({ requestBody: { contactGroup: { name }, readGroupFields } }),
  update_contact_group: (sdk, { resourceName, name }) =>
    sdk.contactGroups.update({
      resourceName,
      requestBody: { contactGroup: { name }, updateGroupFields: 'name', readGroupFields },
    }),
  delete_contact_group: (sdk, { resourceName }) => sdk.contactGroups.delete({ resourceName, deleteContacts: false }),
  modify_contact_group_members: (sdk, { resourceName, ...changes }) =>
    sdk.contactGroups.members.modify({
      resourceName,
      requestBody: { resourceNamesToAdd: [], resourceNamesToRemove: [], ...(changes as object) },
    }),
}

const succeeding = fixtures.filter((fixture) => 'output' in fixture)

describe("beside Google's own client", () => {
  it('compares every tool', () => {
    expect(new Set(succeeding.map(({ tool }) => tool))).toEqual(new Set(Object.keys(calls)))
    expect(Object.keys(calls).toSorted()).toEqual(Object.keys(googleContacts.tools).toSorted())
  })

  it.each(succeeding.map((fixture) => [`${fixture.tool}: ${fixture.name}`, fixture] as const))(
    'sends the same requests for %s',
    async (_name, { tool, input, responses: script }) => {
      responses = [...script]
      const mcp = createMcpClient({
        connectors: { contacts: googleContacts({ token: TOKEN, baseUrl: `${server.url}/` }) },
        transport: fetchTransport(),
      })
      await mcp.client('contacts', 'ada').invoke(tool, input, { maxPages: 1 })
      await mcp.close()
      const ours = seen.splice(0)

      responses = [...script]
      const headers = { authorization: `Bearer ${TOKEN}` }
      const sdk = new people_v1.People({ rootUrl: `${server.url}/`, headers, retry: false })
      await calls[tool]?.(sdk, input as unknown as Input)
      expect(ours.length).toBeGreaterThan(0)
      expect(ours).toEqual(seen)
    },
  )
})
