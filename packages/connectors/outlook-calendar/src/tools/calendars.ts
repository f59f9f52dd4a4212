import { get, post, tool } from '@mcpclient/core/define'
import { odataPages } from '@mcpclient/microsoft'
import * as z from 'zod'
import { When } from '../inputs.ts'
import { calendarAt, reading } from '../requests.ts'
import { scopes } from '../scopes.ts'
import { Calendar, calendarId, Schedule, Suggestions, timeZone } from '../shapes.ts'

/** Graph returns at most 20 schedules of a query. */
const MAX_SCHEDULES = 20

const people = z.array(z.email())

/** Calendars and free times. */
export const calendars = {
  list_calendars: tool({
    description: 'List the calendars of the account, with their ids, names and owners.',
    effect: 'read',
    scopes: [scopes.read],
    input: z.object({ top: z.number().int().min(1).max(100).default(100).describe('Calendars in one page.') }),
    output: z.object({ value: z.array(Calendar) }),
    request: ({ top }) => get('me/calendars', { $top: top }),
    pages: odataPages(),
  }),
  get_calendar: tool({
    description: 'Get the name and the owner of one calendar.',
    effect: 'read',
    scopes: [scopes.read],
    input: z.object({ calendarId }),
    output: Calendar,
    request: ({ calendarId: id }) => get(calendarAt(id)),
  }),
  query_free_busy: tool({
    description: 'Return when accounts and rooms of the organization are busy, without the events.',
    effect: 'read',
    scopes: [scopes.freeBusy],
    input: z.object({
      schedules: people.min(1).max(MAX_SCHEDULES).describe('Addresses of users, rooms and lists.'),
      startTime: When,
      endTime: When,
      availabilityViewInterval: z.number().int().min(5).max(1440).default(30).describe('Minutes of one digit.'),
      timeZone,
    }),
    output: z.object({ value: z.array(Schedule) }),
    request: ({ timeZone: zone, ...query }) => post('me/calendar/getSchedule', query, reading({ timeZone: zone })),
  }),
  find_meeting_times: tool({
    description: 'Suggest times at which guests and a room are free. Works for work and school accounts.',
    effect: 'read',
    scopes: [scopes.shared],
    input: z.object({
      attendees: people.max(MAX_SCHEDULES).default([]).describe('Addresses of the guests. Default: only the account.'),
      from: When,
      to: When,
      minutes: z.number().int().min(1).max(1440).default(30).describe('Length of the meeting.'),
      maxCandidates: z.number().int().min(1).max(20).default(10),
      timeZone,
    }),
    output: Suggestions,
    request: ({ attendees, from, to, minutes, maxCandidates, timeZone: zone }) =>
      post(
        'me/findMeetingTimes',
        {
          attendees: attendees.map((address) => ({ type: 'required', emailAddress: { address } })),
          timeConstraint: { activityDomain: 'work', timeSlots: [{ start: from, end: to }] },
          meetingDuration: `PT${minutes}M`,
          maxCandidates,
          returnSuggestionReasons: true,
        },
        reading({ timeZone: zone }),
      ),
  }),
}
