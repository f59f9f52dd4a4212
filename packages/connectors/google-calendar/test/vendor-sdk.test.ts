import { calendar_v3 } from '@googleapis/calendar'
import { describe, expect, it } from 'vitest'
import { googleCalendar } from '../src/index.ts'
import { compareWithSdk, succeedingCases } from '@mcpclient/testkit'
import type { RequestRecord, SdkCalls } from '@mcpclient/testkit'

const TOKEN = 'ya29.recorded'

/** The input of a fixture, as far as the calls below take it apart. */
interface Input {
  readonly calendarId?: string
  readonly calendars: readonly string[]
  readonly eventId: string
  readonly etag?: string
  readonly sendUpdates?: string
}

/** The same call by Google's own client. The defaults are those of the tools. */
const calls: SdkCalls<calendar_v3.Calendar, Input> = {
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
const comparable = (request: RequestRecord) => ({ ...request, body: withoutCleared(request.body) })

const cases = succeedingCases<Input>(import.meta.dirname)

describe("beside Google's own client", () => {
  it('compares every tool', () => {
    expect(new Set(cases.map(([, { tool }]) => tool))).toEqual(new Set(Object.keys(calls)))
  })

  it.each(cases)('sends the same request for %s', async (_name, fixture) => {
    const { ours, theirs } = await compareWithSdk(fixture, {
      connector: ({ url }) => googleCalendar({ token: TOKEN, baseUrl: `${url}/calendar/v3/` }),
      sdk: ({ url }) => {
        const headers = { authorization: `Bearer ${TOKEN}` }
        return calls[fixture.tool]?.(
          new calendar_v3.Calendar({ rootUrl: `${url}/`, headers, retry: false }),
          fixture.input,
        )
      },
      headers: ['authorization', 'if-match'],
    })
    expect(ours.map(comparable)).toEqual(theirs.map(comparable))
  })
})
