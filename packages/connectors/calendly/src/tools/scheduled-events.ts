import { get, mark, path, post, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import {
  collectionOf,
  count,
  hasOwner,
  needsOwner,
  ownedBy,
  owners,
  pages,
  reference,
  resourceOf,
  time,
  uuidOf,
} from '../requests.ts'
import { Canceled, ScheduledEvent } from '../shapes.ts'

const event = reference('scheduled_events').describe('The uri of the event, as list_scheduled_events returns it.')
const one = z.object({ event })

export const scheduledEvents = {
  list_scheduled_events: tool({
    description: 'List booked events of a user or an organization, by their start.',
    effect: 'read',
    scopes: ['scheduled_events:read'],
    input: z
      .object({
        ...owners,
        invitee_email: z.email().optional().describe('Only those with this invitee.'),
        status: z.enum(['active', 'canceled']).optional(),
        min_start_time: time.optional().describe('Only those that start then or later.'),
        max_start_time: time.optional().describe('Only those that start before.'),
        sort: z.enum(['start_time:asc', 'start_time:desc']).optional(),
        count,
      })
      .refine(hasOwner, needsOwner),
    output: collectionOf(ScheduledEvent),
    request: (filter) => get('scheduled_events', ownedBy(filter)),
    pages,
  }),
  get_scheduled_event: tool({
    description: 'Get one booked event: its time, place, hosts and guests.',
    effect: 'read',
    scopes: ['scheduled_events:read'],
    input: one,
    output: resourceOf(ScheduledEvent),
    request: (input) => get(path`scheduled_events/${uuidOf(input.event)}`),
  }),
  cancel_event: tool({
    description: 'Cancel a booked event that has not begun. Calendly notifies the invitees.',
    effect: 'destroy',
    scopes: ['scheduled_events:write'],
    input: one.extend({
      reason: mark(z.string().max(10_000), { destination: 'recipient' }).optional().describe('The invitees read it.'),
    }),
    output: resourceOf(Canceled),
    request: ({ event: canceled, reason }) =>
      post(path`scheduled_events/${uuidOf(canceled)}/cancellation`, reason === undefined ? {} : { reason }),
    preview: (input) => `Cancel the event ${input.event}${input.reason === undefined ? '.' : `: ${input.reason}`}`,
    reconcile: 'Read status with get_scheduled_event.',
  }),
}
