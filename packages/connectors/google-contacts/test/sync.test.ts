import { describe, expect, it } from 'vitest'
import { setUp } from './sync-scene.ts'

const DAY = 24 * 60 * 60_000
const ada = { names: [{ givenName: 'Ada', familyName: 'Reed' }] }
const mail = (value: string) => ({ emailAddresses: [{ value, type: 'work' }] })
const group = (name: string) => ({ contactGroupMembership: { contactGroupResourceName: name } })
/** Returns the given names in a list of rows or contacts. */
const given = (rows: readonly object[]) =>
  rows.map((row) => (row as { readonly names?: readonly { readonly givenName?: string }[] }).names?.[0]?.givenName)
const isGiven = (name: string) => (row: object) => given([row])[0] === name

describe('the contacts of a user', () => {
  it('are equal on both sides, and quiet afterwards', async () => {
    const { google, table, both, settle, writes } = setUp()
    google.insert({ ...ada, ...mail('ada@marshes.example'), biographies: [{ value: 'Rings herons' }] })
    table.edit('mine', { names: [{ givenName: 'Bo' }], phoneNumbers: [{ value: '+44 1263 555 0117' }] })
    expect(await settle()).toMatchObject({ success: true })
    expect(new Set(given(table.rows()))).toEqual(new Set(['Ada', 'Bo']))
    expect(google.contacts().find(isGiven('Bo'))).toMatchObject({
      phoneNumbers: [{ value: '+44 1263 555 0117', canonicalForm: '+4412635550117' }],
    })
    writes()
    const rows = table.writes
    expect(await both()).toMatchObject({ success: true, created: { local: 0, remote: 0 } })
    expect([writes(), table.writes]).toEqual([[], rows])
  })

  it('are rows without what Google derives, whose entries stay complete', async () => {
    const { google, table, both } = setUp()
    google.insert({
      names: [{ unstructuredName: 'Ada Reed' }],
      emailAddresses: [
        { value: 'a@marshes.example', type: 'home' },
        { value: 'b@marshes.example', metadata: { sourcePrimary: true } },
      ],
      addresses: [{ type: 'home', city: 'Cley', country: 'GB' }, { formattedValue: 'The hide' }],
      organizations: [{ name: 'Marshes Trust', costCenter: '17' }],
    })
    await both()
    expect(table.rows()).toEqual([
      {
        names: [{ givenName: 'Ada', familyName: 'Reed' }],
        emailAddresses: [
          { value: 'a@marshes.example', type: 'home' },
          { value: 'b@marshes.example', metadata: { sourcePrimary: true } },
        ],
        addresses: [
          { type: 'home', city: 'Cley', country: 'GB', metadata: { sourcePrimary: true } },
          { formattedValue: 'The hide' },
        ],
        organizations: [{ name: 'Marshes Trust', costCenter: '17' }],
        memberships: ['contactGroups/myContacts'],
        photos: [{ url: expect.any(String) as string, default: true }],
      },
    ])
  })

  it('are changed with a mask of the fields that changed, and with the etag that they are based on (S13)', async () => {
    const { google, table, both, writes } = setUp()
    google.insert({ ...ada, ...mail('ada@marshes.example'), interests: [{ value: 'herons' }] })
    await both()
    writes()
    table.edit(table.idWhere(isGiven('Ada')), mail('ada@home.example'))
    await both()
    const [update, ...others] = writes()
    expect(others).toEqual([])
    expect(update?.url.searchParams.get('updatePersonFields')).toBe('emailAddresses')
    expect(update?.body).toEqual({
      emailAddresses: [{ value: 'ada@home.example', type: 'work' }],
      metadata: { sources: [expect.objectContaining({ type: 'CONTACT', etag: '#1' })] },
    })
    expect(google.contacts()).toMatchObject([{ ...ada, ...mail('ada@home.example'), interests: [{ value: 'herons' }] }])
  })

  it('keep the default entry of a list that is written', async () => {
    const { google, table, both } = setUp()
    const emailAddresses = [
      { value: 'a@marshes.example' },
      { value: 'b@marshes.example', metadata: { sourcePrimary: true } },
    ]
    google.insert({ ...ada, emailAddresses })
    await both()
    table.edit(table.idWhere(isGiven('Ada')), {
      emailAddresses: [{ value: 'c@marshes.example' }, ...emailAddresses.slice(1)],
    })
    await both()
    expect(google.contacts()[0]?.emailAddresses).toMatchObject([
      { value: 'c@marshes.example' },
      { value: 'b@marshes.example', metadata: { primary: true } },
    ])
  })

  it('are emptied field by field, and only by null (S14)', async () => {
    const { google, table, both, writes } = setUp()
    google.insert({ ...ada, ...mail('ada@marshes.example'), nicknames: [{ value: 'Heron' }] })
    await both()
    writes()
    table.edit(table.idWhere(isGiven('Ada')), { emailAddresses: null })
    await both()
    const [update] = writes()
    expect(update?.url.searchParams.get('updatePersonFields')).toBe('emailAddresses')
    expect(update?.body).not.toHaveProperty('emailAddresses')
    expect(google.contacts()[0]).not.toHaveProperty('emailAddresses')
    expect(google.contacts()).toMatchObject([{ nicknames: [{ value: 'Heron' }] }])
  })

  it('never send photos', async () => {
    const { google, table, settle, writes } = setUp()
    google.insert(ada)
    await settle()
    table.edit(table.idWhere(isGiven('Ada')), { photos: [], nicknames: [{ value: 'Heron' }] })
    table.edit('mine', { names: [{ givenName: 'Bo' }], photos: [{ url: 'https://app.example/bo.png' }] })
    await settle()
    const sent = writes()
    expect(sent.map(({ method }) => method).toSorted()).toEqual(['PATCH', 'POST'])
    for (const { body, url } of sent) {
      expect(body).not.toHaveProperty('photos')
      expect(url.searchParams.get('updatePersonFields') ?? '').not.toContain('photos')
    }
  })

  it('merge an edit that Google refuses because of its etag (S24)', async () => {
    const { google, table, both, writes } = setUp()
    const { resourceName = '' } = google.insert({ ...ada, ...mail('ada@marshes.example') })
    await both()
    writes()
    table.edit(table.idWhere(isGiven('Ada')), mail('ada@home.example'))
    google.failNext({ reason: 'FAILED_PRECONDITION', operation: 'people.updateContact' })
    google.update(resourceName, { nicknames: [{ value: 'Heron' }] })
    expect(await both()).toMatchObject({ success: true, conflicts: 0 })
    expect(writes().map(({ status }) => status)).toEqual([400, 200])
    const merged = { ...mail('ada@home.example'), nicknames: [{ value: 'Heron' }] }
    expect(google.contacts()).toMatchObject([merged])
    expect(table.rows()).toMatchObject([merged])
  })

  it('are parked if Google refuses every etag (S25)', async () => {
    const { google, table, both, parked } = setUp()
    google.insert(ada)
    await both()
    table.edit(table.idWhere(isGiven('Ada')), { nicknames: [{ value: 'Heron' }] })
    google.failNext({ reason: 'FAILED_PRECONDITION', operation: 'people.updateContact', count: 100 })
    for (let round = 0; round < 4; round++) await both()
    expect(google.requests['people.updateContact']).toBeLessThan(10)
    expect(await parked()).toMatchObject([{ kind: 'failing' }])
  })
})

