import { createMcpClient } from '@mcpclient/core'
import type { McpClientOptions } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { createFakeClock, errorOf, scriptedTransport } from '@mcpclient/testing'
import type { ScriptedReply } from '@mcpclient/testing'
import { describe, expect, it, vi } from 'vitest'
import { googleCalendar } from '../src/index.ts'

const TOKEN = 'ya29.canary-heron'
const DAY = { start: { date: '2026-11-05' }, end: { date: '2026-11-06' } }

function start(script: readonly ScriptedReply[], options: Partial<McpClientOptions<unknown>> = {}) {
  const transport = scriptedTransport(script)
  const clock = createFakeClock()
  const mcp = createMcpClient({
    ...options,
    connectors: { calendar: googleCalendar({ token: TOKEN }) },
    vault: vault(),
    transport,
    clock,
    random: () => 0.5,
  })
  return { ada: mcp.as('ada').calendar, clock, mcp, transport }
}

const reason = (code: number, word: string) => ({
  status: code,
  json: { error: { errors: [{ reason: word, message: 'Words.' }], code, message: 'Words.' } },
})

describe('a day or a time', () => {
  it.each([
    { date: '2026-11-05' },
    { dateTime: '2026-11-01T01:30:00-04:00', timeZone: 'America/New_York' },
    { dateTime: '2026-11-01T01:30:00', timeZone: 'America/New_York' },
    { dateTime: '2026-11-01T01:30:00.000+05:45' },
    { dateTime: '2026-11-01T05:30:00Z' },
  ])('is sent and returned as it is: %j (S20, S21)', async (when) => {
    const { ada, transport } = start([{ json: { id: 'e1', status: 'confirmed', start: when, end: when } }])
    const created = await ada.call('create_event', { summary: 'Egret', start: when, end: when })
    expect(transport.requests[0]?.json).toEqual({ summary: 'Egret', start: when, end: when })
    expect(created).toMatchObject({ start: when, end: when })
  })

  it.each([
    ['both', { date: '2026-11-05', dateTime: '2026-11-05T10:00:00Z' }],
    ['neither', { timeZone: 'Europe/Berlin' }],
    ['a day that does not exist', { date: '2026-02-30' }],
    ['a time without seconds', { dateTime: '2026-11-05T10' }],
    ['a time as the day', { date: '2026-11-05T10:00:00Z' }],
  ])('is refused with %s', async (_what, when) => {
    const { ada, transport } = start([])
    const error = await errorOf(ada.call('create_event', { ...DAY, summary: 'Egret', start: when }))
    expect(error.code).toBe('INVALID_INPUT')
    expect(transport.requests).toEqual([])
  })
})

describe('an id of the caller', () => {
  it.each(['a1b2c', '0123456789abcdefghijklmnopqrstuv', 'v'.repeat(1024)])('accepts %.40s', async (id) => {
    const { ada, transport } = start([{ json: { id, status: 'confirmed' } }])
    await ada.call('create_event', { ...DAY, id, summary: 'Egret' })
    expect(transport.requests[0]?.json).toMatchObject({ id })
  })

  it.each(['abcd', 'A1B2C', 'w1234', 'a-b-c', 'abcd\n', 'abcdé', 'v'.repeat(1025)])('refuses %.40j', async (id) => {
    const { ada } = start([])
    expect((await errorOf(ada.call('create_event', { ...DAY, id, summary: 'Egret' }))).code).toBe('INVALID_INPUT')
  })

  it('is in use if an earlier call arrived', async () => {
    const { ada, clock, transport } = start([{ status: 503, json: {} }, reason(409, 'duplicate')])
    const call = () => ada.call('create_event', { ...DAY, id: 'heron1', summary: 'Egret' })
    const lost = await errorOf(clock.until(call()))
    expect(lost).toMatchObject({ code: 'MCP_SERVER_ERROR', details: { outcome: 'unknown' } })
    expect(transport.requests).toHaveLength(1)
    expect(await errorOf(call())).toMatchObject({ details: { providerCode: 'duplicate', outcome: 'not_processed' } })
  })
})

describe('guests', () => {
  it.each(['create_event', 'update_event', 'delete_event'] as const)('get no e-mail from %s (S15)', async (tool) => {
    const { mcp, transport } = start([{ json: { id: 'e1', status: 'confirmed' }, status: 200 }])
    const input = {
      create_event: { ...DAY, summary: 'Egret' },
      update_event: { eventId: 'e1' },
      delete_event: { eventId: 'e1' },
    }
    await mcp
      .client('calendar', 'ada')
      .invoke(tool, input[tool])
      .catch(() => undefined)
    expect(new URL(transport.requests[0]?.url ?? '').searchParams.get('sendUpdates')).toBe('none')
  })

  it('get one if the caller asks for it', async () => {
    const { ada, transport } = start([{ status: 204 }])
    await ada.call('delete_event', { eventId: 'e1', sendUpdates: 'all' })
    expect(new URL(transport.requests[0]?.url ?? '').searchParams.get('sendUpdates')).toBe('all')
  })

  it('appear in the preview, with what they receive', () => {
    const { input, preview } = googleCalendar.tools['create_event'] ?? {}
    const attendees = [{ email: 'bo@marshes.example' }]
    const parsed = input?.safeParse({ ...DAY, summary: 'Egret', attendees, sendUpdates: 'all' })
    if (parsed?.success !== true) throw new Error('The input does not fit.')
    expect(preview?.(parsed.data as never, {} as never)).toBe(
      'Create "Egret" from 2026-11-05 to 2026-11-06 in the calendar primary with bo@marshes.example, and e-mail all guests.',
    )
  })
})

