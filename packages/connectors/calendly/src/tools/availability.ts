import { get, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { collectionOf, reference, time, uriOf } from '../requests.ts'
import { AvailabilitySchedule, BusyTime } from '../shapes.ts'

const user = reference('users').describe('The uri of the user, as get_current_user returns it.')
const scopes = ['availability:read']

export const availability = {
  list_busy_times: tool({
    description:
      'List the times at which a user is busy, in Calendly and in connected calendars, in a range of at most 7 days.',
    effect: 'read',
    scopes,
    input: z.object({ user, start_time: time, end_time: time }),
    output: collectionOf(BusyTime),
    request: (input) => get('user_busy_times', { ...input, user: uriOf('users', input.user) }),
  }),
  list_availability_schedules: tool({
    description: 'List the working hours of a user, as weekdays and dates.',
    effect: 'read',
    scopes,
    input: z.object({ user }),
    output: collectionOf(AvailabilitySchedule),
    request: (input) => get('user_availability_schedules', { user: uriOf('users', input.user) }),
  }),
}
