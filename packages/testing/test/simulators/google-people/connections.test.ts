import { describe, expect, it } from 'vitest'
import { account, givenNames, LIST, named } from './account.ts'

const DAY = 24 * 60 * 60 * 1000

/** Lists all pages. Returns the contacts and the token of the last page. */
async function listAll({ call }: ReturnType<typeof account>, more: Readonly<Record<string, string>> = {}) {
  const contacts = []
  let pageToken: string | undefined
  for (;;) {
    const query = { ...LIST, ...more, ...(pageToken !== undefined && { pageToken }) }
    const { body, reason } = await call('GET', 'people/me/connections', { query })
    contacts.push(...(body.connections ?? []))
    if (body.nextPageToken === undefined) return { contacts, reason, token: body.nextSyncToken ?? '' }
    pageToken = body.nextPageToken
  }
}

describe('a list', () => {
  it('has all contacts, page by page, and a sync token on the last one', async () => {
    const box = account()
    for (const name of ['Ada', 'Bo', 'Cy']) box.google.insert(named(name))
    const first = (await box.call('GET', 'people/me/connections', { query: LIST })).body
    expect([first.connections?.length, first.nextSyncToken, first['totalPeople']]).toEqual([2, undefined, 3])
    const { contacts, token } = await listAll(box)
    expect(givenNames(contacts)).toEqual(['Ada', 'Bo', 'Cy'])
    expect(token).not.toBe('')
  })

  it('has no sync token that was not requested', async () => {
    const box = account()
    expect((await listAll(box, { requestSyncToken: 'false' })).token).toBe('')
  })

  it('refuses other parameters than those of the first call', async () => {
    const box = account()
    for (const name of ['Ada', 'Bo', 'Cy']) box.google.insert(named(name))
    const { nextPageToken = '' } = (await box.call('GET', 'people/me/connections', { query: LIST })).body
    const { token } = await listAll(box)
    for (const more of [{ pageToken: nextPageToken }, { syncToken: token }]) {
      const query = { ...LIST, ...more, pageSize: '3' }
      expect(await box.call('GET', 'people/me/connections', { query })).toMatchObject({
        status: 400,
        reason: 'INVALID_ARGUMENT',
      })
    }
  })

  it.each([{ personFields: '' }, { personFields: 'name' }, { pageSize: '1001' }, { pageToken: 'x' }])(
    'refuses %j',
    async (more) => {
      const { call } = account()
      expect(await call('GET', 'people/me/connections', { query: { ...LIST, ...more } })).toMatchObject({ status: 400 })
    },
  )
})

describe('a sync token', () => {
  it('lists what changed, and what was deleted', async () => {
    const box = account()
    const [ada, bo] = ['Ada', 'Bo', 'Cy'].map((name) => box.google.insert(named(name)))
    const { token } = await listAll(box)
    expect((await listAll(box, { syncToken: token })).contacts).toEqual([])
    box.google.update(ada?.resourceName ?? '', named('Adah'))
    box.google.remove(bo?.resourceName ?? '')
    const { contacts } = await listAll(box, { syncToken: token })
    expect(contacts).toMatchObject([
      { resourceName: ada?.resourceName, names: [{ givenName: 'Adah' }] },
      { resourceName: bo?.resourceName, metadata: { deleted: true } },
    ])
    expect(contacts[1]).not.toHaveProperty('names')
  })

  it('expires 7 days after the full list, and so do those that follow it', async () => {
    const box = account()
    box.google.insert(named('Ada'))
    const { token } = await listAll(box)
    await box.clock.advance(6 * DAY)
    const later = await listAll(box, { syncToken: token })
    expect(later.reason).toBeUndefined()
    await box.clock.advance(DAY)
    for (const syncToken of [token, later.token]) {
      expect(await box.call('GET', 'people/me/connections', { query: { ...LIST, syncToken } })).toMatchObject({
        status: 400,
        reason: 'EXPIRED_SYNC_TOKEN',
      })
    }
  })

  it('names the former resource name of a contact that got another one', async () => {
    const box = account()
    const { resourceName = '' } = box.google.insert(named('Ada'))
    const { token } = await listAll(box)
    const renamed = box.google.rename(resourceName)
    const { contacts } = await listAll(box, { syncToken: token })
    expect(contacts).toMatchObject([
      { resourceName: renamed.resourceName, metadata: { previousResourceNames: [resourceName] } },
    ])
  })

  it('can be ended, like a page token', async () => {
    const box = account()
    for (const name of ['Ada', 'Bo', 'Cy']) box.google.insert(named(name))
    const { nextPageToken: pageToken = '' } = (await box.call('GET', 'people/me/connections', { query: LIST })).body
    const { token: syncToken } = await listAll(box)
    box.google.expireSyncTokens()
    box.google.expirePageTokens()
    expect((await listAll(box, { syncToken })).reason).toBe('EXPIRED_SYNC_TOKEN')
    expect((await listAll(box, { pageToken })).reason).toBe('INVALID_ARGUMENT')
  })
})
