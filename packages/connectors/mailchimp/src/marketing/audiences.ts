import { get, offsetPages, path, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { Audience, list_id, paging, text } from './shapes.ts'

export const audiences = {
  ping: tool({
    description: 'Return whether Mailchimp is up and accepts the credential.',
    effect: 'read',
    input: z.object({}),
    output: z.object({ health_status: z.string() }),
    request: () => get('ping'),
  }),
  list_audiences: tool({
    description: 'List the audiences of the account, which Mailchimp also calls lists.',
    effect: 'read',
    input: z.object({
      email: z.email().optional().describe('Only audiences with this address.'),
      sort_field: z.enum(['date_created']).optional(),
      sort_dir: z.enum(['ASC', 'DESC']).optional(),
      ...paging,
    }),
    output: z.object({ lists: z.array(Audience) }),
    request: (input) => get('lists', input),
    pages: offsetPages({ items: 'lists', param: 'offset', total: 'total_items' }),
  }),
  get_audience: tool({
    description: 'Get one audience with its statistics.',
    effect: 'read',
    input: z.object({ list_id }),
    output: Audience.extend({ permission_reminder: text }),
    request: (input) => get(path`lists/${input.list_id}`),
  }),
}
