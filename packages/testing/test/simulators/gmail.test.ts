import { composedMail } from './gmail/mail.ts'
import { setUp } from './gmail/account.ts'
import { describe, expect, it } from 'vitest'

describe('a simulated mailbox', () => {
  it('lists messages, the newest first, in pages', async () => {
    const { google, call } = setUp()
    for (let n = 0; n < 5; n++) google.receive({ subject: `Bird ${n}` })
    const { messages, nextPageToken } = await call('messages?maxResults=3')
    expect(messages).toHaveLength(3)
    const rest = await call(`messages?maxResults=3&pageToken=${nextPageToken}`)
    expect(rest).not.toHaveProperty('nextPageToken')
    const ids = [...messages, ...rest.messages].map(({ id }: { id: string }) => id)
    expect(ids).toEqual(
      google
        .messages()
        .map(({ id }) => id)
        .toReversed(),
    )
  })

  it('leaves spam and trash out unless they are asked for', async () => {
    const { google, call } = setUp()
    google.receive({ subject: 'Egret' })
    google.receive({ subject: 'Junk', labelIds: ['SPAM'] })
    expect((await call('messages')).messages).toHaveLength(1)
    expect((await call('messages?includeSpamTrash=true')).messages).toHaveLength(2)
    expect((await call('messages?labelIds=SPAM')).messages).toHaveLength(1)
  })

  it('has a list without messages if nothing matches', async () => {
    const { call } = setUp()
    expect(await call('messages?q=nothing')).toEqual({ resultSizeEstimate: 0 })
  })

  it('returns a message in each format', async () => {
    const { google, call } = setUp()
    const { id } = google.receive({ subject: 'Größe', text: 'Zwölf Reiher' })
    expect(await call(`messages/${id}?format=minimal`)).not.toHaveProperty('payload')
    const { payload } = await call(`messages/${id}?format=metadata&metadataHeaders=Subject`)
    expect(payload).toEqual({ mimeType: 'text/plain', headers: [{ name: 'Subject', value: 'Größe' }] })
    const full = await call(`messages/${id}`)
    expect(Buffer.from(full.payload.body.data, 'base64url').toString('latin1')).toContain('Reiher')
    expect(full).toMatchObject({ labelIds: ['INBOX', 'UNREAD'], snippet: expect.stringContaining('Reiher') as string })
  })

  it('parses what a client sends: nested parts, encoded names, and attachments that are read by id', async () => {
    const { google, call } = setUp()
    const { id } = await call('messages/send', { raw: Buffer.from(composedMail).toString('base64url') })
    const { payload, labelIds } = await call(`messages/${id}`)
    expect(labelIds).toEqual(['SENT'])
    const [body, file] = payload.parts
    expect(body.parts.map(({ mimeType }: { mimeType: string }) => mimeType)).toEqual(['text/plain', 'text/html'])
    expect(file).toMatchObject({ filename: 'Größe 1.txt', mimeType: 'text/plain', body: { size: 5 } })
    const { data } = await call(`messages/${id}/attachments/${file.body.attachmentId}`)
    expect(Buffer.from(data, 'base64url').toString()).toBe('heron')
    expect(payload.headers).toContainEqual({ name: 'Subject', value: 'Größe der Röhrichte' })
    expect(google.sent()).toHaveLength(1)
  })

  it('refuses a message without recipients, and one that is none', async () => {
    const { status } = setUp()
    expect(await status('messages/send', { raw: Buffer.from('Subject: a\r\n\r\nb').toString('base64url') })).toBe(400)
    expect(await status('messages/send', {})).toBe(400)
  })

  it('records every change in the history, from a point on', async () => {
    const { google, call } = setUp()
    const { id } = google.receive({ subject: 'Egret' })
    const { historyId } = await call('profile')
    google.label(id, ['STARRED'], ['UNREAD'])
    google.receive({ subject: 'Heron' })
    google.remove(id)
    const { history, historyId: latest } = await call(`history?startHistoryId=${historyId}`)
    const kinds = history.map((record: object) => Object.keys(record).find((key) => /Added|Removed|Deleted/.test(key)))
    expect(kinds).toEqual(['labelsAdded', 'labelsRemoved', 'messagesAdded', 'messagesDeleted'])
    expect(history[0].labelsAdded).toEqual([
      { message: { id, threadId: id, labelIds: ['INBOX', 'UNREAD', 'STARRED'] }, labelIds: ['STARRED'] },
    ])
    expect(await call(`history?startHistoryId=${latest}`)).toEqual({ historyId: latest })
    const added = await call(`history?startHistoryId=${historyId}&historyTypes=messageAdded`)
    expect(added.history).toHaveLength(1)
  })

  it('forgets its history', async () => {
    const { google, call, status } = setUp()
    google.receive({ subject: 'Egret' })
    const { historyId } = await call('profile')
    google.receive({ subject: 'Heron' })
    google.expireHistory()
    expect(await status(`history?startHistoryId=${historyId}`)).toBe(404)
    expect(await status(`history?startHistoryId=${(await call('profile')).historyId}`)).toBe(200)
  })

  it('changes labels of messages and threads, and refuses labels that do not exist or that Gmail sets', async () => {
    const { google, call, status } = setUp()
    const { id, threadId } = google.receive({ subject: 'Egret' })
    google.receive({ subject: 'Re: Egret', threadId })
    const change = { addLabelIds: ['STARRED'], removeLabelIds: ['INBOX', 'UNREAD'] }
    expect(await call(`messages/${id}/modify`, change)).toEqual({ id, threadId, labelIds: ['STARRED'] })
    expect(await call(`messages/${id}/modify`, { removeLabelIds: ['STARRED'] })).toEqual({ id, threadId })
    await call(`threads/${threadId}/trash`, {})
    expect(google.messages().map(({ labelIds }) => labelIds)).toEqual([['TRASH'], ['UNREAD', 'TRASH']])
    for (const label of ['Label_9', 'SENT', 'DRAFT']) {
      expect(await status(`messages/${id}/modify`, { addLabelIds: [label] })).toBe(400)
    }
    const { id: label } = await call('labels', { name: 'Herons' })
    expect(await call(`messages/${id}/modify`, { addLabelIds: [label] })).toMatchObject({ labelIds: ['TRASH', label] })
    expect(await status('labels', { name: 'herons' })).toBe(409)
  })

  it('keeps drafts, and sends them once', async () => {
    const { google, call, status } = setUp()
    const raw = Buffer.from(composedMail).toString('base64url')
    const { id, message } = await call('drafts', { message: { raw } })
    expect(message.labelIds).toEqual(['DRAFT'])
    const updated = await call(`drafts/${id}`, { message: { raw } }, 'PUT')
    expect(updated.message.id).not.toBe(message.id)
    expect((await call('drafts')).drafts).toHaveLength(1)
    expect((await call('drafts/send', { id })).labelIds).toEqual(['SENT'])
    expect(await status('drafts/send', { id })).toBe(404)
    expect(google.sent()).toHaveLength(1)
    expect(await call('drafts')).toEqual({ resultSizeEstimate: 0 })
  })

  it('counts the units of the quota, and refuses more than there are', async () => {
    const { google, call, status, clock } = setUp({ unitsPerMinute: 12 })
    const { id } = google.receive({ subject: 'Egret' })
    await call(`messages/${id}`)
    await call('messages')
    expect(google.units).toBe(10)
    expect(await status('messages')).toBe(403)
    expect(google.units).toBe(10)
    await clock.advance(61_000)
    expect(await status('messages')).toBe(200)
  })

  it('serves 10,000 messages, and counts what reading them costs', async () => {
    const { google, call } = setUp()
    for (let n = 0; n < 10_000; n++) google.receive({ subject: `Bird ${n}` })
    const ids = new Set<string>()
    for (let token = ''; ;) {
      const page = await call(`messages?maxResults=500${token}`)
      for (const { id } of page.messages) ids.add(id)
      if (page.nextPageToken === undefined) break
      token = `&pageToken=${page.nextPageToken}`
    }
    expect(ids.size).toBe(10_000)
    expect(google.units).toBe(20 * 5)
  })

  it('fails as planned, before or after the effect', async () => {
    const { google, status } = setUp()
    const { id } = google.receive({ subject: 'Egret' })
    google.failNext({ reason: 'backendError', status: 503, operation: 'messages.modify' })
    expect(await status(`messages/${id}/modify`, { addLabelIds: ['STARRED'] })).toBe(503)
    expect(google.messages()[0]?.['labelIds']).toEqual(['INBOX', 'UNREAD'])
    google.failNext({ reason: 'backendError', operation: 'messages.modify', after: true })
    expect(await status(`messages/${id}/modify`, { addLabelIds: ['STARRED'] })).toBe(500)
    expect(google.messages()[0]?.['labelIds']).toEqual(['INBOX', 'UNREAD', 'STARRED'])
  })

  it('lags behind writes, and never behind an earlier read', async () => {
    const { google, call, clock } = setUp({ lagMs: 60_000 })
    const seen: number[] = []
    for (let n = 0; n < 30; n++) {
      google.receive({ subject: `Bird ${n}` })
      await clock.advance(5000)
      seen.push((await call('messages?maxResults=500')).messages?.length ?? 0)
    }
    expect(seen).toEqual(seen.toSorted((one, other) => one - other))
    expect(seen.some((count, n) => count < n + 1)).toBe(true)
  })

  it('has neither other operations nor other users', async () => {
    const { status, google } = setUp()
    expect(await status('settings/filters')).toBe(501)
    google.useAccessToken('another')
    expect(await status('profile')).toBe(401)
  })
})

