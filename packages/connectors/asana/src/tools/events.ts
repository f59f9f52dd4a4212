import { get, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { gid, reads } from '../requests.ts'
import { Event } from '../shapes.ts'

/** A response without a valid token has no events, only a token and an error. */
const EMPTY = { data: [], has_more: false }

export const log = {
  get_events: tool({
    description:
      'Get what happened to a task or in a project since the last call. Without sync, it returns a token for the next call only.',
    ...reads(),
    input: z.object({
      resource: gid.describe('The gid of a task, a project or a goal.'),
      sync: z.string().min(1).optional().describe('The token of the previous call. It expires after 24 hours at most.'),
    }),
    output: z.preprocess(
      (body) => ({ ...EMPTY, ...(body as object) }),
      z.object({
        data: z.array(Event),
        sync: z.string().describe('Pass it to the next call.'),
        has_more: z.boolean().describe('Call it again at once if true.'),
        errors: z
          .array(z.object({ message: z.string() }))
          .optional()
          .describe('Present without a valid sync: events are missing, so read the resource in full.'),
      }),
    ),
    // Without a valid token, Asana responds with 412 and a new one.
    request: (input) => get('events', input, { accepts: [412] }),
  }),
}
