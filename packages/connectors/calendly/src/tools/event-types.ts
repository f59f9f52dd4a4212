import { get, path, post, tool } from '@mcpclient/core/define'
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
  uriOf,
  uuidOf,
} from '../requests.ts'
import { AvailableTime, EventType, Link } from '../shapes.ts'

const event_type = reference('event_types').describe('The uri of the event type, as list_event_types returns it.')
const one = z.object({ event_type })
const scopes = ['event_types:read']

export const eventTypes = {
  list_event_types: tool({
    description: 'List the kinds of meetings that can be booked with a user or in an organization.',
    effect: 'read',
    scopes,
    input: z
      .object({
        ...owners,
        active: z.boolean().optional().describe('Only those that are active, or only those that are not.'),
        count,
      })
      .refine(hasOwner, needsOwner),
    output: collectionOf(EventType),
    request: (filter) => get('event_types', ownedBy(filter)),
    pages,
  }),
  get_event_type: tool({
    description: 'Get one event type: its duration, description and questions.',
    effect: 'read',
    scopes,
    input: one,
    output: resourceOf(EventType),
    request: (input) => get(path`event_types/${uuidOf(input.event_type)}`),
  }),
  list_available_times: tool({
    description: 'List the times at which an event type can be booked, in a range of at most 7 days in the future.',
    effect: 'read',
    scopes,
    input: one.extend({ start_time: time, end_time: time }),
    output: collectionOf(AvailableTime),
    request: (input) =>
      get('event_type_available_times', { ...input, event_type: uriOf('event_types', input.event_type) }),
  }),
  create_scheduling_link: tool({
    description: 'Create a link with which an event type can be booked once.',
    effect: 'write',
    scopes: ['scheduling_links:write'],
    input: one,
    output: resourceOf(Link),
    request: (input) =>
      post('scheduling_links', {
        max_event_count: 1,
        owner: uriOf('event_types', input.event_type),
        owner_type: 'EventType',
      }),
    preview: (input) => `Create a link to book ${input.event_type} once.`,
    undo: 'impossible',
    reconcile: 'Create another one: an unused link changes nothing.',
    examples: [{ input: { event_type: 'https://api.calendly.com/event_types/GBGBDCAADAEDCRZ2' } }],
  }),
}
