import { createMcpClient, fetchTransport } from '@mcpclient/core'
import { createFakeClock, errorOf, scriptedTransport, seededRandom } from '@mcpclient/testing'
import { simulatedGraph } from '@mcpclient/testing/simulators'
import { describe, expect, it } from 'vitest'
import { outlookCalendar } from '../src/index.ts'
import { GRAPH_TOKEN as TOKEN } from '@mcpclient/testkit'
import { meeting, series } from './sync-scene.ts'

/** Composes a client with a mailbox at a simulated Graph. */
function mailbox() {
  const clock = createFakeClock()
  const graph = simulatedGraph({
    clock,
    random: seededRandom(7),
    accessToken: TOKEN,
    calendars: [
      { id: 'AAMkOwn=', name: 'Calendar' },
      { id: 'AAMkTeam=', name: 'Team' },
    ],
  })
  const mcp = createMcpClient({
    connectors: { calendar: outlookCalendar({ token: TOKEN }) },
    transport: fetchTransport({ fetch: (url, init) => graph.handle(new Request(url, init)) }),
    clock,
    retry: { attempts: 1 },
  })
  return { graph, clock, calendar: mcp.as('ada').calendar }
}
const NOVEMBER = { startDateTime: '2026-11-01T00:00:00Z', endDateTime: '2026-12-01T00:00:00Z' }
const at = (dateTime: string) => ({ dateTime, timeZone: 'Europe/Berlin' })
const new9 = { subject: 'Ringing', start: at('2026-11-05T10:00:00'), end: at('2026-11-05T11:00:00') }

describe('calls', () => {
  it('create, change and delete an event, based on its etag', async () => {
    const { graph, calendar } = mailbox()
    const created = await calendar.call('create_event', {
      ...new9,
      body: { contentType: 'text', content: 'Bring boots' },
    })
    expect(created).toMatchObject({
      start: { dateTime: '2026-11-05T09:00:00.0000000' },
      body: { content: 'Bring boots' },
    })
    const etag = created['@odata.etag'] ?? ''
    const changed = await calendar.call('update_event', { eventId: created.id, etag, showAs: 'free' })
    expect(changed).toMatchObject({ subject: 'Ringing', showAs: 'free' })
    for (const stale of [
      calendar.call('update_event', { eventId: created.id, etag, subject: 'x' }),
      calendar.call('delete_event', { eventId: created.id, etag }),
    ]) {
      expect((await errorOf(stale)).details.providerCode).toBe('ErrorIrresolvableConflict')
    }
    await calendar.call('delete_event', { eventId: created.id, etag: changed['@odata.etag'] ?? '' })
    expect(graph.events().all()).toEqual([])
    const again = await errorOf(calendar.call('get_event', { eventId: created.id }))
    expect(again).toMatchObject({ code: 'MCP_CLIENT_ERROR', details: { providerCode: 'ErrorItemNotFound' } })
  })

  it('create an event once for a transactionId', async () => {
    const { graph, calendar } = mailbox()
    const input = { ...new9, transactionId: 't1' }
    const [one, two] = [await calendar.call('create_event', input), await calendar.call('create_event', input)]
    expect(two.id).toBe(one.id)
    expect(graph.events().all()).toHaveLength(1)
    const other = await errorOf(calendar.call('create_event', { ...input, subject: 'Another' }))
    expect(other.details.providerCode).toBe('ErrorDuplicateTransactionId')
  })

  it('list an interval of any calendar, in the zone of the caller', async () => {
    const { graph, calendar } = mailbox()
    await graph.events('AAMkTeam=').insert(series('Stand-up', '2026-11-02'))
    expect((await calendar.call('list_events', NOVEMBER)).value).toEqual([])
    const { value, complete } = await calendar.call('list_events', {
      ...NOVEMBER,
      calendarId: 'AAMkTeam=',
      timeZone: 'America/New_York',
      top: 2,
    })
    expect(value.map(({ start }) => start?.dateTime)).toEqual([
      '2026-11-02T14:10:00.0000000',
      '2026-11-09T14:10:00.0000000',
    ])
    expect(complete).toBe(false)
    const all = await calendar.call('list_events', { ...NOVEMBER, calendarId: 'AAMkTeam=', top: 2 }, { maxPages: 9 })
    expect(all).toMatchObject({ complete: true })
    expect(all.value).toHaveLength(5)
    const instances = await calendar.call('list_instances', {
      ...NOVEMBER,
      eventId: all.value[0]?.seriesMasterId ?? '',
    })
    expect(instances.value).toHaveLength(5)
  })

  it('respond to an invitation', async () => {
    const { graph, calendar } = mailbox()
    const eventId = await graph.events().insert(meeting('Egret', 5, { isOrganizer: false }))
    await calendar.call('respond_to_event', { eventId, response: 'decline', sendResponse: false })
    expect(await calendar.call('get_event', { eventId })).toMatchObject({ responseStatus: { response: 'declined' } })
  })

  it('list calendars, and show free times', async () => {
    const { graph, calendar } = mailbox()
    expect((await calendar.call('list_calendars', {})).value).toMatchObject([
      { name: 'Calendar', isDefaultCalendar: true },
      { name: 'Team', isDefaultCalendar: false },
    ])
    expect(await calendar.call('get_calendar', { calendarId: 'AAMkTeam=' })).toMatchObject({ name: 'Team' })
    await graph.events().insert(meeting('Egret'))
    const busy = await calendar.call('query_free_busy', {
      schedules: ['ada@example.com'],
      startTime: { dateTime: '2026-11-05T09:00:00' },
      endTime: { dateTime: '2026-11-05T12:00:00' },
      availabilityViewInterval: 60,
    })
    expect(busy.value).toMatchObject([{ availabilityView: '020' }])
  })

  it.each([
    ['an offset in a time', { ...new9, start: { dateTime: '2026-11-05T10:00:00Z' } }],
    ['an attendee without an address', { ...new9, attendees: [{ emailAddress: { address: 'bo' } }] }],
    [
      'a recurrence without an interval',
      { ...new9, recurrence: { pattern: { type: 'daily' }, range: { type: 'noEnd', startDate: '2026-11-05' } } },
    ],
  ])('refuse %s before anything is sent', async (_what, input) => {
    const { graph, calendar } = mailbox()
    expect((await errorOf(calendar.call('create_event', input as never))).code).toBe('INVALID_INPUT')
    expect(graph.requests).toEqual({})
  })

  it('wait for the throttling of the mailbox, and are sent again', async () => {
    const { json } = {
      json: { error: { code: 'ApplicationThrottled', message: 'Application is over its MailboxConcurrency limit.' } },
    }
    const clock = createFakeClock()
    const transport = scriptedTransport([{ status: 429, json, headers: { 'retry-after': '7' } }, { status: 204 }])
    const mcp = createMcpClient({ connectors: { calendar: outlookCalendar({ token: TOKEN }) }, transport, clock })
    const begun = clock.now()
    await clock.until(mcp.as('ada').calendar.call('delete_event', { eventId: 'AAk1' }))
    expect(clock.now() - begun).toBeGreaterThanOrEqual(7000)
    expect(transport.requests).toHaveLength(2)
  })
})