describe('a list of events', () => {
  const page = (id: string, nextPageToken?: string) => ({ json: { items: [{ id }], nextPageToken } })

  it('is one page unless the caller asks for more, and reports that there is more', async () => {
    const { ada, transport } = start([page('a', 'p2')])
    expect(await ada.call('list_events', {})).toEqual({ items: [{ id: 'a' }], complete: false })
    transport.verify()
  })

  it('follows a token after an empty page (S4)', async () => {
    const { ada } = start([{ json: { items: [], nextPageToken: 'p2' } }, page('b')])
    expect(await ada.call('list_events', {}, { maxPages: 5 })).toEqual({ items: [{ id: 'b' }], complete: true })
  })

  it('refuses an order by start of series that are not expanded', async () => {
    const { ada } = start([])
    const error = await errorOf(ada.call('list_events', { orderBy: 'startTime', singleEvents: false }))
    expect(error.code).toBe('INVALID_INPUT')
  })

  it('escapes the id of a calendar', async () => {
    const { ada, transport } = start([page('a')])
    await ada.call('list_events', { calendarId: 'a/../b?c#d@group.calendar.google.com' })
    expect(transport.requests[0]?.path).toBe(
      '/calendar/v3/calendars/a%2F..%2Fb%3Fc%23d%40group.calendar.google.com/events',
    )
  })
})

describe('an event that was deleted', () => {
  const gone = { json: { kind: 'calendar#event', id: 'e1', status: 'cancelled', etag: '"9"' } }

  it('is an error, although Google returns it with 200', async () => {
    const { ada } = start([gone])
    expect(await errorOf(ada.call('get_event', { eventId: 'e1' }))).toMatchObject({
      code: 'MCP_CLIENT_ERROR',
      details: { providerCode: 'cancelled', status: 200 },
    })
  })

  it('is returned by a list that asks for it', async () => {
    const { ada } = start([{ json: { items: [gone.json] } }])
    expect(await ada.call('list_events', { showDeleted: true })).toMatchObject({ items: [{ status: 'cancelled' }] })
  })

  it('is no cancelled occurrence, which is an event (S16)', async () => {
    const { ada } = start([{ json: { ...gone.json, recurringEventId: 'series' } }])
    expect(await ada.call('get_event', { eventId: 'e1' })).toMatchObject({ status: 'cancelled' })
  })
})

describe('limits', () => {
  it('retries a write that Google refused for its rate', async () => {
    const { ada, clock, transport } = start([reason(403, 'rateLimitExceeded'), { status: 204 }])
    expect(await clock.until(ada.call('delete_event', { eventId: 'e1' }))).toEqual({ deleted: true })
    transport.verify()
  })

  it('delays calls beyond the quota of a user', async () => {
    const script = Array.from({ length: 601 }, () => ({ json: { items: [] } }))
    const { ada, clock, transport } = start(script)
    const calls = script.map(() => ada.call('list_calendars', {}))
    // Calls of a burst start in turns of the event loop.
    await vi.waitFor(async () => {
      await clock.advance(0)
      expect(transport.requests).toHaveLength(600)
    })
    await clock.until(Promise.all(calls))
    transport.verify()
  })
})

describe('connecting', () => {
  it('verifies a token with the own calendar, and reads the account', async () => {
    const primary = { id: 'ada@marshes.example', summary: 'ada@marshes.example' }
    const transport = scriptedTransport([{ json: primary }])
    const connectors = { calendar: googleCalendar() }
    const mcp = createMcpClient({ connectors, vault: vault(), transport, clock: createFakeClock() })
    expect(await mcp.as('ada').calendar.connect({ token: TOKEN })).toEqual({
      status: 'connected',
      account: { id: 'ada@marshes.example', name: 'ada@marshes.example' },
    })
    expect(transport.requests).toMatchObject([
      { path: '/calendar/v3/users/me/calendarList/primary', headers: { authorization: `Bearer ${TOKEN}` } },
    ])
  })

  it('asks for the narrowest scopes of all tools', () => {
    const short = googleCalendar.profile.auth.flow?.scopes.map((scope) => scope.replace(/^.*\/auth\//, ''))
    expect(short).toEqual([
      'openid',
      'calendar.calendarlist.readonly',
      'calendar.calendars.readonly',
      'calendar.freebusy',
      'calendar.events',
    ])
  })
})

it('marks the words of guests and organizers, and what reaches them', async () => {
  const { ada } = start([])
  const tools = await ada.listTools()
  const marks = (name: string) => tools.find((each) => each.name === name)
  expect(marks('create_event')?.inputMarks).toEqual([
    { path: ['calendarId'], destination: 'channel' },
    { path: ['attendees'], destination: 'recipient' },
  ])
  const written = marks('list_events')?.outputMarks?.filter(({ untrusted }) => untrusted)
  expect(written?.map(({ path }) => path.join('.'))).toEqual([
    'items.*.summary',
    'items.*.description',
    'items.*.location',
    'items.*.creator.displayName',
    'items.*.organizer.displayName',
    'items.*.attendees.*.displayName',
    'items.*.attendees.*.comment',
  ])
})