describe('the groups of a contact', () => {
  it('are merged by element', async () => {
    const { google, table, both } = setUp()
    const [one, two, three] = ['One', 'Two', 'Three'].map((name) => google.createGroup(name).resourceName)
    const mine = 'contactGroups/myContacts'
    const { resourceName = '' } = google.insert({ ...ada, memberships: [mine, one ?? ''].map(group) })
    await both()
    google.update(resourceName, { memberships: [mine, one ?? '', two ?? ''].map(group) })
    table.edit(table.idWhere(isGiven('Ada')), { memberships: [mine, three] })
    expect(await both()).toMatchObject({ success: true, conflicts: 0 })
    const names = new Set([mine, two, three])
    expect(new Set((table.rows()[0] as { readonly memberships: string[] }).memberships)).toEqual(names)
    expect(
      new Set(
        google
          .contacts()[0]
          ?.memberships?.map(
            (each) =>
              (each['contactGroupMembership'] as { readonly contactGroupResourceName: string })
                .contactGroupResourceName,
          ),
      ),
    ).toEqual(names)
  })

  it('are never none: a contact without a group belongs to that of all contacts', async () => {
    const { google, table, settle, both, writes } = setUp()
    google.insert({ ...ada, memberships: [group(google.createGroup('One').resourceName)] })
    await both()
    table.edit(table.idWhere(isGiven('Ada')), { memberships: null })
    expect(await settle()).toMatchObject({ success: true })
    expect(google.contacts()).toMatchObject([{ memberships: [group('contactGroups/myContacts')] }])
    writes()
    await both()
    expect(writes()).toEqual([])
  })
})

