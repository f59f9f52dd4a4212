import { createMcpClient, fetchTransport } from '@mcpclient/core'
import { errorOf } from '@mcpclient/testing'
import { createEmulator } from 'emulate'
import type { Emulator } from 'emulate'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { googleCalendar } from '../src/index.ts'

const TOKEN = 'ya29.emulated'

let emulator: Emulator
const opened: { close(): Promise<void> }[] = []

beforeAll(async () => {
  emulator = await createEmulator({
    service: 'google',
    port: 0,
    seed: {
      tokens: { [TOKEN]: { login: 'ada@marshes.example', scopes: [] } },
      google: {
        users: [{ email: 'ada@marshes.example', name: 'Ada Reed' }],
        calendars: [
          { id: 'primary', user_email: 'ada@marshes.example', summary: 'ada@marshes.example', primary: true },
          { id: 'marshes', user_email: 'ada@marshes.example', summary: 'Marshes', time_zone: 'America/New_York' },
        ],
      },
    },
  })
})

afterAll(async () => {
  for (const client of opened) await client.close()
  await emulator.close()
})

function start() {
  const connectors = { calendar: googleCalendar({ token: TOKEN, baseUrl: `${emulator.url}/calendar/v3/` }) }
  const mcp = createMcpClient({ connectors, transport: fetchTransport() })
  opened.push(mcp)
  return mcp.as('ada').calendar
}

describe('against an emulator of Google that keeps state', () => {
  it('lists calendars', async () => {
    const { items } = await start().call('list_calendars', {})
    expect(items.map(({ id }) => id).toSorted()).toEqual(['marshes', 'primary'])
  })

  it('creates an event, finds it, sees that it blocks time, and deletes it', async () => {
    const client = start()
    const times = { timeMin: '2026-11-02T00:00:00Z', timeMax: '2026-11-03T00:00:00Z' }
    const created = await client.call('create_event', {
      calendarId: 'marshes',
      summary: 'Egret watch',
      start: { dateTime: '2026-11-02T14:10:00-05:00' },
      end: { dateTime: '2026-11-02T15:10:00-05:00' },
    })
    const { items } = await client.call('list_events', { calendarId: 'marshes', q: 'egret', ...times })
    expect(items).toMatchObject([{ id: created.id, summary: 'Egret watch', status: 'confirmed' }])
    const { calendars } = await client.call('query_free_busy', { calendars: ['marshes'], ...times })
    expect(calendars['marshes']?.busy).toHaveLength(1)

    await client.call('delete_event', { calendarId: 'marshes', eventId: created.id })
    expect((await client.call('list_events', { calendarId: 'marshes', ...times })).items).toEqual([])
    const again = await errorOf(client.call('delete_event', { calendarId: 'marshes', eventId: created.id }))
    expect(again.details.providerCode).toBe('notFound')
  })

  it('reads pages until the token is absent', async () => {
    const client = start()
    for (const day of ['05', '06', '07']) {
      const whole = { start: { date: `2026-12-${day}` }, end: { date: `2026-12-${day}` } }
      await client.call('create_event', { calendarId: 'marshes', summary: `Count ${day}`, ...whole })
    }
    const query = { calendarId: 'marshes', q: 'count', maxResults: 1 }
    const found = await client.call('list_events', query, { maxPages: 10 })
    expect(new Set(found.items.map(({ summary }) => summary))).toEqual(new Set(['Count 05', 'Count 06', 'Count 07']))
    expect(found.complete).toBe(true)
  })

  it('reports an unknown calendar', async () => {
    const error = await errorOf(start().call('list_events', { calendarId: 'nowhere' }))
    expect(error).toMatchObject({ code: 'MCP_CLIENT_ERROR', details: { providerCode: 'notFound', status: 404 } })
  })
})
