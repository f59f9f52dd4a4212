import { describe, expect, it } from 'vitest'
import { account, basedOn, checked, givenNames, LIST, named, READ, vendorContract } from './account.ts'

describe('a contact', () => {
  it('is created with an id of Google, a group and what Google derives', async () => {
    const { call } = account()
    const body = {
      names: [{ unstructuredName: 'Ada Reed' }],
      emailAddresses: [{ value: 'ada@marshes.example', type: 'work' }],
    }
    const created = await call('POST', 'people:createContact', { query: READ, body })
    expect(created).toMatchObject({
      status: 200,
      body: {
        resourceName: expect.stringMatching(/^people\/c/) as string,
        metadata: { sources: [{ type: 'CONTACT', etag: '#1' }] },
        names: [{ givenName: 'Ada', familyName: 'Reed', displayName: 'Ada Reed', displayNameLastFirst: 'Reed, Ada' }],
        emailAddresses: [{ formattedType: 'Work', metadata: { primary: true, source: { type: 'CONTACT' } } }],
        memberships: [{ contactGroupMembership: { contactGroupResourceName: 'contactGroups/myContacts' } }],
      },
    })
    // The same body again is another contact.
    const again = await call('POST', 'people:createContact', { query: READ, body })
    expect(again.body.resourceName).not.toBe(created.body.resourceName)
  })

  it('changes in the fields of the mask only, if its etag is the current one', async () => {
    const { call, google } = account()
    const before = google.insert(
      named('Ada', {
        emailAddresses: [{ value: 'ada@marshes.example' }],
        urls: [{ value: 'https://marshes.example' }],
      }),
    )
    const path = `${before.resourceName}:updateContact`
    const query = { ...READ, updatePersonFields: 'emailAddresses,names' }
    const body = basedOn(before, { ...named('Adah'), urls: [] })
    const updated = await call('PATCH', path, { query, body })
    expect(updated.body).toMatchObject(named('Adah'))
    expect(updated.body).not.toHaveProperty('emailAddresses')
    expect(google.contacts()).toMatchObject([{ urls: [{ value: 'https://marshes.example' }] }])
    expect(await call('PATCH', path, { query, body })).toMatchObject({
      status: 400,
      reason: 'FAILED_PRECONDITION',
      body: { error: { errors: [{ reason: 'failedPrecondition' }] } },
    })
    expect(await call('PATCH', path, { query, body: basedOn(updated.body, named('Ida')) })).toMatchObject({
      status: 200,
    })
  })

  it.each([
    ['no mask', {}, {}],
    ['a field that cannot be written', { updatePersonFields: 'photos' }, {}],
    ['no source', { updatePersonFields: 'names' }, { metadata: { sources: [] } }],
    ['two names', { updatePersonFields: 'names' }, { names: [{ givenName: 'Ada' }, { givenName: 'Bo' }] }],
    ['no group', { updatePersonFields: 'memberships' }, { memberships: [] }],
    ['an unknown field', { updatePersonFields: 'names' }, { nickname: 'Heron' }],
  ])('is not changed with %s', async (_what, mask, changes) => {
    const { call, google } = account()
    const before = google.insert(named('Ada'))
    const query = { ...READ, ...mask }
    const body = { ...basedOn(before, {}), ...changes }
    expect(await call('PATCH', `${before.resourceName}:updateContact`, { query, body })).toMatchObject({
      status: 400,
      reason: 'INVALID_ARGUMENT',
    })
    expect(google.contacts()).toEqual([before])
  })

  it('is deleted whatever its etag, and is gone then', async () => {
    const { call, google } = account()
    const { resourceName } = google.insert(named('Ada'))
    expect(await call('DELETE', `${resourceName}:deleteContact`)).toMatchObject({ status: 200, body: {} })
    for (const [method, path] of [
      ['DELETE', `${resourceName}:deleteContact`],
      ['GET', resourceName ?? ''],
    ] as const) {
      expect(await call(method, path, { query: method === 'GET' ? READ : {} })).toMatchObject({
        status: 404,
        reason: 'NOT_FOUND',
      })
    }
  })

  it('is found by a search once an empty search has updated the index', async () => {
    const { call, google } = account()
    google.insert(named('Ada', { organizations: [{ name: 'Marshes Trust' }] }))
    const search = async (query: string) =>
      givenNames(
        (
          await call('GET', 'people:searchContacts', { query: { query, readMask: 'names,metadata' } })
        ).body.results?.map(({ person }) => person),
      )
    expect(await search('ad')).toEqual([])
    await search('')
    expect(await search('ad')).toEqual(['Ada'])
    expect(await search('trus')).toEqual(['Ada'])
    expect(await search('da')).toEqual([])
  })
})

