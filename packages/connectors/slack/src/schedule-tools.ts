import { tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { Done } from './answers.ts'
import { tier3 } from './limits.ts'
import { sending } from './message-tools.ts'
import { call, channelId, channelOr, pageSize, pagesOf, teamId } from './requests.ts'
import type { Context } from './settings.ts'

const unixSeconds = z.number().int().positive().max(9_999_999_999, 'Seconds since 1970, not milliseconds.')

export const scheduleMessage = tool({
  description:
    'Have Slack post a message later, at most 120 days ahead. Answers the scheduled_message_id that ' +
    'delete_scheduled_message asks for.',
  effect: 'write',
  limit: tier3,
  scopes: ['chat:write'],
  input: z.object({ ...sending, post_at: unixSeconds.describe('When to post it: seconds since 1970 (Unix time).') }),
  output: z.object({ channel: z.string(), scheduled_message_id: z.string(), post_at: z.number() }),
  request: ({ channel, ...message }, { settings }: Context) =>
    call('chat.scheduleMessage', { channel: channelOr(settings.defaultChannel, channel), ...message }),
  reconcile: 'Look for it with list_scheduled_messages before you schedule it again.',
})

const ScheduledMessage = z.object({
  // A number in Slack's documentation, a text in its answers.
  id: z.preprocess((id) => (typeof id === 'number' ? String(id) : id), z.string()),
  channel_id: z.string(),
  post_at: z.number(),
  date_created: z.number(),
  text: z.string(),
})

export const listScheduledMessages = tool({
  description: 'List the messages that this app has scheduled and Slack has not posted yet.',
  effect: 'read',
  limit: tier3,
  input: z.object({
    channel: channelId.optional(),
    oldest: unixSeconds.optional().describe('Only those to be posted from then on: seconds since 1970.'),
    latest: unixSeconds.optional().describe('Only those to be posted until then: seconds since 1970.'),
    limit: pageSize('Messages'),
    team_id: teamId,
  }),
  output: z.object({ scheduled_messages: z.array(ScheduledMessage) }),
  request: (filter) => call('chat.scheduledMessages.list', filter),
  pages: pagesOf('scheduled_messages'),
})

export const deleteScheduledMessage = tool({
  description: 'Cancel a message that this app has scheduled, before Slack posts it.',
  effect: 'destroy',
  limit: tier3,
  scopes: ['chat:write'],
  input: z.object({ channel: channelId, scheduled_message_id: z.string().min(1) }),
  output: Done,
  request: (message) => call('chat.deleteScheduledMessage', message),
  reconcile: 'Look whether list_scheduled_messages still has it.',
})
