import { describe, expect, it } from 'vitest'
import { setUp } from './sync-scene.ts'

const labelsOf = ({ google }: ReturnType<typeof setUp>, subject: string): ReadonlySet<string> => {
  const found = google
    .messages()
    .find(({ payload }) =>
      (payload as { headers: readonly { name: string; value: string }[] }).headers.some(
        ({ name, value }) => name === 'Subject' && value === subject,
      ),
    )
  return new Set(found?.['labelIds'] as readonly string[] | undefined)
}

describe('the messages of a mailbox', () => {
  it('come in with their headers and labels, and are quiet afterwards', async () => {
    const scene = setUp()
    const { google, table, both, settle, writes } = scene
    google.receive({ subject: 'Egret', from: 'Bo Reed <bo@example.com>' })
    google.receive({ subject: 'Heron', labelIds: [] })
    expect(await settle()).toMatchObject({ success: true })
    expect(table.rows()).toMatchObject([
      { subject: 'Heron', labelIds: [] },
      { subject: 'Egret', from: 'Bo Reed <bo@example.com>', labelIds: ['INBOX', 'UNREAD'] },
    ])
    for (const row of table.rows()) expect(row).not.toHaveProperty('text')
    writes()
    const rows = table.writes
    expect(await both()).toMatchObject({ success: true, created: { local: 0, remote: 0 } })
    expect([writes(), table.writes]).toEqual([[], rows])
  })

  it('have bodies and attachments with the format full', async () => {
    const { google, table, both } = setUp()
    google.receive({ subject: 'Egret', text: '12 egrets' })
    await both({ format: 'full' })
    expect(table.rows()).toMatchObject([{ subject: 'Egret', text: '12 egrets', attachments: [] }])
    expect(table.rows()[0]).not.toHaveProperty('html')
  })

  it('are read after the history id of the first round, so that nothing falls in between (W17)', async () => {
    const scene = setUp()
    const { google, both, sent } = scene
    google.receive({ subject: 'Egret' })
    await both()
    const paths = sent.map(({ url }) => url.pathname.replace('/gmail/v1/users/me/', ''))
    expect(paths[0]).toBe('profile')
    expect(paths[1]).toBe('messages')
    const pinned = (sent[0]?.response as { historyId?: string } | undefined)?.historyId
    sent.length = 0
    await both()
    expect(sent[0]?.url.searchParams.get('startHistoryId')).toBe(pinned)
  })

  it('include what arrives while the first pages are read', async () => {
    let isFirst = true
    const scene = setUp({
      around: async (send, request) => {
        const response = await send()
        if (isFirst && request.url.includes('/messages?')) {
          isFirst = false
          scene.google.receive({ subject: 'Late' })
        }
        return response
      },
    })
    scene.google.receive({ subject: 'Egret' })
    await scene.both()
    await scene.both()
    expect(scene.table.rows().map(({ subject }) => subject)).toEqual(['Egret', 'Late'])
  })

  it('are read in pages of 100, and each once', async () => {
    const { google, table, both } = setUp()
    for (let n = 0; n < 250; n++) google.receive({ subject: `Bird ${n}` })
    await both()
    expect(table.rows()).toHaveLength(250)
    expect(google.requests).toMatchObject({ 'messages.list': 3, 'messages.get': 250, 'users.getProfile': 1 })
    // 250 messages, 3 pages and the profile.
    expect(google.units).toBe(250 * 5 + 3 * 5 + 1)
  })

  it('cost one request of 2 units for a round without changes', async () => {
    const { google, settle, both } = setUp()
    google.receive({ subject: 'Egret' })
    await settle()
    const before = google.units
    await both()
    expect(google.units - before).toBe(2)
  })

  it('are removed when they are deleted for good, and not when they are in the trash', async () => {
    const { google, table, both, labels, clock } = setUp()
    const { id } = google.receive({ subject: 'Egret' })
    const { id: gone } = google.receive({ subject: 'Heron' })
    await both()
    await clock.advance(2 * 60_000)
    google.label(id, ['TRASH'], ['INBOX'])
    google.remove(gone)
    expect(await both()).toMatchObject({ success: true, deleted: { local: 1, remote: 0 } })
    expect(table.rows().map(({ subject }) => subject)).toEqual(['Egret'])
    expect(labels('Egret')).toEqual(new Set(['UNREAD', 'TRASH']))
  })

  it('are listed again after the history has expired, and deletions are found (S1)', async () => {
    const { google, table, both, settle } = setUp()
    const { id } = google.receive({ subject: 'Egret' })
    google.receive({ subject: 'Heron' })
    await settle()
    google.remove(id)
    google.expireHistory()
    expect(await both()).toMatchObject({ success: true, recovered: 'expired_cursor', deleted: { local: 1 } })
    expect(table.rows().map(({ subject }) => subject)).toEqual(['Heron'])
    expect(await both()).not.toHaveProperty('recovered', 'expired_cursor')
  })

  it('are removed if they are deleted after they were listed', async () => {
    const scene = setUp({
      around: async (send, request) => {
        const response = await send()
        const [first] = scene.google.messages()
        if (request.url.includes('/messages?') && first !== undefined) scene.google.remove(first.id)
        return response
      },
    })
    scene.google.receive({ subject: 'Egret' })
    scene.google.receive({ subject: 'Heron' })
    expect(await scene.both()).toMatchObject({ success: true })
    expect(scene.table.rows().map(({ subject }) => subject)).toEqual(['Heron'])
  })

  it('cannot be created by the host, and stay away if it removes them', async () => {
    const { google, table, both, settle, writes, idOf } = setUp()
    google.receive({ subject: 'Egret' })
    await both()
    writes()
    table.edit('mine', { subject: 'Not a message', labelIds: [] })
    table.drop(idOf('Egret'))
    expect(await settle()).toMatchObject({ success: true })
    expect(writes()).toEqual([])
    expect(google.messages()).toHaveLength(1)
    expect(table.rows().map(({ subject }) => subject)).toEqual(['Not a message'])
  })

  it('get back what the host changed in them, except labels', async () => {
    const { google, table, both, settle, writes, row, idOf } = setUp()
    google.receive({ subject: 'Egret', from: 'bo@example.com' })
    await both()
    writes()
    table.edit(idOf('Egret'), { from: 'eve@example.com' })
    await settle()
    expect(writes()).toEqual([])
    expect(row('Egret')).toMatchObject({ from: 'bo@example.com' })
  })
})

