import { compareWithSdk, succeedingCases } from '@mcpclient/testkit'
import type { SdkCalls } from '@mcpclient/testkit'
import { Client } from '@microsoft/microsoft-graph-client'
import { describe, expect, it } from 'vitest'
import { outlookCalendar } from '../src/index.ts'

const TOKEN = 'eyJ0.recorded'

/** The input of a fixture, as far as the calls below take it apart. */
interface Input {
  readonly calendarId?: string
  readonly eventId: string
  readonly etag?: string
  readonly timeZone?: string
  readonly startDateTime: string
  readonly endDateTime: string
  readonly orderBy?: string
  readonly top?: number
  readonly response: string
  readonly attendees?: readonly string[]
  readonly from: object
  readonly to: object
  readonly minutes?: number
  readonly maxCandidates?: number
}

const calendarAt = (id: string | undefined): string => (id === undefined ? '/me/calendar' : `/me/calendars/${id}`)
const conditional = (request: ReturnType<Client['api']>, etag: string | undefined) =>
  etag === undefined ? request : request.header('If-Match', etag)

/** The same call by Microsoft's own client. The defaults are those of the tools. */
const calls: SdkCalls<Client, Input> = {
  list_calendars: (sdk, { top = 100 }) => sdk.api('/me/calendars').top(top).get(),
  get_calendar: (sdk, { calendarId }) => sdk.api(calendarAt(calendarId)).get(),
  query_free_busy: (sdk, { timeZone: _timeZone, ...query }) => sdk.api('/me/calendar/getSchedule').post(query),
  find_meeting_times: (sdk, { attendees = [], from, to, minutes = 30, maxCandidates = 10 }) =>
    sdk.api('/me/findMeetingTimes').post({
      attendees: attendees.map((address) => ({ type: 'required', emailAddress: { address } })),
      timeConstraint: { activityDomain: 'work', timeSlots: [{ start: from, end: to }] },
      meetingDuration: `PT${minutes}M`,
      maxCandidates,
      returnSuggestionReasons: true,
    }),
  list_events(sdk, { calendarId, startDateTime, endDateTime, orderBy, top = 100 }) {
    const request = sdk
      .api(`${calendarAt(calendarId)}/calendarView`)
      .query({ startDateTime, endDateTime })
      .top(top)
    return (orderBy === undefined ? request : request.orderby(orderBy)).get()
  },
  get_event: (sdk, { eventId }) => sdk.api(`/me/events/${eventId}`).get(),
  list_instances: (sdk, { eventId, startDateTime, endDateTime, top = 100 }) =>
    sdk.api(`/me/events/${eventId}/instances`).query({ startDateTime, endDateTime }).top(top).get(),
  create_event: (sdk, { calendarId, ...event }) =>
    sdk.api(`${calendarAt(calendarId)}/events`).post(withDefaults(event)),
  update_event: (sdk, { eventId, etag, ...changes }) =>
    conditional(sdk.api(`/me/events/${eventId}`), etag).patch(changes),
  delete_event: (sdk, { eventId, etag }) => conditional(sdk.api(`/me/events/${eventId}`), etag).delete(),
  respond_to_event: (sdk, { eventId, response: name, ...message }) =>
    sdk.api(`/me/events/${eventId}/${name}`).post({ sendResponse: true, ...message }),
}

/** Returns an event with the kind of attendees that the tool assumes. */
const withDefaults = ({ attendees, ...event }: Partial<Input>): object =>
  attendees === undefined
    ? event
    : { ...event, attendees: attendees.map((attendee) => ({ type: 'required', ...(attendee as unknown as object) })) }

const cases = succeedingCases<Input>(import.meta.dirname)

describe("beside Microsoft's own client", () => {
  it('compares every tool', () => {
    expect(new Set(cases.map(([, { tool }]) => tool))).toEqual(new Set(Object.keys(calls)))
    expect(Object.keys(calls).toSorted()).toEqual(Object.keys(outlookCalendar.tools).toSorted())
  })

  it.each(cases)('sends the same request for %s', async (_name, fixture) => {
    const { ours, theirs } = await compareWithSdk(fixture, {
      connector: ({ url }) => outlookCalendar({ token: TOKEN, baseUrl: `${url}/v1.0/` }),
      sdk: ({ url }) => {
        const sdk = Client.init({
          baseUrl: url,
          // It sends its own token over https only.
          authProvider: (done) => done(null, TOKEN),
          fetchOptions: { headers: { authorization: `Bearer ${TOKEN}` } },
        })
        return calls[fixture.tool]?.(sdk, fixture.input)
      },
      headers: ['authorization', 'if-match'],
    })
    expect(ours).toEqual(theirs)
  })
})
