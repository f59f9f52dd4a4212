import { auth, people } from '@googleapis/people'
import type { people_v1 } from '@googleapis/people'
import { bodyOf, listen } from '@mcpclient/testkit'
import type { LoopbackServer } from '@mcpclient/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { account, named } from './account.ts'

let current: ReturnType<typeof account>
let server: LoopbackServer
let google: people_v1.People

beforeAll(async () => {
  server = await listen((incoming, outgoing) => {
    void bodyOf(incoming).then(async (body) => {
      const response = await current.google.handle(
        new Request(`http://127.0.0.1${incoming.url ?? ''}`, {
          method: incoming.method ?? 'GET',
          headers: { authorization: incoming.headers.authorization ?? '' },
          ...(body !== '' && { body }),
        }),
      )
      outgoing.writeHead(response.status, Object.fromEntries(response.headers))
      outgoing.end(await response.text())
    })
  })
  const client = new auth.OAuth2()
  client.setCredentials({ access_token: 'secret' })
  google = people({ version: 'v1', auth: client, rootUrl: `${server.url}/`, retry: false })
})
afterAll(() => server[Symbol.asyncDispose]())
beforeEach(() => {
  current = account()
})

const personFields = 'names,metadata,memberships'

describe("Google's own client", () => {
  it('writes and reads contacts', async () => {
    const { data } = await google.people.createContact({ personFields, requestBody: { names: [{ givenName: 'Ada' }] } })
    const resourceName = data.resourceName ?? ''
    const requestBody = { names: [{ givenName: 'Adah' }], metadata: { sources: data.metadata?.sources ?? [] } }
    await google.people.updateContact({ resourceName, updatePersonFields: 'names', requestBody })
    expect((await google.people.get({ resourceName, personFields })).data.names).toMatchObject([{ givenName: 'Adah' }])
    await expect(
      google.people.updateContact({ resourceName, updatePersonFields: 'names', requestBody }),
    ).rejects.toMatchObject({ status: 400 })
    await google.people.deleteContact({ resourceName })
    expect(current.google.contacts()).toEqual([])
  })

  it('lists changes', async () => {
    current.google.insert(named('Ada'))
    const list = { resourceName: 'people/me', personFields, requestSyncToken: true }
    const { data } = await google.people.connections.list(list)
    const { resourceName } = current.google.insert(named('Bo'))
    const changes = await google.people.connections.list({ ...list, syncToken: data.nextSyncToken ?? '' })
    expect(changes.data.connections).toMatchObject([{ resourceName }])
  })

  it('manages groups and their members', async () => {
    const { resourceName: contact = '' } = current.google.insert(named('Ada'))
    const { data } = await google.contactGroups.create({ requestBody: { contactGroup: { name: 'Ringers' } } })
    const resourceName = data.resourceName ?? ''
    const again = google.contactGroups.create({ requestBody: { contactGroup: { name: 'Ringers' } } })
    await expect(again).rejects.toMatchObject({ status: 409 })
    const requestBody = { resourceNamesToAdd: [contact, 'people/cx'] }
    const added = await google.contactGroups.members.modify({ resourceName, requestBody })
    expect(added.data).toEqual({ notFoundResourceNames: ['people/cx'] })
    await google.contactGroups.update({ resourceName, requestBody: { contactGroup: { name: 'Wardens' } } })
    const { data: group } = await google.contactGroups.get({ resourceName, maxMembers: 10 })
    expect(group).toMatchObject({ name: 'Wardens', memberCount: 1, memberResourceNames: [contact] })
    const leave = (group: string) =>
      google.contactGroups.members.modify({ resourceName: group, requestBody: { resourceNamesToRemove: [contact] } })
    await leave('contactGroups/myContacts')
    expect((await leave(resourceName)).data).toEqual({ canNotRemoveLastContactGroupResourceNames: [contact] })
    await google.contactGroups.delete({ resourceName })
    const { data: groups } = await google.contactGroups.list()
    expect(groups.contactGroups?.map(({ formattedName, memberCount }) => [formattedName, memberCount])).toEqual([
      ['My Contacts', 1],
      ['Starred', 0],
    ])
    await expect(google.contactGroups.delete({ resourceName: 'contactGroups/starred' })).rejects.toMatchObject({
      status: 400,
    })
  })

  it('deletes the members of a group with it if it is asked to', async () => {
    const { resourceName: group } = current.google.createGroup('Ringers')
    current.google.insert(
      named('Ada', { memberships: [{ contactGroupMembership: { contactGroupResourceName: group } }] }),
    )
    current.google.insert(named('Bo'))
    await google.contactGroups.delete({ resourceName: group, deleteContacts: true })
    expect(current.google.contacts()).toMatchObject([named('Bo')])
  })
})
