import { createMcpClient } from '@mcpclient/core'
import { errorOf, scriptedTransport } from '@mcpclient/testing'
import type { ScriptedReply } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { calendly } from '../src/index.ts'

function start(script: readonly ScriptedReply[]) {
  const transport = scriptedTransport(script)
  const mcp = createMcpClient({
    connectors: { calendly: calendly({ token: 'canary' }) },
    transport,
    retry: { attempts: 1 },
  })
  return { ada: mcp.as('ada').calendly, client: mcp.client('calendly', 'ada'), transport }
}
const HOST = 'https://api.calendly.com'

describe('an id', () => {
  it.each([
    ['get_event_type', 'a URI of another host', { event_type: 'https://evil.example/event_types/AAAA' }],
    [
      'get_event_type',
      'a host that begins alike',
      { event_type: 'https://api.calendly.com.evil.example/event_types/AAAA' },
    ],
    ['get_event_type', 'a URI of another collection', { event_type: `${HOST}/users/AAAA` }],
    ['get_event_type', 'a path', { event_type: '../users/me' }],
    ['get_event_type', 'a URI with a query', { event_type: `${HOST}/event_types/AAAA?x=1` }],
    ['get_event_type', 'an empty string', { event_type: '' }],
    ['get_invitee', 'a UUID, which does not name its event', { invitee: '7c1dbe46' }],
    ['get_invitee', 'a path through another resource', { invitee: `${HOST}/scheduled_events/../users/invitees/me` }],
    ['list_event_types', 'no owner', {}],
    ['list_scheduled_events', 'no owner', { status: 'active' }],
    ['list_scheduled_events', 'a date without a time', { user: 'A', min_start_time: '2026-11-05' }],
    ['list_invitees', 'a page of 101', { event: 'A', count: 101 }],
  ])('is refused by %s if it is %s', async (tool, _what, input) => {
    const { client, transport } = start([])
    expect((await errorOf(client.invoke(tool, input))).code).toBe('INVALID_INPUT')
    expect(transport.requests).toEqual([])
  })

  it('is sent as a URI in a query, and as a UUID in a path', async () => {
    const { ada, transport } = start([
      { json: { collection: [], pagination: {} } },
      { json: { collection: [], pagination: {} } },
    ])
    await ada.call('list_scheduled_events', { user: 'AAAA', organization: `${HOST}/organizations/BBBB` })
    await ada.call('list_invitees', { event: `${HOST}/scheduled_events/CCCC` })
    expect(transport.requests.map(({ path, query }) => [path, query?.['user'], query?.['organization']])).toEqual([
      ['/scheduled_events', `${HOST}/users/AAAA`, `${HOST}/organizations/BBBB`],
      ['/scheduled_events/CCCC/invitees', undefined, undefined],
    ])
  })
})

it('sends times in UTC', async () => {
  const { ada, transport } = start([{ json: { collection: [] } }])
  const range = { start_time: '2026-11-05T08:00:00+02:00', end_time: '2026-11-06T00:00:00Z' }
  await ada.call('list_busy_times', { user: 'AAAA', ...range })
  expect(transport.requests[0]?.query).toMatchObject({
    start_time: '2026-11-05T06:00:00.000Z',
    end_time: '2026-11-06T00:00:00Z',
  })
})

describe('an error', () => {
  it('has a message of Calendly, and advice by status', async () => {
    const json = { title: 'Permission Denied', message: 'Event is already canceled' }
    const error = await errorOf(start([{ status: 403, json }]).ada.call('cancel_event', { event: 'AAAA' }))
    expect(error.message).toContain('Event is already canceled')
    expect(error).toMatchObject({ code: 'MCP_CLIENT_ERROR', details: { outcome: 'not_processed' } })
    expect(error.advice).toContain('scopes')
  })

  it('counts the seconds until the limit is reset', async () => {
    const limited = {
      status: 429,
      headers: { 'x-ratelimit-limit': '50', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '42' },
    }
    const error = await errorOf(
      start([{ ...limited, json: { title: 'Too Many Requests', message: 'Slow down.' } }]).ada.call(
        'get_current_user',
        {},
      ),
    )
    expect(error).toMatchObject({ code: 'MCP_RATE_LIMIT_EXCEEDED', details: { retryAfterMs: 42_000 } })
  })
})
