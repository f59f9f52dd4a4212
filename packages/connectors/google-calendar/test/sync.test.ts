import { describe, expect, it } from 'vitest'
import { setUp } from './sync-scene.ts'

const NEW_YORK = 'America/New_York'
const at = (dateTime: string) => ({ dateTime, timeZone: NEW_YORK })
const standup = {
  id: 'standup',
  summary: 'Stand-up',
  start: at('2026-10-26T14:10:00-04:00'),
  end: at('2026-10-26T14:25:00-04:00'),
  recurrence: ['RRULE:FREQ=WEEKLY;BYDAY=MO'],
}
const day = { start: { date: '2026-11-05' }, end: { date: '2026-11-06' } }

describe('the events of a calendar', () => {
  it('are equal on both sides, and quiet afterwards', async () => {
    const { google, table, both, settle, writes } = setUp()
    await google.insert({ id: 'egret', summary: 'Egret', ...day })
    await google.insert(standup)
    table.edit('mine', { summary: 'Heron', ...day, description: 'Bring boots' })
    expect(await settle()).toMatchObject({ success: true })
    expect(new Set(table.rows().map(({ summary }) => summary))).toEqual(new Set(['Egret', 'Stand-up', 'Heron']))
    expect(google.events().find(({ summary }) => summary === 'Heron')).toMatchObject({
      ...day,
      description: 'Bring boots',
    })
    writes()
    const rows = table.writes
    expect(await both()).toMatchObject({ success: true, created: { local: 0, remote: 0 } })
    expect([writes(), table.writes]).toEqual([[], rows])
  })

  it('have ids that Google accepts, so that a create whose response was lost is not repeated as another (S7)', async () => {
    const { google, table, settle, writes } = setUp()
    google.failNext({ reason: 'backendError', status: 503, operation: 'events.insert', after: true })
    table.edit('mine', { summary: 'Heron', ...day })
    await settle()
    expect(google.events().map(({ summary }) => summary)).toEqual(['Heron'])
    const ids = writes().map(({ body }) => (body as { readonly id: string }).id)
    expect(new Set(ids).size).toBe(1)
    expect(ids[0]).toMatch(/^[a-v0-9]{5,1024}$/)
    expect(table.rows()).toHaveLength(1)
  })

  it('send only the fields that changed, so that what is not modelled stays (S13)', async () => {
    const { google, table, both, writes } = setUp()
    const guests = [{ email: 'bo@example.com', responseStatus: 'accepted', comment: 'Yes' }]
    const more = { attendees: guests, reminders: { useDefault: false, overrides: [{ method: 'popup', minutes: 5 }] } }
    await google.insert({ id: 'egret', summary: 'Egret', ...day, ...more, guestsCanModify: true })
    await both()
    writes()
    table.edit(table.idOf('Egret'), { summary: 'Great egret' })
    await both()
    expect(writes()).toMatchObject([{ method: 'PATCH', body: { summary: 'Great egret' } }])
    expect(google.events()).toMatchObject([{ summary: 'Great egret', ...more, guestsCanModify: true }])
  })

  it('are emptied field by field, and only by null (S14)', async () => {
    const { google, table, both, writes } = setUp()
    await google.insert({ id: 'egret', summary: 'Egret', location: 'Hide 2', description: 'Wet', ...day })
    await both()
    writes()
    table.edit(table.idOf('Egret'), { location: null })
    await both()
    expect(writes().map(({ body }) => body)).toEqual([{ location: null }])
    expect(google.events()[0]).not.toHaveProperty('location')
    expect(google.events()).toMatchObject([{ description: 'Wet' }])
  })

  it('send guests no e-mail, and never send guests (S15)', async () => {
    const { google, table, both, settle, writes } = setUp()
    const attendees = [{ email: 'bo@example.com' }]
    await google.insert({ id: 'egret', summary: 'Egret', attendees, ...day })
    await both()
    expect(writes()).toEqual([])
    expect(table.rows()).toMatchObject([{ attendees }])
    table.edit(table.idOf('Egret'), { summary: 'Great egret', attendees: [] })
    table.edit('mine', { summary: 'Heron', attendees, ...day })
    await settle()
    table.drop(table.idOf('Heron'))
    await settle()
    const sent = writes()
    expect(sent.map(({ method }) => method)).toEqual(expect.arrayContaining(['POST', 'PATCH', 'DELETE']))
    for (const { url, body } of sent) {
      expect(url.searchParams.get('sendUpdates')).toBe('none')
      expect(body ?? {}).not.toHaveProperty('attendees')
    }
    expect(google.events()).toMatchObject([{ attendees }])
  })

  it('keep a cancelled occurrence beside its series, which continues (S16)', async () => {
    const { google, table, both } = setUp()
    await google.insert(standup)
    await both()
    await google.remove('standup_20261102T191000Z')
    expect(await both()).toMatchObject({ success: true, deleted: { local: 0, remote: 0 } })
    const [series, cancelled] = table.rows()
    expect(series).toMatchObject({ status: 'confirmed', recurrence: standup.recurrence })
    expect(cancelled).toMatchObject({
      status: 'cancelled',
      recurringEventId: 'standup',
      originalStartTime: at('2026-11-02T14:10:00-05:00'),
    })
  })

  it('have a moved occurrence once, at its original time (S18)', async () => {
    const { google, table, both } = setUp()
    await google.insert(standup)
    const moved = { start: at('2026-11-09T16:00:00-05:00'), end: at('2026-11-09T16:15:00-05:00') }
    await google.patch('standup_20261109T191000Z', moved)
    await both()
    expect(table.rows()).toHaveLength(2)
    expect(table.rows()[1]).toMatchObject({
      recurringEventId: 'standup',
      originalStartTime: at('2026-11-09T14:10:00-05:00'),
      ...moved,
    })
  })

  it('change one occurrence of a series from the table', async () => {
    const { google, table, both, settle, writes } = setUp()
    await google.insert(standup)
    await google.patch('standup_20261109T191000Z', { summary: 'Retro' })
    await both()
    writes()
    table.edit(table.idOf('Retro'), { status: 'cancelled' })
    await settle()
    expect(writes()).toMatchObject([{ method: 'PATCH', body: { status: 'cancelled' } }])
    expect(google.events().find(({ id }) => id === 'standup_20261109T191000Z')).toMatchObject({ status: 'cancelled' })
    expect(google.events().find(({ id }) => id === 'standup')).toMatchObject({ status: 'confirmed' })
  })

  it('keep the zone and the wall time of a series (S20)', async () => {
    const { google, table, settle } = setUp()
    await google.insert(standup)
    const local = { start: at('2026-10-27T14:10:00'), end: at('2026-10-27T14:25:00') }
    table.edit('mine', { summary: 'Retro', ...local, recurrence: standup.recurrence })
    await settle()
    const { id: _id, ...fields } = standup
    expect(table.rows().find(({ summary }) => summary === 'Stand-up')).toMatchObject(fields)
    expect(google.events().find(({ summary }) => summary === 'Stand-up')).toMatchObject(fields)
    // The row keeps its own spelling of the same time.
    expect(table.rows().find(({ summary }) => summary === 'Retro')).toMatchObject(local)
    expect(google.events().find(({ summary }) => summary === 'Retro')).toMatchObject({
      start: at('2026-10-27T14:10:00-04:00'),
      end: at('2026-10-27T14:25:00-04:00'),
      recurrence: standup.recurrence,
    })
  })

  it('keep days as days, with an exclusive end (S21)', async () => {
    const { google, table, settle } = setUp()
    const days = { start: { date: '2026-03-28' }, end: { date: '2026-03-30' } }
    await google.insert({ id: 'ringing', summary: 'Ringing', ...days })
    table.edit('mine', { summary: 'Count', ...days })
    await settle()
    for (const each of [...google.events(), ...table.rows()]) expect(each).toMatchObject(days)
  })

  it('turn from a time into a day and back', async () => {
    const { google, table, settle } = setUp()
    await google.insert({ id: 'egret', summary: 'Egret', start: standup.start, end: standup.end })
    await settle()
    table.edit(table.idOf('Egret'), day)
    await settle()
    expect(google.events()).toMatchObject([day])
    expect(google.events()[0]?.start).not.toHaveProperty('dateTime')
    table.edit(table.idOf('Egret'), { start: standup.start, end: standup.end })
    await settle()
    expect(google.events()[0]?.start).toEqual(standup.start)
  })

  it('are removed together with their occurrences when a series is deleted', async () => {
    const { google, table, settle, writes } = setUp()
    await google.insert(standup)
    await google.insert({ id: 'egret', summary: 'Egret', ...day })
    await google.patch('standup_20261109T191000Z', { summary: 'Retro' })
    await google.remove('standup_20261102T191000Z')
    await settle()
    expect(table.rows()).toHaveLength(4)
    writes()
    await google.remove('standup')
    await settle()
    expect(table.rows().map(({ summary }) => summary)).toEqual(['Egret'])
    expect(writes()).toEqual([])
  })

  it('are removed at Google together with a series that the host removed, and what is gone is a success (S23)', async () => {
    const { google, table, settle } = setUp()
    await google.insert(standup)
    await google.insert({ id: 'egret', summary: 'Egret', ...day })
    await settle()
    table.drop(table.idOf('Stand-up'))
    table.drop(table.idOf('Egret'))
    await google.remove('egret')
    expect(await settle()).toMatchObject({ success: true })
    expect(google.events()).toEqual([])
    expect(table.rows()).toEqual([])
  })

  it('merge a change that came first, by its etag (S24)', async () => {
    const { google, table, both, settle, writes } = setUp()
    await google.insert({ id: 'egret', summary: 'Egret', ...day })
    await both()
    writes()
    table.edit(table.idOf('Egret'), { summary: 'Great egret' })
    google.failNext({ reason: 'conditionNotMet', operation: 'events.patch' })
    await google.patch('egret', { location: 'Hide 2' })
    await settle()
    expect(google.events()).toMatchObject([{ summary: 'Great egret', location: 'Hide 2' }])
    expect(table.rows()).toMatchObject([{ summary: 'Great egret', location: 'Hide 2' }])
    for (const { headers } of writes()) expect(headers.get('if-match')).not.toBeNull()
  })

  it('are listed again after Google has forgotten the sync token, and deletions are found (S1)', async () => {
    const { google, table, both, settle } = setUp()
    await google.insert({ id: 'egret', summary: 'Egret', ...day })
    await google.insert({ id: 'heron', summary: 'Heron', ...day })
    await settle()
    await google.remove('egret')
    google.expireSyncTokens()
    expect(await both()).toMatchObject({ success: true, recovered: 'expired_cursor', deleted: { local: 1 } })
    expect(table.rows().map(({ summary }) => summary)).toEqual(['Heron'])
  })

  it('are pulled with the same parameters in every request', async () => {
    const { google, both, sent } = setUp({ emptyPages: 0.5 })
    for (let n = 0; n < 8; n++) await google.insert({ id: `bird${n}`, summary: `Bird ${n}`, ...day })
    await both()
    await google.patch('bird1', { summary: 'Egret' })
    await both()
    const queries = sent.filter(({ url }) => url.pathname.endsWith('/events')).map(({ url }) => url.searchParams)
    expect(queries.some((query) => query.has('syncToken'))).toBe(true)
    for (const query of queries) {
      const fixed = [...query].filter(([name]) => name !== 'syncToken' && name !== 'pageToken')
      expect(fixed).toEqual([['maxResults', '2500']])
    }
  })

  it('are not changed by a page that is older than what was seen', async () => {
    const { google, table, both, settle } = setUp({ lagMs: 120_000 })
    await google.insert({ id: 'egret', summary: 'Egret', ...day })
    await settle()
    table.edit(table.idOf('Egret'), { summary: 'Great egret' })
    await both()
    await both()
    expect(table.rows()).toMatchObject([{ summary: 'Great egret' }])
    await settle()
    expect(google.events()).toMatchObject([{ summary: 'Great egret' }])
  })
})