describe('deletions', () => {
  it('arrive in both directions, and what is gone is a success (S23)', async () => {
    const { google, table, settle, writes } = setUp()
    const names = ['Ada', 'Bo', 'Cy'].map((name) => google.insert({ names: [{ givenName: name }] }).resourceName ?? '')
    await settle()
    google.remove(names[0] ?? '')
    await settle()
    expect(given(table.rows())).toEqual(['Bo', 'Cy'])
    writes()
    table.drop(table.idWhere(isGiven('Bo')))
    table.drop(table.idWhere(isGiven('Cy')))
    google.remove(names[2] ?? '')
    expect(await settle()).toMatchObject({ success: true, errors: [] })
    expect(google.contacts()).toEqual([])
    expect(writes()).toMatchObject([{ method: 'DELETE', status: 200 }])
  })

  it('follow a contact that gets another resource name', async () => {
    const { google, table, settle } = setUp()
    const { resourceName = '' } = google.insert(ada)
    await settle()
    const renamed = google.rename(resourceName)
    expect(await settle()).toMatchObject({ success: true })
    expect(given(table.rows())).toEqual(['Ada'])
    expect(google.contacts()).toMatchObject([{ resourceName: renamed.resourceName }])
    table.edit(table.idWhere(isGiven('Ada')), { nicknames: [{ value: 'Heron' }] })
    await settle()
    expect(google.contacts()).toMatchObject([{ ...ada, nicknames: [{ value: 'Heron' }] }])
  })

  it('spare a contact that was edited after the last read, because Google does not check an etag', async () => {
    const { google, table, both, settle } = setUp()
    const { resourceName = '' } = google.insert(ada)
    google.insert({ names: [{ givenName: 'Bo' }] })
    await settle()
    table.drop(table.idWhere(isGiven('Ada')))
    google.update(resourceName, { nicknames: [{ value: 'Heron' }] })
    await both()
    await settle()
    expect(google.contacts()).toHaveLength(2)
    expect(table.rows()).toHaveLength(2)
    expect(google.requests['people.deleteContact']).toBeUndefined()
  })

  it('are counted, because an edit between the read and the deletion would be lost', async () => {
    const { google, table, both, settle } = setUp()
    google.insert(ada)
    await settle()
    table.drop(table.idWhere(isGiven('Ada')))
    expect(await both()).toMatchObject({ deleted: { remote: 1 }, unconditional: 1 })
  })
})

describe('a sync token', () => {
  it('expires 7 days after the full list, whatever came between, and everything is listed again (S1)', async () => {
    const { google, table, clock, both } = setUp()
    const { resourceName = '' } = google.insert(ada)
    google.insert({ names: [{ givenName: 'Bo' }] })
    await both()
    await clock.advance(4 * DAY)
    expect((await both()).recovered).toBeUndefined()
    google.remove(resourceName)
    await clock.advance(3 * DAY)
    expect(await both({ confirmRemovals: true })).toMatchObject({
      success: true,
      recovered: 'expired_cursor',
      deleted: { local: 1 },
    })
    expect(given(table.rows())).toEqual(['Bo'])
    expect((await both()).recovered).toBeUndefined()
  })

  it('is sent with the parameters of the first list', async () => {
    const { google, both, sent } = setUp()
    google.insert(ada)
    await both()
    await both()
    const lists = sent.filter(({ url }) => url.pathname.endsWith('/connections'))
    const [first, second] = lists.map(({ url }) => new Map(url.searchParams))
    expect(second?.get('syncToken')).toBeDefined()
    second?.delete('syncToken')
    expect(second).toEqual(first)
    expect(first?.get('sources')).toBe('READ_SOURCE_TYPE_CONTACT')
  })

  it('survives a quota of the first page', async () => {
    const { google, both, table } = setUp()
    google.insert(ada)
    google.failNext({ reason: 'RATE_LIMIT_EXCEEDED', operation: 'people.connections.list' })
    expect(await both()).toMatchObject({ success: true })
    expect(table.rows()).toHaveLength(1)
  })
})

describe('a create whose response was lost', () => {
  it('is parked as unknown, and its contact is found in the next list (S7)', async () => {
    const { google, table, clock, both, settle, parked } = setUp()
    table.edit('mine', ada)
    google.failNext({ reason: 'UNAVAILABLE', operation: 'people.createContact', after: true })
    await both()
    await clock.advance(1000)
    await settle()
    expect(given(google.contacts())).toEqual(['Ada'])
    expect(table.rows()).toHaveLength(1)
    expect(await parked()).toEqual([])
  })

  it('is repeated if no list shows a new contact', async () => {
    const { google, table, both, settle } = setUp()
    table.edit('mine', ada)
    google.failNext({ reason: 'UNAVAILABLE', operation: 'people.createContact' })
    await both()
    await settle()
    await settle()
    expect(given(google.contacts())).toEqual(['Ada'])
    expect(table.rows()).toHaveLength(1)
  })

  it('waits for a decision if the contact was changed meanwhile, with the likely match', async () => {
    const { google, table, both, settle, parked, resolve } = setUp()
    table.edit('mine', ada)
    google.failNext({ reason: 'UNAVAILABLE', operation: 'people.createContact', after: true })
    await both()
    const [created] = google.contacts()
    google.update(created?.resourceName ?? '', { nicknames: [{ value: 'Heron' }], names: [{ givenName: 'Adah' }] })
    await settle()
    const [unknown] = await parked()
    expect(unknown).toMatchObject({ kind: 'unknown', localId: 'mine', candidates: [created?.resourceName] })
    expect(google.contacts()).toHaveLength(1)
    await resolve(unknown?.id ?? '', 'remote')
    await settle()
    expect(google.contacts()).toHaveLength(1)
    expect(given(table.rows())).toEqual(['Adah'])
    expect(await parked()).toEqual([])
  })
})
