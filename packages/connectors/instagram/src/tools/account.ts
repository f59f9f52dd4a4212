import { del, get, nullable, path, post, tool } from '@mcpclient/core/define'
import { fieldsOf, metricQuery, unixSeconds } from '@mcpclient/meta'
import * as z from 'zod'
import { accountAt, configures, reads, readsContainers, readsInsights } from '../requests.ts'
import { Account, Done, Insight, mediaId } from '../shapes.ts'
import type { Context } from '../shapes.ts'

const metric = z
  .array(z.string().regex(/^\w+$/))
  .min(1)
  .describe("Names of Meta's metrics, such as reach or views. Meta removes and adds metrics often.")
const Insights = z.object({ data: z.array(Insight) })
const Quota = z.object({
  quota_usage: z.number().describe('Media published in the last 24 hours.'),
  config: nullable(z.object({ quota_total: z.number(), quota_duration: z.number().describe('Seconds.') })),
})

/** The account itself: its profile, its figures, its limit, and whether it sends events to the app. */
export const account = {
  get_account: tool({
    description: 'Get the names, the type and the counts of the account.',
    ...reads,
    input: z.object({}),
    output: Account,
    request: (_input, { settings }: Context) => get(path`${settings.userId}`, fieldsOf(Account)),
  }),
  get_publishing_limit: tool({
    description: 'Get how many media were published through the API in the last 24 hours, and how many may be.',
    ...readsContainers,
    input: z.object({ since: unixSeconds.optional().describe('Counts from then on: seconds since 1970.') }),
    output: z.object({ data: z.array(Quota) }),
    request: (input, context: Context) =>
      get(accountAt(context, 'content_publishing_limit'), { fields: 'quota_usage,config', ...input }),
  }),
  get_account_insights: tool({
    description: 'Get figures of the account, such as reach and views.',
    ...readsInsights,
    input: z.object({
      metric,
      period: z.enum(['day', 'week', 'days_28', 'month', 'lifetime', 'total_over_range']).default('day'),
      metric_type: z.enum(['time_series', 'total_value']).optional().describe('Values by day, or one total.'),
      breakdown: z.string().regex(/^\w+$/).optional().describe('Such as media_product_type, country or age.'),
      timeframe: z.enum(['this_week', 'this_month']).optional().describe('For metrics about followers.'),
      since: unixSeconds.optional().describe('The first day: seconds since 1970.'),
      until: unixSeconds.optional().describe('The last day: seconds since 1970.'),
    }),
    output: Insights,
    request: (input, context: Context) => get(accountAt(context, 'insights'), metricQuery(input)),
    examples: [{ input: { metric: ['reach', 'views'], metric_type: 'total_value' } }],
  }),
  get_media_insights: tool({
    description: 'Get figures of one photo, video or album.',
    ...readsInsights,
    input: z.object({ media_id: mediaId, metric }),
    output: Insights,
    request: ({ media_id, ...input }) => get(path`${media_id}/insights`, metricQuery(input)),
  }),
  subscribe_app: tool({
    description: 'Have the account send events to the webhook of this app.',
    ...configures,
    input: z.object({
      subscribed_fields: z
        .array(z.enum(['comments', 'mentions']))
        .min(1)
        .default(['comments']),
    }),
    output: Done,
    request: ({ subscribed_fields }, context: Context) =>
      post(accountAt(context, 'subscribed_apps'), undefined, {
        query: { subscribed_fields: subscribed_fields.join(',') },
      }),
    preview: (input) => `Send ${input.subscribed_fields.join(' and ')} to the app.`,
    undo: () => ({ tool: 'unsubscribe_app', input: {} }),
    reconcile: 'Call it again.',
  }),
  unsubscribe_app: tool({
    description: 'Stop sending events of the account to the webhook of this app.',
    ...configures,
    input: z.object({}),
    output: Done,
    request: (_input, context: Context) => del(accountAt(context, 'subscribed_apps')),
    preview: () => 'Stop sending events of the account to the app.',
    undo: 'impossible',
    reconcile: 'Call it again.',
  }),
}