describe('the labels of messages', () => {
  it('are sent as the labels that were added and removed, and as nothing else', async () => {
    const scene = setUp()
    const { google, both, relabel, writes } = scene
    google.receive({ subject: 'Egret' })
    await both()
    writes()
    relabel('Egret', 'INBOX', 'STARRED')
    expect(await both()).toMatchObject({ success: true, updated: { remote: 1 } })
    expect(writes().map(({ body }) => body)).toEqual([{ addLabelIds: ['STARRED'], removeLabelIds: ['UNREAD'] }])
    expect(labelsOf(scene, 'Egret')).toEqual(new Set(['INBOX', 'STARRED']))
  })

  it('are merged one by one', async () => {
    const scene = setUp()
    const { google, both, settle, relabel, labels } = scene
    const { id } = google.receive({ subject: 'Egret' })
    await both()
    relabel('Egret', 'UNREAD', 'STARRED')
    google.label(id, ['IMPORTANT'], ['UNREAD'])
    await settle()
    expect(labelsOf(scene, 'Egret')).toEqual(new Set(['STARRED', 'IMPORTANT']))
    expect(labels('Egret')).toEqual(new Set(['STARRED', 'IMPORTANT']))
  })

  it('can all be removed, although Gmail then leaves the list out', async () => {
    const scene = setUp()
    const { google, both, settle, relabel, labels, row } = scene
    google.receive({ subject: 'Egret' })
    await both()
    relabel('Egret')
    await settle()
    expect([labelsOf(scene, 'Egret'), labels('Egret')]).toEqual([new Set(), new Set()])
    expect(row('Egret')).toMatchObject({ subject: 'Egret', from: 'bo@example.com' })
  })

  it('keep the content of the row, although the response to a change has none (S14)', async () => {
    const { google, both, relabel, row } = setUp()
    google.receive({ subject: 'Egret', text: '12 egrets' })
    await both({ format: 'full' })
    relabel('Egret', 'STARRED')
    await both({ format: 'full' })
    expect(row('Egret')).toMatchObject({ subject: 'Egret', text: '12 egrets', labelIds: ['STARRED'] })
  })

  it('are equal after a change whose response was lost', async () => {
    const scene = setUp()
    const { google, both, settle, relabel, labels } = scene
    google.receive({ subject: 'Egret' })
    await both()
    relabel('Egret', 'STARRED')
    google.failNext({ reason: 'backendError', status: 503, operation: 'messages.modify', after: true })
    await settle()
    expect([labelsOf(scene, 'Egret'), labels('Egret')]).toEqual([new Set(['STARRED']), new Set(['STARRED'])])
    expect(google.requests['messages.modify']).toBe(1)
  })

  it('are refused by Gmail if they do not exist, which stops no other record', async () => {
    const scene = setUp()
    const { google, both, relabel } = scene
    google.receive({ subject: 'Egret' })
    google.receive({ subject: 'Heron' })
    await both()
    relabel('Egret', 'Label_404')
    relabel('Heron', 'STARRED')
    const result = await both()
    expect(result.errors).toHaveLength(1)
    expect(labelsOf(scene, 'Heron')).toEqual(new Set(['STARRED']))
  })

  it('are not changed by a read that is older than what was written', async () => {
    const scene = setUp({ lagMs: 50_000 })
    const { google, both, settle, relabel, labels, clock } = scene
    google.receive({ subject: 'Egret' })
    await clock.advance(60_000)
    await both()
    relabel('Egret', 'STARRED')
    await both()
    await both()
    expect(labels('Egret')).toEqual(new Set(['STARRED']))
    await settle()
    expect([labelsOf(scene, 'Egret'), labels('Egret')]).toEqual([new Set(['STARRED']), new Set(['STARRED'])])
  })
})
