import { get, tool } from '@mcpclient/core/define'
import * as z from 'zod'

const Day = z.object({
  date: z.string(),
  stats: z.array(z.object({ metrics: z.record(z.string(), z.number()) })),
})

export const account = {
  list_scopes: tool({
    description: 'List what this API key may do, such as mail.send.',
    effect: 'read',
    input: z.object({}),
    output: z.object({ scopes: z.array(z.string()) }),
    request: () => get('scopes'),
  }),
  get_stats: tool({
    description:
      'Get how many e-mails were sent, delivered, opened, clicked, bounced and reported as spam, by day, week or month.',
    effect: 'read',
    scopes: ['stats.read'],
    input: z.object({
      start_date: z.iso.date().describe('First day, such as 2026-11-01.'),
      end_date: z.iso.date().optional().describe('Last day. Default: today.'),
      aggregated_by: z.enum(['day', 'week', 'month']).default('day'),
    }),
    output: z.array(Day),
    request: (input) => get('stats', input),
  }),
}
