import { del, get, path, post, tool } from '@mcpclient/core/define'
import { fieldsOf, metricQuery, unixSeconds } from '@mcpclient/meta'
import * as z from 'zod'
import { configures, pageAt, readsInsights, readsPage } from '../requests.ts'
import { Done, Insight, Page, postId } from '../shapes.ts'
import type { Context } from '../shapes.ts'

const metric = z
  .array(z.string().regex(/^\w+$/))
  .min(1)
  .describe("Names of Meta's metrics, such as page_post_engagements. Meta removes and adds metrics often.")
const between = {
  since: unixSeconds.optional().describe('The first day: seconds since 1970.'),
  until: unixSeconds.optional().describe('The last day: seconds since 1970.'),
}
const Insights = z.object({ data: z.array(Insight) })

/** The page itself: its profile, its figures, and whether it sends events to the app. */
export const page = {
  get_page: tool({
    description: 'Get the name, the address and the followers of the page.',
    ...readsPage,
    input: z.object({}),
    output: Page,
    request: (_input, { settings }: Context) => get(path`${settings.pageId}`, fieldsOf(Page)),
  }),
  get_page_insights: tool({
    description: 'Get figures of the page by day, week or month.',
    ...readsInsights,
    input: z.object({
      metric,
      period: z.enum(['day', 'week', 'days_28', 'month', 'lifetime', 'total_over_range']).default('day'),
      ...between,
    }),
    output: Insights,
    request: (input, context: Context) => get(pageAt(context, 'insights'), metricQuery(input)),
    examples: [{ input: { metric: ['page_post_engagements', 'page_follows'], period: 'week' } }],
  }),
  get_post_insights: tool({
    description: 'Get figures of one post.',
    ...readsInsights,
    input: z.object({ post_id: postId, metric, period: z.enum(['day', 'lifetime']).default('lifetime') }),
    output: Insights,
    request: ({ post_id, ...input }) => get(path`${post_id}/insights`, metricQuery(input)),
  }),
  subscribe_app: tool({
    description: 'Have the page send changes to the webhook of this app.',
    ...configures,
    input: z.object({ subscribed_fields: z.array(z.string().min(1)).min(1).default(['feed']) }),
    output: Done,
    request: (fields, context: Context) => post(pageAt(context, 'subscribed_apps'), fields),
    preview: (input) => `Send changes of ${input.subscribed_fields.join(', ')} to the app.`,
    undo: () => ({ tool: 'unsubscribe_app', input: {} }),
    reconcile: 'Call it again.',
  }),
  unsubscribe_app: tool({
    description: 'Stop sending changes of the page to the webhook of this app.',
    ...configures,
    input: z.object({}),
    output: Done,
    request: (_input, context: Context) => del(pageAt(context, 'subscribed_apps')),
    preview: () => 'Stop sending changes of the page to the app.',
    undo: 'impossible',
    reconcile: 'Call it again.',
  }),
}
