import { describe, expect, it } from 'vitest'
import { checked, mailbox, meeting, NOVEMBER, series, vendorContract } from './mailbox.ts'

describe('an event', () => {
  it('is stored in UTC, and shown in the zone of the request', async () => {
    const { call } = mailbox()
    const created = await call('POST', 'me/events', { body: meeting(2) })
    expect(created).toMatchObject({
      status: 201,
      body: {
        subject: 'Meeting 2',
        start: { dateTime: '2026-11-02T09:00:00.0000000', timeZone: 'UTC' },
        originalStartTimeZone: 'Europe/Berlin',
        type: 'singleInstance',
        seriesMasterId: null,
      },
    })
    const headers = { prefer: 'IdType="ImmutableId", outlook.timezone="Tokyo Standard Time"' }
    const { body } = await call('GET', `me/events/${created.body.id}`, { headers })
    expect(body['start']).toEqual({ dateTime: '2026-11-02T18:00:00.0000000', timeZone: 'Tokyo Standard Time' })
  })

  it('lasts whole days from midnight to midnight, without a conversion', async () => {
    const { call } = mailbox()
    const day = (date: string) => ({ dateTime: `${date}T00:00:00`, timeZone: 'America/New_York' })
    const whole = { subject: 'Count', isAllDay: true, start: day('2026-11-05'), end: day('2026-11-06') }
    const { body } = await call('POST', 'me/events', { body: whole })
    expect(body['start']).toEqual({ dateTime: '2026-11-05T00:00:00.0000000', timeZone: 'UTC' })
    expect(await call('POST', 'me/events', { body: { ...meeting(2), isAllDay: true } })).toMatchObject({ status: 400 })
  })

  it('has an id that a request may spell in both ways', async () => {
    const { call } = mailbox()
    const { body } = await call('POST', 'me/events', { body: meeting(2) })
    const usual = await call('GET', `me/events/${body.id}`, { headers: { prefer: '' } })
    expect(usual.body.id).not.toBe(body.id)
    expect(usual.body.id).toMatch(/^AAMk/)
    expect((await call('GET', `me/events/${usual.body.id}`)).body.id).toBe(body.id)
    expect(await call('GET', 'me/events/x')).toMatchObject({ status: 400, code: 'ErrorInvalidIdMalformed' })
  })

  it('has an etag that conditional writes need', async () => {
    const { call } = mailbox()
    const { body } = await call('POST', 'me/events', { body: meeting(2) })
    const etag = String(body['@odata.etag'])
    expect(etag).toMatch(/^W\/".+"$/)
    const path = `me/events/${body.id}`
    const changed = await call('PATCH', path, { body: { subject: 'Moved' }, headers: { 'if-match': etag } })
    expect(changed.body['@odata.etag']).not.toBe(etag)
    for (const method of ['PATCH', 'DELETE']) {
      expect(await call(method, path, { body: { subject: 'x' }, headers: { 'if-match': etag } })).toMatchObject({
        status: 412,
        code: 'ErrorIrresolvableConflict',
      })
    }
    const latest = String(changed.body['@odata.etag'])
    expect((await call('DELETE', path, { headers: { 'if-match': latest } })).status).toBe(204)
    expect(await call('DELETE', path)).toMatchObject({ status: 404, code: 'ErrorItemNotFound' })
  })

  it('is created once for a transactionId', async () => {
    const { call, graph } = mailbox()
    const body = meeting(2, { transactionId: 't1' })
    const [one, again] = [await call('POST', 'me/events', { body }), await call('POST', 'me/events', { body })]
    expect(again).toMatchObject({ status: 201, body: { id: one.body.id, transactionId: 't1' } })
    expect(graph.events().all()).toHaveLength(1)
    expect(await call('POST', 'me/events', { body: { ...body, subject: 'Another' } })).toMatchObject({
      status: 409,
      code: 'ErrorDuplicateTransactionId',
    })
  })

  it('has a body of HTML, which a request may ask for as text', async () => {
    const { call } = mailbox()
    const body = { contentType: 'text', content: 'Boots & <rope>' }
    const { body: created } = await call('POST', 'me/events', { body: meeting(2, { body }) })
    expect(created['body']).toMatchObject({ contentType: 'html' })
    const headers = { prefer: 'outlook.body-content-type="text"' }
    expect((await call('GET', `me/events/${created.id}`, { headers })).body['body']).toEqual(body)
  })

  it('accepts the response of guests only', async () => {
    const { call, graph } = mailbox()
    const id = await graph.events().insert(meeting(2, { isOrganizer: false }))
    expect((await call('POST', `me/events/${id}/accept`, { body: { sendResponse: false } })).status).toBe(202)
    expect(graph.events().all()).toMatchObject([{ responseStatus: { response: 'accepted' } }])
    const own = await graph.events().insert(meeting(3))
    expect((await call('POST', `me/events/${own}/decline`, { body: {} })).status).toBe(400)
  })
})

