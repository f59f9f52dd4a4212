import { describe, expect, it } from 'vitest'
import { mailbox, meeting, NOVEMBER, series } from './mailbox.ts'

const DELTA = `me/calendarView/delta?${NOVEMBER}`

/** Follows a round to its end, and returns its items and the link to the next round. */
async function round({ call }: ReturnType<typeof mailbox>, path: string, pageSize = 2) {
  const items: Readonly<Record<string, unknown>>[] = []
  const headers = { prefer: `IdType="ImmutableId", odata.maxpagesize=${pageSize}` }
  for (let next = path; ;) {
    const { status, code, body } = await call('GET', next, { headers })
    if (status !== 200) return { code, items, link: '' }
    items.push(...body.value)
    if (body['@odata.deltaLink'] !== undefined) return { code, items, link: body['@odata.deltaLink'] }
    next = body['@odata.nextLink'] ?? ''
  }
}

describe('a delta query', () => {
  it('lists everything, and then what changed', async () => {
    const box = mailbox()
    const events = box.graph.events()
    const [one, two] = [await events.insert(meeting(2)), await events.insert(meeting(3))]
    await events.insert(meeting(4))
    const first = await round(box, DELTA)
    expect(first.items).toHaveLength(3)
    expect((await round(box, first.link)).items).toEqual([])
    await events.patch(one, { subject: 'Moved' })
    await events.remove(two)
    const { items } = await round(box, first.link)
    expect(items).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ id: one, subject: 'Moved' }),
        { id: two, '@removed': { reason: 'deleted' } },
      ]),
    )
    expect(items).toHaveLength(2)
  })

  it('shows what leaves the window, or changes outside of it, as removed', async () => {
    const box = mailbox()
    const events = box.graph.events()
    const id = await events.insert(meeting(2))
    const { link } = await round(box, DELTA)
    const later = (hour: number) => ({ dateTime: `2027-01-02T${hour}:00:00`, timeZone: 'UTC' })
    await events.patch(id, { start: later(10), end: later(11) })
    const outside = await events.insert({ subject: 'Later', start: later(12), end: later(13) })
    const removed = { '@removed': { reason: 'deleted' } }
    expect((await round(box, link)).items).toEqual([
      { id, ...removed },
      { id: outside, ...removed },
    ])
    expect((await round(box, DELTA)).items).toEqual([])
  })

  it('shows occurrences by their times only, and a series that began in the window', async () => {
    const box = mailbox()
    await box.graph.events().insert(series())
    const { items } = await round(box, DELTA)
    expect(items).toHaveLength(3)
    expect(Object.keys(items[0] ?? {}).toSorted()).toEqual(
      ['@odata.etag', '@odata.type', 'end', 'id', 'seriesMasterId', 'start', 'type'].toSorted(),
    )
    const october = DELTA.replace('2026-11-01', '2026-10-01')
    expect((await round(box, october)).items.map(({ type }) => type)).toEqual([
      'seriesMaster',
      ...Array.from({ length: 5 }, () => 'occurrence'),
    ])
  })

  it('shows an exception with all of its fields, and a series without the occurrence that was deleted', async () => {
    const box = mailbox()
    const { call, graph } = box
    await graph.events().insert(series())
    const { link, items } = await round(box, DELTA)
    const [first, second] = items.map(({ id }) => String(id))
    await call('PATCH', `me/events/${first}`, { body: { subject: 'Retro' } })
    await call('DELETE', `me/events/${second}`)
    expect((await round(box, link)).items).toMatchObject([
      { id: first, type: 'exception', subject: 'Retro' },
      { type: 'occurrence', start: { dateTime: '2026-11-16T09:00:00.0000000' } },
    ])
  })

  it('ends the life of its links', async () => {
    const box = mailbox()
    await box.graph.events().insert(meeting(2))
    const { link } = await round(box, DELTA)
    box.graph.expireDeltaLinks()
    expect((await round(box, link)).code).toBe('SyncStateNotFound')
    expect(await box.call('GET', 'me/calendarView/delta')).toMatchObject({ status: 400, code: 'ErrorInvalidRequest' })
    expect(await box.call('GET', `${DELTA}&$filter=x`)).toMatchObject({ status: 400 })
  })

  it('is followed by links that carry nothing but a token', async () => {
    const { link } = await round(mailbox(), DELTA)
    expect([...new URL(link).searchParams.keys()]).toEqual(['$deltatoken'])
  })
})
