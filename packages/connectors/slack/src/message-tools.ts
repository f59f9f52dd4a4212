import { tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { maybe } from './answers.ts'
import { tier3 } from './limits.ts'
import { call, channelId, channelOr, timestamp } from './requests.ts'
import type { Context } from './settings.ts'

export const content = {
  text: z
    .string()
    .min(1)
    // Slack cuts off what is longer, and says so only in a warning.
    .max(40_000)
    .describe(
      "The message, in Slack's mrkdwn: *bold*, _italic_, ~struck~, `code`, <https://example.com|link>, <@U024BE7LH> for a " +
        'mention. With blocks: what notifications and screen readers show instead.',
    ),
  blocks: z
    .array(z.looseObject({ type: z.string() }))
    .max(50)
    .optional()
    .describe('Block Kit blocks, where text alone is not enough.'),
}

export const sending = {
  channel: channelId
    .optional()
    .describe('Id of a channel, or of a user for a direct message. Absent: the default channel.'),
  ...content,
  thread_ts: timestamp.optional().describe('ts of the message to reply to; the first of its thread.'),
  reply_broadcast: z.boolean().optional().describe('Show a reply in the channel as well as in its thread.'),
  unfurl_links: z.boolean().optional().describe('Whether links get a preview.'),
}

export const sendMessage = tool({
  description:
    'Post a message to a Slack channel, a direct message or a thread, at once. The app must be in the channel. ' +
    'Answers the ts that update_message, delete_message and replies ask for.',
  effect: 'write',
  scopes: ['chat:write'],
  input: z.object(sending),
  output: z.object({ channel: z.string(), ts: z.string() }),
  request: ({ channel, ...message }, { settings }: Context) =>
    call('chat.postMessage', { channel: channelOr(settings.defaultChannel, channel), ...message }),
  reconcile: 'Look for the text with get_channel_history (a reply: get_thread_replies) before you send it again.',
  examples: [
    { input: { channel: 'C024BE91L', text: 'The build is green.' } },
    { input: { channel: 'C024BE91L', text: 'Fixed.', thread_ts: '1503435956.000247' }, note: 'a reply in a thread' },
  ],
})

export const updateMessage = tool({
  description: 'Replace the text of a message that this app has sent. It shows as edited; nobody is notified.',
  effect: 'write',
  limit: tier3,
  // The whole text is replaced, so the second time changes nothing.
  idempotent: true,
  scopes: ['chat:write'],
  input: z.object({ channel: channelId, ts: timestamp, ...content }),
  output: z.object({ channel: z.string(), ts: z.string(), text: maybe(z.string()) }),
  request: (message) => call('chat.update', message),
})

export const deleteMessage = tool({
  description: 'Delete a message that this app has sent, for everybody and for good.',
  effect: 'destroy',
  limit: tier3,
  scopes: ['chat:write'],
  input: z.object({ channel: channelId, ts: timestamp }),
  output: z.object({ channel: z.string(), ts: z.string() }),
  request: (message) => call('chat.delete', message),
  reconcile: 'Call it again: message_not_found means that it was deleted.',
})
