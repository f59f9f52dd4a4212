import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { calendar, auth } from '@googleapis/calendar'
import type { calendar_v3 } from '@googleapis/calendar'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { account, meeting, series } from './account.ts'
import type { Account } from './account.ts'

let current: Account
let google: calendar_v3.Calendar

const server = createServer((incoming, outgoing) => {
  void (async () => {
    const response = await current.google.handle(await requestOf(incoming))
    outgoing.writeHead(response.status, Object.fromEntries(response.headers))
    outgoing.end(await response.text())
  })()
})

async function requestOf(incoming: IncomingMessage): Promise<Request> {
  const chunks: Uint8Array[] = []
  for await (const chunk of incoming) chunks.push(chunk as Uint8Array)
  const body = Buffer.concat(chunks)
  return new Request(`http://127.0.0.1${incoming.url ?? ''}`, {
    method: incoming.method ?? 'GET',
    headers: Object.entries(incoming.headers).flatMap(([name, value]) => [[name, String(value)] as [string, string]]),
    ...(body.length > 0 && { body }),
  })
}

beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const client = new auth.OAuth2()
  client.setCredentials({ access_token: 'secret' })
  google = calendar({ version: 'v3', auth: client, rootUrl: `http://127.0.0.1:${port}/`, retry: false })
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})
beforeEach(() => {
  current = account()
})

const calendarId = 'primary'
/** Returns a meeting as the client's types want it. */
function body(day: number, id: string | null = null): calendar_v3.Schema$Event {
  const { summary = null, start, end } = meeting(day)
  return { id, summary, start: { dateTime: start?.dateTime ?? null }, end: { dateTime: end?.dateTime ?? null } }
}

describe("Google's own client", () => {
  it('writes and reads events', async () => {
    const { data } = await google.events.insert({ calendarId, requestBody: body(5, 'event1') })
    expect(data).toMatchObject({ id: 'event1', summary: 'Meeting 5', status: 'confirmed' })
    await google.events.patch({ calendarId, eventId: 'event1', requestBody: { summary: 'New' } })
    expect((await google.events.get({ calendarId, eventId: 'event1' })).data.summary).toBe('New')
    await google.events.update({ calendarId, eventId: 'event1', requestBody: body(6) })
    expect(current.google.events()).toMatchObject([{ id: 'event1', summary: 'Meeting 6' }])
    expect((await google.events.delete({ calendarId, eventId: 'event1' })).status).toBe(204)
    expect(current.google.events()).toEqual([])
  })

  it('lists pages, changes and occurrences', async () => {
    for (const day of [5, 6, 7]) await current.google.insert(meeting(day, { id: `event${day}` }))
    const first = (await google.events.list({ calendarId, maxResults: 2 })).data
    const pageToken = first.nextPageToken ?? ''
    const last = (await google.events.list({ calendarId, maxResults: 2, pageToken })).data
    expect([...(first.items ?? []), ...(last.items ?? [])].map(({ id }) => id)).toEqual(['event5', 'event6', 'event7'])
    await current.google.remove('event6')
    const syncToken = last.nextSyncToken ?? ''
    const changes = (await google.events.list({ calendarId, syncToken })).data
    expect(changes.items).toMatchObject([{ id: 'event6', status: 'cancelled' }])
    await current.google.insert(series())
    expect((await google.events.instances({ calendarId, eventId: 'series' })).data.items).toHaveLength(4)
  })

  it('watches and stops', async () => {
    const requestBody = { id: 'channel', type: 'web_hook', address: 'https://app.example/' }
    const { data } = await google.events.watch({ calendarId, requestBody })
    expect(current.google.channels()).toMatchObject([{ id: 'channel', resourceId: data.resourceId }])
    await google.channels.stop({ requestBody: { id: 'channel', resourceId: data.resourceId ?? '' } })
    expect(current.google.channels()).toEqual([])
  })

  it('queries calendars and free times', async () => {
    await current.google.insert(meeting(5))
    expect((await google.calendarList.list()).data.items).toMatchObject([{ primary: true }])
    const window = { timeMin: '2026-01-05T00:00:00Z', timeMax: '2026-01-06T00:00:00Z' }
    const { data } = await google.freebusy.query({ requestBody: { ...window, items: [{ id: calendarId }] } })
    expect(data.calendars?.[calendarId]?.busy).toHaveLength(1)
  })

  it('recognizes failures', async () => {
    await expect(google.events.list({ calendarId, syncToken: 'unknown' })).rejects.toMatchObject({
      status: 410,
      message: 'Sync token is no longer valid, a full sync is required.',
      response: { data: { error: { errors: [{ reason: 'fullSyncRequired' }] } } },
    })
    current.google.failNext({ reason: 'rateLimitExceeded' })
    await expect(google.events.get({ calendarId, eventId: 'event1' })).rejects.toMatchObject({ status: 403 })
  })
})
