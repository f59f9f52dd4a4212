import { compareWithSdk, succeedingCases } from '@mcpclient/testkit'
import type { SdkCalls } from '@mcpclient/testkit'
import { Client } from '@microsoft/microsoft-graph-client'
import { describe, expect, it } from 'vitest'
import { outlookContacts } from '../src/index.ts'

const TOKEN = 'eyJ0.recorded'

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
const callsFor = (fixture: string): SdkCalls<Client, Input> => ({
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

const cases = succeedingCases<Input>(import.meta.dirname)

describe("beside Microsoft's own client", () => {
  it('compares every tool', () => {
    expect(new Set(cases.map(([, { tool }]) => tool))).toEqual(new Set(Object.keys(callsFor(''))))
    expect(Object.keys(callsFor('')).toSorted()).toEqual(Object.keys(outlookContacts.tools).toSorted())
  })

  it.each(cases)('sends the same request for %s', async (_name, fixture) => {
    const { ours, theirs } = await compareWithSdk(fixture, {
      connector: ({ url }) => outlookContacts({ token: TOKEN, baseUrl: `${url}/v1.0/` }),
      sdk: ({ url }) => {
        const sdk = Client.init({
          baseUrl: url,
          // It sends its own token over https only.
          authProvider: (done) => done(null, TOKEN),
          fetchOptions: { headers: { authorization: `Bearer ${TOKEN}`, prefer: 'IdType="ImmutableId"' } },
        })
        return callsFor(fixture.name)[fixture.tool]?.(sdk, fixture.input)
      },
      headers: ['authorization', 'if-match', 'prefer'],
    })
    expect(ours).toEqual(theirs)
  })
})
