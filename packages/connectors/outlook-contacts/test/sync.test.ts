import { GRAPH_TOKEN, graphScene } from '@mcpclient/testkit'
import type { GraphSceneOptions } from '@mcpclient/testkit'
import { describe, expect, it } from 'vitest'
import { outlookContacts } from '../src/index.ts'

const setUp = (options: Partial<GraphSceneOptions> = {}) => {
  const scene = graphScene(outlookContacts({ token: GRAPH_TOKEN }), { sync: 'contacts', ...options })
  return {
    ...scene,
    people: scene.graph.contacts(),
    idOf: (nickName: string) => scene.table.idWhere((row) => row['nickName'] === nickName),
  }
}
const egret = { nickName: 'Egret', givenName: 'Ada', surname: 'Reed' }

describe('the contacts of a folder', () => {
  it('are equal on both sides, and quiet afterwards', async () => {
    const { people, table, both, settle, writes } = setUp()
    await people.insert({ ...egret, emailAddresses: [{ address: 'ada@marshes.example', name: 'Ada Reed' }] })
    table.edit('mine', { nickName: 'Heron', homePhones: ['+1 918 555 0101'], homeAddress: { city: 'Ely' } })
    expect(await settle()).toMatchObject({ success: true })
    expect(new Set(table.rows().map(({ nickName }) => nickName))).toEqual(new Set(['Egret', 'Heron']))
    expect(people.all().find(({ nickName }) => nickName === 'Heron')).toMatchObject({
      homePhones: ['+1 918 555 0101'],
      homeAddress: { city: 'Ely' },
    })
    writes()
    const rows = table.writes
    expect(await both()).toMatchObject({ success: true, created: { local: 0, remote: 0 } })
    expect([writes(), table.writes]).toEqual([[], rows])
  })

  it('have rows without empty texts, lists and addresses', async () => {
    const { people, table, settle } = setUp()
    await people.insert({ ...egret, categories: [], otherAddress: {}, homeAddress: { city: 'Ely', street: null } })
    await settle()
    expect(table.rows()).toMatchObject([{ homeAddress: { city: 'Ely' } }])
    for (const field of ['categories', 'otherAddress', 'businessPhones', 'jobTitle', 'personalNotes']) {
      expect(table.rows()[0]?.[field] ?? null).toBeNull()
    }
    expect(table.rows()[0]).not.toHaveProperty('lastModifiedDateTime')
  })

  it('send only the fields that changed, so that what is not modelled stays (S13)', async () => {
    const { people, both, table, idOf, writes } = setUp()
    const more = { yomiSurname: 'Riido', extensions: [{ id: 'x' }] }
    await people.insert({ ...egret, ...more })
    await both()
    writes()
    table.edit(idOf('Egret'), { jobTitle: 'Warden' })
    await both()
    expect(writes().map(({ method, body }) => [method, body])).toEqual([['PATCH', { jobTitle: 'Warden' }]])
    expect(people.all()).toMatchObject([{ ...egret, ...more, jobTitle: 'Warden' }])
  })

  it('are emptied field by field, and only by null (S14)', async () => {
    const { people, both, settle, table, idOf, writes } = setUp()
    const home = { street: '1 Reed Way', city: 'Ely' }
    await people.insert({ ...egret, jobTitle: 'Warden', homePhones: ['1'], homeAddress: home, otherAddress: home })
    await both()
    writes()
    table.edit(idOf('Egret'), { surname: null, homePhones: null, homeAddress: null, otherAddress: { city: 'Wick' } })
    await settle()
    const empty = { street: null, city: null, state: null, postalCode: null, countryOrRegion: null }
    expect(writes().map(({ body }) => body)).toEqual([
      { surname: null, homePhones: [], homeAddress: empty, otherAddress: { ...empty, city: 'Wick' } },
    ])
    expect(people.all()).toMatchObject([{ jobTitle: 'Warden', surname: null, homePhones: [] }])
    expect(table.rows()).toMatchObject([{ otherAddress: { city: 'Wick' }, jobTitle: 'Warden' }])
  })

  it('base every write on the etag, and merge a change that came first (S24)', async () => {
    const { graph, people, both, settle, table, idOf, writes } = setUp()
    const id = await people.insert(egret)
    await both()
    writes()
    table.edit(idOf('Egret'), { jobTitle: 'Warden' })
    graph.failNext({ code: 'ErrorIrresolvableConflict', operation: 'contacts.update' })
    await people.patch(id, { companyName: 'Marshes Trust' })
    await settle()
    expect(people.all()).toMatchObject([{ jobTitle: 'Warden', companyName: 'Marshes Trust' }])
    expect(table.rows()).toMatchObject([{ jobTitle: 'Warden', companyName: 'Marshes Trust' }])
    table.drop(idOf('Egret'))
    await settle()
    const sent = writes()
    expect(sent.map(({ method }) => method)).toEqual(['PATCH', 'PATCH', 'DELETE'])
    for (const { headers } of sent) expect(headers.get('if-match')).toMatch(/^W\/"/)
  })

  it('are not created twice if the response to a create is lost', async () => {
    const { graph, people, settle, table } = setUp()
    graph.failNext({ code: 'ServiceUnavailable', operation: 'contacts.create', after: true })
    table.edit('mine', { nickName: 'Heron' })
    await settle()
    await settle()
    expect(people.all()).toMatchObject([{ nickName: 'Heron' }])
    expect(table.rows()).toHaveLength(1)
  })

  it('have the display name that Graph builds, unless they set one', async () => {
    const { people, settle, table, idOf } = setUp()
    await people.insert(egret)
    await settle()
    expect(table.rows()).toMatchObject([{ displayName: 'Ada Reed' }])
    table.edit(idOf('Egret'), { surname: 'Marsh' })
    await settle()
    expect(table.rows()).toMatchObject([{ displayName: 'Ada Marsh' }])
    table.edit(idOf('Egret'), { surname: 'Sedge', displayName: 'Dr Sedge' })
    await settle()
    expect(table.rows()).toMatchObject([{ displayName: 'Dr Sedge', surname: 'Sedge' }])
    expect(people.all()).toMatchObject([{ displayName: 'Dr Sedge', surname: 'Sedge' }])
  })

  it('stay in their folder', async () => {
    const contactFolders = [{ id: 'ringers', displayName: 'Ringers' }]
    const { graph, people, settle, table, idOf } = setUp({ params: { folderId: 'ringers' }, contactFolders })
    await people.insert({ nickName: 'Heron' })
    await graph.contacts('ringers').insert(egret)
    table.edit('mine', { nickName: 'Bittern' })
    await settle()
    expect(new Set(table.rows().map(({ nickName }) => nickName))).toEqual(new Set(['Egret', 'Bittern']))
    table.edit(idOf('Egret'), { jobTitle: 'Warden' })
    table.drop(idOf('Bittern'))
    await settle()
    expect(graph.contacts('ringers').all()).toMatchObject([{ jobTitle: 'Warden' }])
    expect(people.all()).toMatchObject([{ nickName: 'Heron' }])
  })

  it('are created again if a create never arrived', async () => {
    const { graph, people, settle, table } = setUp()
    graph.failNext({ code: 'ServiceUnavailable', operation: 'contacts.create' })
    table.edit('mine', { nickName: 'Heron' })
    await settle()
    await settle()
    expect(people.all()).toMatchObject([{ nickName: 'Heron' }])
  })

  it('are removed on the other side, and what is gone is a success (S23)', async () => {
    const { people, settle, table, idOf } = setUp()
    const [one, other] = [await people.insert(egret), await people.insert({ nickName: 'Heron' })]
    await settle()
    await people.remove(one)
    table.drop(idOf('Heron'))
    await people.remove(other)
    expect(await settle()).toMatchObject({ success: true })
    expect([people.all(), table.rows()]).toEqual([[], []])
  })

  it('are listed again after Graph has forgotten the delta link, and deletions are found (S1)', async () => {
    const { graph, people, both, settle, table } = setUp()
    const id = await people.insert(egret)
    await people.insert({ nickName: 'Heron' })
    await settle()
    await people.remove(id)
    graph.expireDeltaLinks()
    expect(await both()).toMatchObject({ success: true, recovered: 'expired_cursor', deleted: { local: 1 } })
    expect(table.rows()).toMatchObject([{ nickName: 'Heron' }])
  })

  it('are pulled in large pages of immutable ids, by the links as they are', async () => {
    const { people, both, settle, sent } = setUp({ emptyPages: 0.5 })
    for (let n = 0; n < 8; n++) await people.insert({ nickName: `Bird ${n}` })
    await settle()
    await both()
    const pulls = sent.filter(({ url }) => url.pathname.endsWith('/delta'))
    expect(pulls.some(({ url }) => url.searchParams.has('$deltatoken'))).toBe(true)
    for (const { headers } of pulls) {
      expect(headers.get('prefer')).toBe('IdType="ImmutableId", odata.maxpagesize=500')
    }
  })

  it('are not changed by a page that is older than what was seen', async () => {
    const { people, both, settle, table, idOf } = setUp({ lagMs: 120_000 })
    await people.insert({ ...egret, jobTitle: 'Ringer' })
    await settle()
    table.edit(idOf('Egret'), { jobTitle: 'Warden' })
    await both()
    await both()
    expect(table.rows()).toMatchObject([{ jobTitle: 'Warden' }])
    await settle()
    expect(people.all()).toMatchObject([{ jobTitle: 'Warden' }])
  })
})
