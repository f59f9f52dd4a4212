import { del, get, offsetPages, path, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { Deleted, fromServer, personal, text, unixSeconds } from '../shapes.ts'

const list = z
  .enum(['bounces', 'blocks', 'spam_reports', 'invalid_emails', 'unsubscribes'])
  .describe('The list. unsubscribes are the global ones.')

/** Addresses to which SendGrid sends nothing any more. */
export const suppressions = {
  list_suppressions: tool({
    description:
      'List the addresses to which SendGrid sends nothing: after bounces, blocks, spam reports or unsubscribes.',
    effect: 'read',
    scopes: ['suppression.read'],
    input: z.object({
      list,
      email: z.string().optional().describe('Only addresses that start with it. For invalid_emails: exactly this one.'),
      start_time: unixSeconds.optional().describe('Only those added from then on: seconds since 1970.'),
      end_time: unixSeconds.optional().describe('Only those added until then: seconds since 1970.'),
      limit: z.number().int().min(1).max(500).default(500).describe('Addresses in one page.'),
    }),
    output: z.array(
      z.object({
        email: personal,
        created: z.number().describe('When it was added: seconds since 1970.'),
        reason: fromServer,
        status: text.describe('Status code of the bounce, such as 5.1.1.'),
        ip: text,
      }),
    ),
    request: ({ list: name, ...filter }) => get(`suppression/${name}`, filter),
    pages: offsetPages({ items: '', param: 'offset' }),
  }),
  delete_suppression: tool({
    description:
      'Remove an address from a suppression list, so that SendGrid sends to it again. Ask the recipient first.',
    effect: 'destroy',
    scopes: ['suppression.delete'],
    input: z.object({ list, email: z.email() }),
    output: Deleted,
    request: ({ list: name, email }) =>
      del(name === 'unsubscribes' ? path`asm/suppressions/global/${email}` : path`suppression/${name}/${email}`),
    preview: (input) => `Remove ${input.email} from the ${input.list.replace('_', ' ')}, and send to it again.`,
    reconcile: 'Check whether list_suppressions still has the address.',
  }),
}
