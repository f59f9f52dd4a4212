import { people_v1 } from '@googleapis/people'
import { compareWithSdk, succeedingCases } from '@mcpclient/testkit'
import type { SdkCalls } from '@mcpclient/testkit'
import { describe, expect, it } from 'vitest'
import { googleContacts } from '../src/index.ts'
import { maskOf, personOf } from '../src/requests.ts'

const TOKEN = 'ya29.recorded'

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

const groupFields = 'clientData,groupType,memberCount,metadata,name'
const readGroupFields = 'groupType,metadata,name'
const changesOf = ({ resourceName: _name, sources: _sources, ...changes }: Input) => changes
const namesOf = (input: Input): string => Object.keys(changesOf(input)).toSorted().join(',')
const updateOf = (input: Input) => ({ ...personOf(changesOf(input)), metadata: { sources: input.sources } })

/** The same call by Google's own client. The defaults are those of the tools. */
const calls: SdkCalls<people_v1.People, Input> = {
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

const cases = succeedingCases<Input>(import.meta.dirname)

describe("beside Google's own client", () => {
  it('compares every tool', () => {
    expect(new Set(cases.map(([, { tool }]) => tool))).toEqual(new Set(Object.keys(calls)))
    expect(Object.keys(calls).toSorted()).toEqual(Object.keys(googleContacts.tools).toSorted())
  })

  it.each(cases)('sends the same requests for %s', async (_name, fixture) => {
    const { ours, theirs } = await compareWithSdk(fixture, {
      connector: ({ url }) => googleContacts({ token: TOKEN, baseUrl: `${url}/` }),
      sdk: ({ url }) => {
        const headers = { authorization: `Bearer ${TOKEN}` }
        return calls[fixture.tool]?.(new people_v1.People({ rootUrl: `${url}/`, headers, retry: false }), fixture.input)
      },
    })
    expect(ours).toEqual(theirs)
  })
})
