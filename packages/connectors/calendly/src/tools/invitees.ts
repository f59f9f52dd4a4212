import { del, get, path, post, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { collectionOf, count, inviteePath, inviteeUri, pages, reference, resourceOf, uuidOf } from '../requests.ts'
import { Deleted, Invitee, NoShow } from '../shapes.ts'

const one = z.object({ invitee: inviteeUri })

export const invitees = {
  list_invitees: tool({
    description: 'List the invitees of a booked event, with their replies to the questions.',
    effect: 'read',
    scopes: ['scheduled_events:read'],
    input: z.object({
      event: reference('scheduled_events').describe('The uri of the event, as list_scheduled_events returns it.'),
      status: z.enum(['active', 'canceled']).optional(),
      email: z.email().optional().describe('Only the one with this address.'),
      sort: z.enum(['created_at:asc', 'created_at:desc']).optional(),
      count,
    }),
    output: collectionOf(Invitee),
    request: ({ event, ...filter }) => get(path`scheduled_events/${uuidOf(event)}/invitees`, filter),
    pages,
  }),
  get_invitee: tool({
    description: 'Get one invitee of a booked event.',
    effect: 'read',
    scopes: ['scheduled_events:read'],
    input: one,
    output: resourceOf(Invitee),
    request: (input) => get(inviteePath(input.invitee)),
  }),
  mark_no_show: tool({
    description: 'Mark an invitee as one who did not come.',
    effect: 'write',
    scopes: ['scheduled_events:write'],
    input: one,
    output: resourceOf(NoShow),
    request: (input) => post('invitee_no_shows', { invitee: input.invitee }),
    preview: (input) => `Mark the invitee ${input.invitee} as a no-show.`,
    undo: ({ output }) => ({ tool: 'unmark_no_show', input: { no_show: output.uri } }),
    reconcile: 'Read no_show with get_invitee.',
  }),
  unmark_no_show: tool({
    description: 'Remove the mark of an invitee who did not come.',
    effect: 'write',
    scopes: ['scheduled_events:write'],
    input: z.object({ no_show: reference('invitee_no_shows').describe('The uri in no_show of get_invitee.') }),
    output: Deleted,
    request: (input) => del(path`invitee_no_shows/${uuidOf(input.no_show)}`),
    preview: (input) => `Remove the no-show ${input.no_show}.`,
    reconcile: 'Read no_show with get_invitee.',
  }),
}
