import { describe, expect, it } from 'vitest'
import { mailbox } from './mailbox.ts'

describe('a contact', () => {
  it('has a display name that follows its other names until it is set', async () => {
    const { call } = mailbox()
    const { body } = await call('POST', 'me/contacts', { body: { givenName: 'Ada', surname: 'Reed' } })
    expect(body).toMatchObject({ displayName: 'Ada Reed' })
    const change = async (changes: object) =>
      (await call('PATCH', `me/contacts/${body.id}`, { body: changes })).body['displayName']
    expect(await change({ jobTitle: 'Warden' })).toBe('Ada Reed')
    expect(await change({ surname: 'Marsh' })).toBe('Ada Marsh')
    expect(await change({ surname: 'Sedge', displayName: 'Dr Sedge' })).toBe('Dr Sedge')
    expect(await change({ jobTitle: 'Ringer' })).toBe('Dr Sedge')
    expect(await change({ middleName: 'B' })).toBe('Ada B Sedge')
  })

  it('keeps the parts of an address that a change leaves out', async () => {
    const { call } = mailbox()
    const homeAddress = { street: '1 Reed Way', city: 'Ely' }
    const { body } = await call('POST', 'me/contacts', { body: { givenName: 'Ada', homeAddress } })
    const change = async (changes: object) =>
      (await call('PATCH', `me/contacts/${body.id}`, { body: { homeAddress: changes } })).body['homeAddress']
    expect(await change({ city: 'Wick' })).toEqual({ street: '1 Reed Way', city: 'Wick' })
    expect(await change({ street: null })).toEqual({ city: 'Wick' })
  })

  it('has no list that is null', async () => {
    const { call } = mailbox()
    expect(await call('POST', 'me/contacts', { body: { homePhones: null } })).toMatchObject({ status: 400 })
  })
})

describe('a folder of contacts', () => {
  const contactFolders = [{ id: 'ringers', displayName: 'Ringers' }]

  it('is listed, and has contacts of its own', async () => {
    const { call, graph } = mailbox({ contactFolders })
    expect((await call('GET', 'me/contactFolders')).body.value).toMatchObject(contactFolders)
    const { body } = await call('POST', 'me/contactFolders/ringers/contacts', { body: { givenName: 'Ada' } })
    expect(graph.contacts('ringers').all()).toMatchObject([{ id: body.id, parentFolderId: 'ringers' }])
    expect(graph.contacts().all()).toEqual([])
    expect((await call('GET', 'me/contactFolders/ringers/contacts/delta')).body.value).toHaveLength(1)
    expect((await call('GET', 'me/contacts/delta')).body.value).toEqual([])
  })

  it('is unknown unless the options have it', () => {
    expect(() => mailbox().graph.contacts('ringers')).toThrow()
  })
})
