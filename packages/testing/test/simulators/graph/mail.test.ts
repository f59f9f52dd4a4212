import { describe, expect, it } from 'vitest'
import { mailbox } from './mailbox.ts'

const to = (address: string) => [{ emailAddress: { address } }]

describe('messages', () => {
  it('are found by their immutable id in every folder', async () => {
    const { call, graph } = mailbox()
    const id = await graph.messages().insert({ subject: 'Heron' })
    const { body: archive } = await call('GET', 'me/mailFolders/archive')
    expect((await call('GET', `me/mailFolders/${archive.id}`)).body).toMatchObject({
      id: archive.id,
      totalItemCount: 0,
    })
    const moved = await call('POST', `me/messages/${id}/move`, { body: { destinationId: 'archive' } })
    expect(moved).toMatchObject({ status: 201, body: { id, subject: 'Heron', parentFolderId: archive.id } })
    expect((await call('GET', `me/messages/${id}`)).body).toMatchObject({ parentFolderId: archive.id })
    expect((await call('GET', `me/mailFolders/inbox/messages/${id}`)).code).toBe('ErrorItemNotFound')
    expect((await call('GET', `me/mailFolders/${archive.id}/messages`)).body.value).toMatchObject([{ id }])
  })

  it('have another usual id after a move', async () => {
    const { call, graph } = mailbox()
    await graph.messages().insert({ subject: 'Heron' })
    const headers = { prefer: 'odata.maxpagesize=5' }
    const { body } = await call('GET', 'me/mailFolders/inbox/messages', { headers })
    const id = body.value[0]?.id ?? ''
    const moved = await call('POST', `me/messages/${id}/move`, { body: { destinationId: 'archive' }, headers })
    expect(moved.body.id).not.toBe(id)
    expect((await call('GET', `me/messages/${id}`)).code).toBe('ErrorItemNotFound')
    expect((await call('GET', `me/messages/${moved.body.id}`)).status).toBe(200)
  })

  it('leave one delta and enter another when a user moves them, and come back', async () => {
    const { call, graph } = mailbox()
    const id = await graph.messages().insert({ subject: 'Heron' })
    const inbox = (await call('GET', 'me/mailFolders/inbox/messages/delta')).body['@odata.deltaLink'] ?? ''
    const archive = (await call('GET', 'me/mailFolders/archive/messages/delta')).body['@odata.deltaLink'] ?? ''
    await graph.moveMessage(id, 'archive')
    const left = (await call('GET', inbox)).body
    expect(left.value).toEqual([{ id, '@removed': { reason: 'deleted' } }])
    expect((await call('GET', archive)).body.value).toMatchObject([{ id, subject: 'Heron' }])
    await graph.moveMessage(id, 'inbox')
    expect((await call('GET', left['@odata.deltaLink'] ?? '')).body.value).toMatchObject([{ id, subject: 'Heron' }])
  })

  it('are moved although the response is lost', async () => {
    const { call, graph } = mailbox()
    const id = await graph.messages().insert({ subject: 'Heron' })
    graph.failNext({ code: 'ServiceUnavailable', operation: 'messages.move', after: true })
    expect((await call('POST', `me/messages/${id}/move`, { body: { destinationId: 'archive' } })).status).toBe(503)
    expect(graph.messages().all()).toEqual([])
    expect(graph.messages('archive').all()).toMatchObject([{ id }])
  })

  it('are changed and deleted without their folder', async () => {
    const { call, graph } = mailbox()
    const id = await graph.messages().insert({ subject: 'Heron' })
    expect((await call('PATCH', `me/messages/${id}`, { body: { isRead: true } })).body).toMatchObject({ isRead: true })
    expect((await call('DELETE', `me/messages/${id}`)).status).toBe(204)
    expect(graph.messages().all()).toEqual([])
  })

  it.each(['me/messages/none', 'me/mailFolders/none'])('are not found at %s', async (path) => {
    const { call } = mailbox()
    expect((await call('GET', path)).status).toBeGreaterThanOrEqual(400)
  })
})

describe('a draft', () => {
  it('keeps its immutable id when it is sent, and is sent once', async () => {
    const { call, graph } = mailbox()
    const { body, status } = await call('POST', 'me/messages', {
      body: { subject: 'Count', toRecipients: to('bo@example.com') },
    })
    expect([status, body['isDraft']]).toEqual([201, true])
    expect((await call('POST', `me/messages/${body.id}/send`)).status).toBe(202)
    expect((await call('GET', `me/messages/${body.id}`)).body).toMatchObject({ isDraft: false, subject: 'Count' })
    expect(graph.messages('sentitems').all()).toHaveLength(1)
    expect((await call('POST', `me/messages/${body.id}/send`)).code).toBe('ErrorInvalidRequest')
  })

  it('is not sent without a recipient', async () => {
    const { call } = mailbox()
    const { body } = await call('POST', 'me/messages', { body: { subject: 'Count' } })
    expect((await call('POST', `me/messages/${body.id}/send`)).code).toBe('ErrorInvalidRecipients')
  })
})

describe('sendMail', () => {
  it('stores what was sent, each time that it is called', async () => {
    const { call, graph } = mailbox()
    const message = { subject: 'Count', toRecipients: to('bo@example.com') }
    for (let n = 0; n < 2; n++) expect((await call('POST', 'me/sendMail', { body: { message } })).status).toBe(202)
    expect(graph.messages('sentitems').all()).toMatchObject([
      { subject: 'Count', isDraft: false },
      { subject: 'Count', isDraft: false },
    ])
    expect((await call('POST', 'me/sendMail', { body: { message: { subject: 'Count' } } })).code).toBe(
      'ErrorInvalidRecipients',
    )
  })
})
