import { calendar_v3 } from '@googleapis/calendar'
import { createMcpClient, fetchTransport } from '@mcpclient/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { googleCalendar } from '../src/index.ts'
import { bodyOf, listen, readFixtures } from '@mcpclient/testkit'
import type { LoopbackServer } from '@mcpclient/testkit'

const fixtures = readFixtures(import.meta.dirname)
const TOKEN = 'ya29.recorded'

interface Seen {
  readonly method: string
  readonly path: string
  readonly query: readonly string[]
  readonly authorization: string | undefined
  readonly ifMatch: string | undefined
  readonly body: unknown
}

let seen: Seen[] = []
let response: { readonly status?: number; readonly json?: unknown } = {}
let server: LoopbackServer

beforeAll(async () => {
  server = await listen((request, reply) => {
    void bodyOf(request).then((body) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1')
      seen.push({
        method: request.method ?? '',
        path: pathname,
        query: [...searchParams].map(([name, value]) => `${name}=${value}`).toSorted(),
        authorization: request.headers.authorization,
        ifMatch: request.headers['if-match'],
        body: body === '' ? undefined : JSON.parse(body),
      })
      reply.writeHead(response.status ?? 200, { 'content-type': 'application/json' })
      reply.end(response.json === undefined ? undefined : JSON.stringify(response.json))
    })
  })
})

beforeEach(() => {
  seen = []
})

afterAll(() => server[Symbol.asyncDispose]())

/** The input of a fixture, as far as the calls below take it apart. */
interface Input {
  readonly calendarId?: string
  readonly calendars: readonly string[]
  readonly eventId: string
  readonly etag?: string
  readonly sendUpdates?: string
}
type Call = (sdk: calendar_v3.Calendar, input: Input) => Promise<unknown>

/** The same call by Google's own client. The defaults are those of the tools. */
const calls: Readonly<Record<string, Call>> = {
  list_calendars: (sdk, { calendars: _calendars, ...query }) => sdk.calendarList.list({ ...(query as object) }),
  get_calendar: (sdk, { calendarId = 'primary' }) => sdk.calendars.get({ calendarId }),
  query_free_busy: (sdk, { calendars, ...interval }) =>
    sdk.freebusy.query({ requestBody: { ...interval, items: calendars.map((id) => ({ id })) } }),
  list_events: (sdk, { calendarId = 'primary', ...query }) =>
    sdk.events.list({ maxResults: 250, singleEvents: true, ...query, calendarId }),
  get_event: (sdk, { calendarId = 'primary', ...query }) => sdk.events.get({ ...query, calendarId }),
  list_instances: (sdk, { calendarId = 'primary', ...query }) =>
    sdk.events.instances({ maxResults: 250, ...query, calendarId }),
  create_event: (sdk, { calendarId = 'primary', sendUpdates = 'none', ...requestBody }) =>
    sdk.events.insert({ calendarId, sendUpdates, requestBody }),
  update_event: (sdk, { calendarId = 'primary', eventId, etag, sendUpdates = 'none', ...requestBody }) =>
    sdk.events.patch({ calendarId, eventId, sendUpdates, requestBody: requestBody as object }, conditional(etag)),
  delete_event: (sdk, { calendarId = 'primary', eventId, etag, sendUpdates = 'none' }) =>
    sdk.events.delete({ calendarId, eventId, sendUpdates }, conditional(etag)),
}

const conditional = (etag: string | undefined) => (etag === undefined ? {} : { headers: { 'if-match': etag } })

/** The nulls that a patch needs to turn a time into a day and back, which no input has. */
const cleared = new Set(['date', 'dateTime', 'timeZone'])
const withoutCleared = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value ?? null, (key, each: unknown) => (each === null && cleared.has(key) ? undefined : each)),
  )

const succeeding = fixtures.filter((fixture) => 'output' in fixture)

describe("beside Google's own client", () => {
  it('compares every tool', () => {
    expect(new Set(succeeding.map(({ tool }) => tool))).toEqual(new Set(Object.keys(calls)))
  })

  it.each(succeeding.map((fixture) => [`${fixture.tool}: ${fixture.name}`, fixture] as const))(
    'sends the same request for %s',
    async (_name, { tool, input, responses }) => {
      response = responses[0] ?? {}
      const mcp = createMcpClient({
        connectors: { calendar: googleCalendar({ token: TOKEN, baseUrl: `${server.url}/calendar/v3/` }) },
        transport: fetchTransport(),
      })
      await mcp.client('calendar', 'ada').invoke(tool, input, { maxPages: 1 })
      await mcp.close()

      const headers = { authorization: `Bearer ${TOKEN}` }
      const sdk = new calendar_v3.Calendar({ rootUrl: `${server.url}/`, headers, retry: false })
      await calls[tool]?.(sdk, input as unknown as Input)

      const [ours, theirs] = seen
      expect(seen).toHaveLength(2)
      expect({ ...ours, body: withoutCleared(ours?.body) }).toEqual({ ...theirs, body: withoutCleared(theirs?.body) })
    },
  )
})
