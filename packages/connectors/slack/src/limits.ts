import type { Limit } from '@mcpclient/core/define'

const tier = (perMinute: number, tools: readonly string[]): Limit => ({
  scope: 'method',
  requests: perMinute,
  perMs: 60_000,
  tools,
})

/**
 * Slack's rate limit tiers, counted for each method, app and workspace. A tier is a floor ("20+ per minute"), so a full
 * minute's worth may come at once.
 *
 * chat.postMessage has no tier: about one message a second in each channel, which is finer than a connection. It is
 * learnt from Slack's 429 and its Retry-After instead. Apps that are distributed outside of Slack's Marketplace have
 * lower limits on history and replies, learnt in the same way.
 *
 * Source: https://docs.slack.dev/apis/web-api/rate-limits and the page of each method.
 */
export const limits: readonly Limit[] = [
  tier(20, ['list_channels', 'list_users', 'search_messages', 'remove_reaction']),
  tier(50, [
    'update_message',
    'delete_message',
    'schedule_message',
    'list_scheduled_messages',
    'delete_scheduled_message',
    'get_channel',
    'get_channel_history',
    'get_thread_replies',
    'join_channel',
    'open_conversation',
    'find_user_by_email',
    'add_reaction',
  ]),
  tier(100, ['list_channel_members', 'get_user', 'upload_file']),
]