describe('push notifications', () => {
  const topicName = 'projects/marsh/topics/gmail'

  it('name the mailbox and a history id, while there is a watch', async () => {
    const { google, call, clock, pushed } = setUp()
    google.receive({ subject: 'Too early' })
    const { expiration } = await call('watch', { topicName })
    expect(Number(expiration)).toBe(clock.now() + 7 * 86_400_000)
    await clock.advance(5000)
    google.receive({ subject: 'Egret' })
    await clock.advance(5000)
    expect(pushed).toHaveLength(1)
    const { message } = pushed[0] as { message: { data: string; messageId: string } }
    expect(JSON.parse(atob(message.data))).toEqual({
      emailAddress: 'ada@example.com',
      historyId: Number((await call('profile')).historyId),
    })
    await call('stop', {})
    google.receive({ subject: 'Too late' })
    await clock.advance(5000)
    expect(pushed).toHaveLength(1)
  })

  it('come at most once a second', async () => {
    const { google, call, clock, pushed } = setUp()
    await call('watch', { topicName })
    for (let n = 0; n < 20; n++) {
      google.receive({ subject: `Bird ${n}` })
      await clock.advance(100)
    }
    await clock.advance(5000)
    expect(pushed.length).toBeLessThanOrEqual(2)
  })

  it('are repeated until they are accepted', async () => {
    const { google, call, clock, pushed, refuse } = setUp()
    await call('watch', { topicName })
    refuse(2)
    google.receive({ subject: 'Egret' })
    await clock.advance(60_000)
    expect(pushed).toHaveLength(3)
  })

  it('need a topic', async () => {
    const { status } = setUp()
    expect(await status('watch', { topicName: 'gmail' })).toBe(400)
  })
})