describe('a batch', () => {
  it('creates, changes, reads and deletes contacts', async () => {
    const { call, google } = account()
    const contacts = ['Ada', 'Bo'].map((name) => ({ contactPerson: named(name) }))
    const readMask = 'names,metadata'
    await call('POST', 'people:batchCreateContacts', { body: { contacts, readMask } })
    const [ada = {}, bo = {}] = google.contacts()
    const changes = {
      [ada.resourceName ?? '']: basedOn(ada, named('Adah')),
      [bo.resourceName ?? '']: basedOn(bo, named('Bob')),
    }
    await call('POST', 'people:batchUpdateContacts', { body: { contacts: changes, readMask, updateMask: 'names' } })
    expect(givenNames(google.contacts())).toEqual(['Adah', 'Bob'])
    expect(
      (await call('POST', 'people:batchUpdateContacts', { body: { contacts: changes, readMask, updateMask: 'names' } }))
        .reason,
    ).toBe('FAILED_PRECONDITION')
    const names = google.contacts().map(({ resourceName }) => resourceName)
    const { body } = await call('GET', 'people:batchGet', {
      query: { resourceNames: 'people/cx', personFields: 'names' },
    })
    expect(body['responses']).toMatchObject([{ httpStatusCode: 404, requestedResourceName: 'people/cx' }])
    await call('POST', 'people:batchDeleteContacts', { body: { resourceNames: names } })
    expect(google.contacts()).toEqual([])
  })
})

describe('a request', () => {
  it('needs the token, and an operation that is simulated', async () => {
    const { call, google } = account()
    expect(await call('GET', 'people/me', { query: READ, headers: { authorization: 'Bearer x' } })).toMatchObject({
      status: 401,
      reason: 'UNAUTHENTICATED',
    })
    expect(await call('GET', 'otherContacts')).toMatchObject({ status: 501 })
    google.useAccessToken('other')
    expect(await call('GET', 'people/me', { query: READ })).toMatchObject({ status: 401 })
  })

  it('fails as planned, before or after its effect', async () => {
    const { call, google } = account()
    google.failNext({ reason: 'RATE_LIMIT_EXCEEDED', operation: 'people.createContact' })
    google.failNext({ reason: 'UNAVAILABLE', operation: 'people.createContact', after: true })
    const create = () => call('POST', 'people:createContact', { query: READ, body: named('Ada') })
    expect(await create()).toMatchObject({ status: 429, reason: 'RATE_LIMIT_EXCEEDED' })
    expect(google.contacts()).toEqual([])
    expect(await create()).toMatchObject({ status: 503 })
    expect(google.contacts()).toHaveLength(1)
    expect([google.writes(), google.requests['people.createContact']]).toEqual([1, 2])
  })

  it('fails at random with the probability of the options, until it behaves', async () => {
    const { call, google } = account({ failBefore: 1 })
    google.insert(named('Ada'))
    expect(await call('GET', 'people/me/connections', { query: LIST })).toMatchObject({ status: 503 })
    google.behave()
    expect(await call('GET', 'people/me/connections', { query: LIST })).toMatchObject({ status: 200 })
  })
})

it.skipIf(vendorContract === undefined)("is checked against Google's description (skipped where it is absent)", () => {
  expect([...checked].toSorted()).toEqual(
    [
      'batchCreateContacts',
      'batchDeleteContacts',
      'batchUpdateContacts',
      'connections.list',
      'createContact',
      'deleteContact',
      'getBatchGet',
      'searchContacts',
      'updateContact',
    ].map((name) => `people.people.${name}`),
  )
})