describe('a series', () => {
  it('keeps its time on the wall, and is listed once', async () => {
    const { call, graph } = mailbox()
    await graph.events().insert(series())
    const { body } = await call('GET', `me/calendarView?${NOVEMBER}`)
    expect(body.value.map(({ start }) => start)).toEqual([
      { dateTime: '2026-11-02T09:00:00.0000000', timeZone: 'UTC' },
      { dateTime: '2026-11-09T09:00:00.0000000', timeZone: 'UTC' },
      { dateTime: '2026-11-16T09:00:00.0000000', timeZone: 'UTC' },
    ])
    const listed = await call('GET', 'me/events')
    expect(listed.body.value).toMatchObject([
      { type: 'seriesMaster', start: { dateTime: '2026-10-19T08:00:00.0000000' } },
    ])
    const instances = await call('GET', `me/events/${listed.body.value[0]?.id}/instances?${NOVEMBER}&$top=2`)
    expect(instances.body.value).toHaveLength(2)
    expect((await call('GET', instances.body['@odata.nextLink'] ?? '')).body.value).toHaveLength(1)
  })

  it('has exceptions in the place of occurrences, and none for those that were deleted', async () => {
    const { call, graph } = mailbox()
    await graph.events().insert(series())
    const { body } = await call('GET', `me/calendarView?${NOVEMBER}`)
    const [first, second] = body.value.map(({ id }) => id)
    expect((await call('PATCH', `me/events/${first}`, { body: { subject: 'Retro' } })).body['type']).toBe('exception')
    await call('DELETE', `me/events/${second}`)
    const after = await call('GET', `me/calendarView?${NOVEMBER}`)
    expect(after.body.value).toMatchObject([
      { id: first, subject: 'Retro', type: 'exception', originalStart: '2026-11-02T09:00:00Z' },
      { subject: 'Weekly', type: 'occurrence' },
    ])
  })
})

it('shows the times in which a user is busy', async () => {
  const { call, graph } = mailbox()
  await graph.events().insert(meeting(2))
  await graph.events().insert(meeting(3, { showAs: 'free' }))
  const time = (dateTime: string) => ({ dateTime, timeZone: 'UTC' })
  const { body } = await call('POST', 'me/calendar/getSchedule', {
    body: {
      schedules: ['ada@example.com', 'bo@example.com'],
      startTime: time('2026-11-02T08:00:00'),
      endTime: time('2026-11-03T12:00:00'),
      availabilityViewInterval: 240,
    },
  })
  expect(body.value).toMatchObject([
    { availabilityView: '2000000', scheduleItems: [{ status: 'busy', subject: 'Meeting 2' }] },
    { error: { responseCode: 'ErrorMailRecipientNotFound' } },
  ])
})

it('refuses what it does not simulate, a wrong token, and a fifth request at once', async () => {
  const { call, graph } = mailbox()
  expect(await call('GET', 'me/drive')).toMatchObject({ status: 501, code: 'notSimulated' })
  expect(await call('GET', 'me/calendars', { headers: { authorization: 'Bearer x' } })).toMatchObject({
    status: 401,
    code: 'InvalidAuthenticationToken',
  })
  const all = await Promise.all(Array.from({ length: 5 }, () => call('GET', 'me/calendars')))
  const refused = all.filter(({ status }) => status === 429)
  expect(refused.map(({ code, headers }) => [code, headers.get('retry-after')])).toEqual([
    ['ApplicationThrottled', '5'],
  ])
  graph.failNext({ code: 'ServiceUnavailable', operation: 'events.create', after: true })
  expect((await call('POST', 'me/events', { body: meeting(2) })).status).toBe(503)
  expect(graph.events().all()).toHaveLength(1)
})

it.skipIf(vendorContract === undefined)("matches Microsoft's own description (skipped where it is absent)", () => {
  expect(checked.size).toBeGreaterThan(5)
})
