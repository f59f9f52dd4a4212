import { describe, expect, it } from 'vitest'
import { meeting, series, setUp } from './sync-scene.ts'

const LATER = {
  start: { dateTime: '2027-06-01T10:00:00', timeZone: 'UTC' },
  end: { dateTime: '2027-06-01T11:00:00', timeZone: 'UTC' },
}

describe('the events of a calendar', () => {
  it('are equal on both sides, and quiet afterwards', async () => {
    const { events, table, both, settle, writes, subjects } = setUp()
    await events.insert(meeting('Egret'))
    await events.insert(series('Stand-up', '2026-11-02'))
    table.edit('mine', { ...meeting('Heron'), body: { contentType: 'text', content: 'Bring boots' } })
    expect(await settle()).toMatchObject({ success: true })
    expect(subjects()).toEqual(['Egret', 'Heron', 'Stand-up'])
    expect(events.all().find(({ subject }) => subject === 'Heron')).toMatchObject({ body: { content: 'Bring boots' } })
    writes()
    const rows = table.writes
    expect(await both()).toMatchObject({ success: true, created: { local: 0, remote: 0 } })
    expect([writes(), table.writes]).toEqual([[], rows])
  })

  it('are created once, although the response was lost (S7)', async () => {
    const { graph, events, table, settle, writes } = setUp()
    graph.failNext({ code: 'ServiceUnavailable', operation: 'events.create', after: true, count: 4 })
    table.edit('mine', meeting('Heron'))
    await settle()
    expect(events.all().map(({ subject }) => subject)).toEqual(['Heron'])
    const ids = writes().map(({ body }) => (body as { readonly transactionId: string }).transactionId)
    expect(ids.length).toBeGreaterThan(1)
    expect(new Set(ids).size).toBe(1)
    expect(table.rows()).toHaveLength(1)
  })

  it('send only the fields that changed, so that what is not modelled stays (S13)', async () => {
    const { events, rowOf, table, both, writes } = setUp()
    const more = {
      reminderMinutesBeforeStart: 5,
      responseRequested: false,
      attendees: [{ type: 'required', emailAddress: { address: 'bo@example.com' } }],
    }
    await events.insert(meeting('Egret', 5, more))
    await both()
    writes()
    table.edit(rowOf('Egret'), { subject: 'Great egret' })
    await both()
    expect(writes()).toMatchObject([{ method: 'PATCH', body: { subject: 'Great egret' } }])
    expect(events.all()).toMatchObject([{ subject: 'Great egret', ...more }])
  })

  it('are emptied field by field, and only by null (S14)', async () => {
    const { events, rowOf, table, settle, writes } = setUp()
    await events.insert(
      meeting('Egret', 5, { location: { displayName: 'Hide 2' }, body: { contentType: 'text', content: 'Wet' } }),
    )
    await settle()
    writes()
    table.edit(rowOf('Egret'), { location: null })
    await settle()
    expect(writes().map(({ body }) => body)).toEqual([{ location: { displayName: '' } }])
    expect(events.all()).toMatchObject([{ location: { displayName: '' }, body: { content: 'Wet' } }])
    expect(table.rows()[0]?.['location'] ?? null).toBeNull()
  })

  it('never send attendees, because Outlook would invite them (S15)', async () => {
    const { events, rowOf, table, settle, writes } = setUp()
    const attendees = [{ type: 'required', emailAddress: { name: 'Bo', address: 'bo@example.com' } }]
    await events.insert(meeting('Egret', 5, { attendees }))
    await settle()
    expect(writes()).toEqual([])
    expect(table.rows()).toMatchObject([{ attendees }])
    table.edit(rowOf('Egret'), { subject: 'Great egret', attendees: [] })
    table.edit('mine', { ...meeting('Heron'), attendees })
    await settle()
    for (const { body } of writes()) expect(body ?? {}).not.toHaveProperty('attendees')
  })

  it('have a changed occurrence once, beside its series (S18)', async () => {
    const { graph, events, settle, table, subjects, rowOf, writes } = setUp()
    await events.insert(series('Stand-up', '2026-11-02'))
    const [stub] = graph.events().all()
    await settle()
    const occurrence = `${String(stub?.['id']).replace(/AAA=$/, '')}.20261109AAA=`
    await events.patch(occurrence, { subject: 'Retro' })
    await settle()
    expect(subjects()).toEqual(['Retro', 'Stand-up'])
    expect(table.rows().find(({ subject }) => subject === 'Retro')).toMatchObject({
      seriesMasterId: stub?.['id'],
      originalStart: '2026-11-09T19:10:00Z',
    })
    table.edit(rowOf('Retro'), { subject: 'Review' })
    writes()
    await settle()
    expect(writes()).toMatchObject([{ method: 'PATCH', body: { subject: 'Review' } }])
    await events.remove(String(stub?.['id']))
    await settle()
    expect(table.rows()).toEqual([])
  })

  it('have a series that began before the interval', async () => {
    const { events, settle, table, subjects } = setUp()
    const id = await events.insert(series('Stand-up', '2026-10-05'))
    await settle()
    expect(table.rows()).toMatchObject([{ subject: 'Stand-up', recurrence: { pattern: { type: 'weekly' } } }])
    await events.patch(id, { subject: 'Retro' })
    await settle()
    expect(subjects()).toEqual(['Retro'])
  })

  it('keep the zone of a series in its recurrence (S20)', async () => {
    const { events, settle, table } = setUp()
    table.edit('mine', series('Retro', '2026-11-02'))
    await settle()
    expect(events.all()).toMatchObject([
      {
        start: { dateTime: '2026-11-02T19:10:00.0000000', timeZone: 'UTC' },
        recurrence: { range: { recurrenceTimeZone: 'America/New_York' } },
      },
    ])
    // The row keeps its own spelling of the same time.
    expect(table.rows()).toMatchObject([{ start: { dateTime: '2026-11-02T14:10:00', timeZone: 'America/New_York' } }])
  })

  it('keep whole days, with an exclusive end (S21)', async () => {
    const { events, settle, table } = setUp()
    const day = (date: string) => ({ dateTime: `${date}T00:00:00.0000000`, timeZone: 'UTC' })
    const days = { isAllDay: true, start: day('2026-11-28'), end: day('2026-11-30') }
    await events.insert({ subject: 'Ringing', ...days })
    table.edit('mine', { subject: 'Count', ...days })
    await settle()
    for (const each of [...events.all(), ...table.rows()]) expect(each).toMatchObject(days)
  })

  it('stay in the table when they leave the interval, and follow their changes', async () => {
    const { events, settle, table, rowOf, subjects } = setUp()
    const id = await events.insert(meeting('Egret'))
    await settle()
    await events.patch(id, LATER)
    expect(await settle()).toMatchObject({ success: true, deleted: { local: 0, remote: 0 } })
    expect(table.rows()).toMatchObject([{ subject: 'Egret', start: { dateTime: '2027-06-01T10:00:00.0000000' } }])
    await events.patch(id, { subject: 'Great egret' })
    await settle()
    expect(subjects()).toEqual(['Great egret'])
    table.edit(rowOf('Great egret'), { subject: 'Little egret' })
    await settle()
    expect(events.all()).toMatchObject([{ subject: 'Little egret' }])
    await events.remove(id)
    await settle()
    expect(table.rows()).toEqual([])
  })

  it('are not brought in from outside of the interval, until they move in', async () => {
    const { events, settle, table, subjects } = setUp()
    await settle()
    const id = await events.insert({ subject: 'Egret', ...LATER })
    await settle()
    expect(table.rows()).toEqual([])
    const { start, end } = meeting('Egret')
    await events.patch(id, { start, end })
    await settle()
    expect(subjects()).toEqual(['Egret'])
  })

  it('are removed on both sides, and what is gone is a success (S23)', async () => {
    const { events, settle, table, rowOf } = setUp()
    const [egret, heron] = [await events.insert(meeting('Egret')), await events.insert(meeting('Heron'))]
    await events.insert(meeting('Bittern'))
    await settle()
    table.drop(rowOf('Egret'))
    table.drop(rowOf('Heron'))
    await events.remove(heron)
    await events.remove(await events.insert(meeting('Curlew')))
    expect(await settle()).toMatchObject({ success: true })
    expect(events.all()).toMatchObject([{ subject: 'Bittern' }])
    expect(egret).not.toBe(heron)
  })

  it('merge a change that came first, by its etag (S24)', async () => {
    const { events, both, settle, table, rowOf, writes } = setUp()
    const id = await events.insert(meeting('Egret'))
    await both()
    writes()
    table.edit(rowOf('Egret'), { subject: 'Great egret' })
    await events.patch(id, { showAs: 'free' })
    await settle()
    expect(events.all()).toMatchObject([{ subject: 'Great egret', showAs: 'free' }])
    expect(table.rows()).toMatchObject([{ subject: 'Great egret', showAs: 'free' }])
    for (const { headers } of writes()) expect(headers.get('if-match')).not.toBeNull()
  })

  it('are listed again after Graph has forgotten the link, and deletions are found (S1)', async () => {
    const { graph, events, both, settle, subjects } = setUp()
    const id = await events.insert(meeting('Egret'))
    await events.insert(meeting('Heron'))
    await settle()
    await events.remove(id)
    graph.expireDeltaLinks()
    expect(await both()).toMatchObject({ success: true, recovered: 'expired_cursor', deleted: { local: 1 } })
    expect(subjects()).toEqual(['Heron'])
  })

  it('are pulled by links that are followed as they are, with the same preferences (S4)', async () => {
    const { events, both, sent } = setUp({ emptyPages: 0.5 })
    for (let n = 0; n < 25; n++) await events.insert(meeting(`Bird ${n}`, 1 + n))
    await both()
    const id = String(events.all()[0]?.['id'])
    await events.patch(id, { subject: 'Egret' })
    await both()
    const deltas = sent.filter(({ url }) => url.pathname.endsWith('/delta'))
    const links = deltas.flatMap(({ response }) => Object.values(response as Readonly<Record<string, unknown>>))
    for (const [at, { url, headers }] of deltas.entries()) {
      expect(headers.get('prefer')).toBe(
        'IdType="ImmutableId", outlook.timezone="UTC", outlook.body-content-type="text"',
      )
      if (at > 0) expect(links).toContain(url.href)
    }
    expect(deltas.length).toBeGreaterThan(4)
  })

  it('keep the bearer token for the declared host, whatever a link says', async () => {
    const { both, sent } = setUp({
      around: async (send) => {
        const response = await send()
        const text = (await response.text()).replaceAll(
          'https://graph.microsoft.com/v1.0/me/calendar/',
          'https://graph.evil.example/',
        )
        return new Response(text, { status: response.status, headers: response.headers })
      },
    })
    await both()
    const second = await both()
    expect(second.success).toBe(false)
    expect(sent.map(({ url }) => url.host)).toEqual(['graph.microsoft.com'])
  })
})
